import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { objectOr, optionError, textOption, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { Options, OutsideCatalog, System } from "./roles.ts";

export interface IcebergOptions {
  /** The catalog's Iceberg REST endpoint, without `/v1`: `https://polaris.example.com/api/catalog`. */
  readonly url: string | SecretReference;
  /** The catalog's own name of the warehouse, where it keeps several. @default none */
  readonly warehouse?: string | SecretReference;
  /** A bearer token. */
  readonly token?: SecretReference;
  /** OAuth 2 client credentials, `id:secret`; best by `env("NAME")`. A token is fetched, and fetched anew before it expires. */
  readonly credential?: SecretReference;
  /** What the token is asked for. Polaris: `PRINCIPAL_ROLE:ALL`; Unity: `all-apis`. @default "catalog" */
  readonly scope?: string;
  /** Where tokens are given. @default "<url>/v1/oauth/tokens" */
  readonly oauth2Url?: string | SecretReference;
  /** Further headers of each request: `{ "Polaris-Realm": "prod" }`. */
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  /** Of AWS (Glue, S3 Tables): requests are signed. */
  readonly aws?: {
    readonly region: string;
    /** The name in the signature: `glue` or `s3tables`. @default "glue" */
    readonly service?: string;
    readonly accessKey: SecretReference;
    readonly secretKey: SecretReference;
    readonly sessionToken?: SecretReference;
  };
  /** As a source: where its tables are; levels are joined by dots. */
  readonly namespace?: string;
  /** As a source: the storage of its files, e.g. `s3({ ... })`. @default a local disk, or the credentials that the catalog lends */
  readonly storage?: BindingNode;
}

/**
 * An Apache Iceberg REST catalog that others run: Apache Polaris, Project Nessie, Lakekeeper, Unity, AWS Glue, or any that speaks the protocol.
 *
 * As `catalog` it keeps the platform's tables in the namespace of the platform's name; bind `lake` to the storage of its warehouse.
 * As a source its tables are read, snapshot by snapshot, and never changed.
 *
 * @example
 * environment({
 *   catalog: iceberg({ url: "https://polaris.example.com/api/catalog", warehouse: "lake", credential: env("POLARIS_CREDENTIAL"), scope: "PRINCIPAL_ROLE:ALL" }),
 *   sales: iceberg({ url: "https://catalog.example.com", token: env("CATALOG_TOKEN"), namespace: "sales" }),
 * })
 */
export function iceberg(options: IcebergOptions): BindingNode {
  return binding("iceberg", options);
}

export const system: System = {
  name: "iceberg",
  title: "Apache Iceberg REST catalog",
  peers: [],
  roles: {
    catalog: async (options) => outsideCatalog(options),
    async source(options, context) {
      const { icebergSource } = await import("./iceberg/source.ts");
      const namespace = textOption("iceberg", options, "namespace").split(".");
      return icebergSource({ outside: outsideCatalog(options), namespace, storage: objectOr("iceberg", options, "storage"), context });
    },
  },
};

/** What the catalog's process needs. */
function outsideCatalog(options: Options): OutsideCatalog {
  const url = textOption("iceberg", options, "url").replace(/\/+$/, "").replace(/\/v1$/, "");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw optionError("iceberg", "url", "an address such as https://host/api/catalog");
  const headers = objectOr("iceberg", options, "headers");
  return {
    url,
    warehouse: options["warehouse"] === undefined ? null : textOption("iceberg", options, "warehouse"),
    authorization: authorization(options, url),
    headers: Object.fromEntries(Object.keys(headers).map((name) => [name, textOption("iceberg", headers, name)])),
  };
}

function authorization(options: Options, url: string): OutsideCatalog["authorization"] {
  const given = ["token", "credential", "aws"].filter((name) => options[name] !== undefined);
  if (given.length > 1) throw optionError("iceberg", given.join(" and "), "one and not several ways to be let in");
  if (options["token"] !== undefined) return { kind: "bearer", token: textOption("iceberg", options, "token") };
  if (options["aws"] !== undefined) return signature(objectOr("iceberg", options, "aws"));
  if (options["credential"] === undefined) return { kind: "none" };
  const credential = textOption("iceberg", options, "credential");
  if (!/^[^:]+:.+$/.test(credential)) throw optionError("iceberg", "credential", "the client's id and secret, joined by a colon");
  const tokens = textOr("iceberg", options, "oauth2Url", `${url}/v1/oauth/tokens`);
  if (!URL.canParse(tokens)) throw optionError("iceberg", "oauth2Url", "an address");
  return { kind: "oauth2", url: tokens, credential, scope: textOr("iceberg", options, "scope", "catalog") };
}

function signature(aws: Options): OutsideCatalog["authorization"] {
  const text = (name: string): string => textOption("iceberg", aws, name);
  return {
    kind: "aws",
    region: text("region"),
    service: textOr("iceberg", aws, "service", "glue"),
    accessKey: text("accessKey"),
    secretKey: text("secretKey"),
    sessionToken: aws["sessionToken"] === undefined ? null : text("sessionToken"),
  };
}
