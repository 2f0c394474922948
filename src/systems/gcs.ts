import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { optionError, textOption } from "../extract/options.ts";
import { binding } from "./binding.ts";
import { patience, secretStatement } from "./duckdb/secret.ts";
import type { ConnectContext, Lake, Options, System } from "./roles.ts";
import { bucketOption, endpointOption, given, opendal, prefixOption, secretOption, within } from "./storage-options.ts";

export interface GcsOptions {
  readonly bucket: string;
  /** A folder in the bucket. @default the whole bucket */
  readonly prefix?: string;
  /** The file of a service account's key (JSON), from the platform file's folder; by reference. @default the machine's own service account */
  readonly keyFile?: SecretReference;
  /** The id of an HMAC key of the same account, by reference: DuckDB reaches the bucket with it and in no other way. */
  readonly hmacKey?: SecretReference;
  /** The HMAC key's secret, by reference. */
  readonly hmacSecret?: SecretReference;
  /** Another server that speaks its protocols; without a key file it is asked without credentials. @default Google's */
  readonly endpoint?: string;
}

/**
 * The lake in Google Cloud Storage. The catalog goes there with opendal, which must be installed beside millwright, Spark with Google's
 * connector. DuckDB needs an HMAC key; without one the engine must be Spark. Encryption at rest, with a key of one's own too, is a setting of the bucket.
 *
 * @example
 * environment({ lake: gcs({ bucket: "flights", prefix: "lake", keyFile: env("LAKE_KEY_FILE"),
 *   hmacKey: env("LAKE_HMAC_KEY"), hmacSecret: env("LAKE_HMAC_SECRET") }) })
 */
export function gcs(options: GcsOptions): BindingNode {
  return binding("gcs", options);
}

export const system: System = {
  name: "gcs",
  title: "Google Cloud Storage",
  peers: [opendal],
  roles: { lake: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<Lake> {
  const bucket = bucketOption("gcs", options, "bucket");
  const prefix = prefixOption("gcs", options);
  const endpoint = endpointOption("gcs", options, "endpoint");
  const file = options["keyFile"] === undefined ? null : resolve(directory, textOption("gcs", options, "keyFile"));
  const [hmacKey, hmacSecret] = [secretOption("gcs", options, "hmacKey"), secretOption("gcs", options, "hmacSecret")];
  if ((hmacKey === null) !== (hmacSecret === null))
    throw optionError("gcs", hmacKey === null ? "hmacKey" : "hmacSecret", "given together with the other one");
  const anonymous = endpoint !== null && file === null;
  const location = within(`gs://${bucket}`, prefix);
  return {
    storages: [
      {
        location,
        service: "gcs",
        options: given({
          bucket,
          root: `/${prefix}`,
          endpoint,
          credential: file === null ? null : await readKey(file),
          allow_anonymous: anonymous ? "true" : null,
          disable_vm_metadata: anonymous || file !== null ? "true" : null,
          disable_config_load: anonymous || file !== null ? "true" : null,
        }),
      },
    ],
    duckdb:
      hmacKey === null
        ? null
        : {
            extensions: ["httpfs"],
            statements: [
              patience,
              secretStatement("gcs", location, {
                KEY_ID: hmacKey,
                SECRET: hmacSecret,
                ENDPOINT: endpoint === null ? null : endpoint.replace(/^https?:\/\//, ""),
                USE_SSL: endpoint === null ? null : endpoint.startsWith("https:"),
                URL_STYLE: "path",
              }),
            ],
          },
    hadoop: {
      "fs.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem",
      "fs.AbstractFileSystem.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFS",
      ...given({
        "fs.gs.storage.root.url": endpoint,
        "fs.gs.auth.type": anonymous ? "UNAUTHENTICATED" : file === null ? "COMPUTE_ENGINE" : "SERVICE_ACCOUNT_JSON_KEYFILE",
        "fs.gs.auth.service.account.json.keyfile": file,
      }),
    },
    tiering: null,
  };
}

/** The key as opendal wants it, in Base64. */
async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString("base64");
  } catch (error) {
    throw new MillwrightError(
      {
        code: "key-unreadable",
        what: `gcs cannot read the service account's key ${file}`,
        fix: "give the path of its JSON file in the variable that keyFile names",
      },
      { cause: error },
    );
  }
}
