import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { booleanOr, optionError, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import { patience, secretStatement } from "./duckdb/secret.ts";
import type { Lake, Options, System } from "./roles.ts";
import { bucketOption, endpointOption, given, opendal, prefixOption, secretOption, within } from "./storage-options.ts";

export interface S3Options {
  readonly bucket: string;
  /** A folder in the bucket. @default the whole bucket */
  readonly prefix?: string;
  /** @default "us-east-1" */
  readonly region?: string;
  /** The address of a store that speaks S3's protocol: MinIO, Ceph, Cloudflare R2. @default AWS */
  readonly endpoint?: string | SecretReference;
  /** The access key's id, by reference. @default the machine's own role or settings, as AWS's libraries find them */
  readonly accessKey?: SecretReference;
  /** The access key's secret, by reference. */
  readonly secretKey?: SecretReference;
  /** The token of temporary keys, by reference. */
  readonly sessionToken?: SecretReference;
  /** Name the bucket in the path instead of in the host. @default true with an endpoint, else false */
  readonly pathStyle?: boolean;
  /**
   * Encrypt new objects with this key of AWS KMS (SSE-KMS): its id or ARN.
   * @default the bucket's own setting, which on AWS is at least SSE-S3
   */
  readonly kmsKey?: string;
}

/**
 * The lake in Amazon S3, or in a store that speaks its protocol. DuckDB, Spark (s3a) and the catalog (opendal, which must be installed
 * beside millwright) read and write it.
 *
 * @example
 * environment({ lake: s3({ bucket: "flights", prefix: "lake", region: "eu-central-1",
 *   accessKey: env("LAKE_ACCESS_KEY"), secretKey: env("LAKE_SECRET_KEY") }) })
 */
export function s3(options: S3Options): BindingNode {
  return binding("s3", options);
}

export const system: System = {
  name: "s3",
  title: "Amazon S3",
  peers: [opendal],
  roles: { lake: connect },
};

async function connect(options: Options): Promise<Lake> {
  const bucket = bucketOption("s3", options, "bucket");
  const prefix = prefixOption("s3", options);
  const region = textOr("s3", options, "region", "us-east-1");
  const endpoint = endpointOption("s3", options, "endpoint");
  const pathStyle = booleanOr("s3", options, "pathStyle", endpoint !== null);
  const kmsKey = secretOption("s3", options, "kmsKey");
  const keys = keysOf(options);
  const location = within(`s3://${bucket}`, prefix);
  return {
    storages: [
      {
        location,
        service: "s3",
        options: given({
          bucket,
          root: `/${prefix}`,
          region,
          endpoint: endpoint ?? "https://s3.amazonaws.com",
          enable_virtual_host_style: pathStyle ? null : "true",
          // Keys that are given are the only ones: nothing of the machine's own takes their place.
          ...(keys === null ? {} : { ...keys, disable_config_load: "true", disable_ec2_metadata: "true" }),
          ...(kmsKey === null ? {} : { server_side_encryption: "aws:kms", server_side_encryption_aws_kms_key_id: kmsKey }),
        }),
      },
    ],
    duckdb: {
      extensions: keys === null ? ["httpfs", "aws"] : ["httpfs"],
      statements: [
        patience,
        secretStatement("s3", location, {
          ...(keys === null
            ? { PROVIDER: "credential_chain", REFRESH: "auto" }
            : { KEY_ID: keys.access_key_id, SECRET: keys.secret_access_key, SESSION_TOKEN: keys.session_token }),
          REGION: region,
          ENDPOINT: endpoint === null ? null : endpoint.replace(/^https?:\/\//, ""),
          USE_SSL: endpoint === null ? null : endpoint.startsWith("https:"),
          URL_STYLE: pathStyle ? "path" : "vhost",
          KMS_KEY_ID: kmsKey,
        }),
      ],
    },
    hadoop: hadoopSettings({ bucket, region, endpoint, pathStyle, kmsKey, keys }),
    tiering: null,
  };
}

interface Keys {
  readonly access_key_id: string;
  readonly secret_access_key: string;
  readonly session_token: string | null;
}

function keysOf(options: Options): Keys | null {
  const access = secretOption("s3", options, "accessKey");
  const secret = secretOption("s3", options, "secretKey");
  const token = secretOption("s3", options, "sessionToken");
  if (access === null && secret === null && token === null) return null;
  if (access === null || secret === null)
    throw optionError("s3", access === null ? "accessKey" : "secretKey", "given together with the other key");
  return { access_key_id: access, secret_access_key: secret, session_token: token };
}

/** Of this bucket alone, so that a job may read other buckets with other keys. */
function hadoopSettings(of: {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
  readonly kmsKey: string | null;
  readonly keys: Keys | null;
}): Record<string, string> {
  const own = given({
    "endpoint.region": of.region,
    endpoint: of.endpoint,
    "connection.ssl.enabled": of.endpoint === null ? null : String(of.endpoint.startsWith("https:")),
    "path.style.access": String(of.pathStyle),
    "access.key": of.keys?.access_key_id ?? null,
    "secret.key": of.keys?.secret_access_key ?? null,
    "session.token": of.keys?.session_token ?? null,
    "aws.credentials.provider":
      of.keys === null ? null : `org.apache.hadoop.fs.s3a.${of.keys.session_token === null ? "Simple" : "Temporary"}AWSCredentialsProvider`,
    "encryption.algorithm": of.kmsKey === null ? null : "SSE-KMS",
    "encryption.key": of.kmsKey,
  });
  return {
    "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`fs.s3a.bucket.${of.bucket}.${name}`, value])),
  };
}
