import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { optionError, textOption, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import { secretStatement } from "./duckdb/secret.ts";
import type { Lake, Options, System } from "./roles.ts";
import { bucketOption, endpointOption, given, opendal, prefixOption, secretOption, within } from "./storage-options.ts";

export interface AzureOptions {
  /** The storage account's name. */
  readonly account: string;
  readonly container: string;
  /** A folder in the container. @default the whole container */
  readonly prefix?: string;
  /** The account's key, by reference. @default the machine's managed identity, or what AZURE_* variables say */
  readonly key?: SecretReference;
  /** A shared access signature instead of the key, by reference, without the question mark. */
  readonly signature?: SecretReference;
  /**
   * How engines reach the files: `datalake` through the account's Data Lake Storage endpoint (`abfss://` addresses, which every engine
   * knows), `blob` through the Blob endpoint alone (`azure://` addresses, which only DuckDB knows). The catalog always uses the Blob API.
   * @default "datalake"
   */
  readonly access?: "datalake" | "blob";
  /** The Blob endpoint, where it is not Azure's public one; with `access: "blob"` only. */
  readonly endpoint?: string;
}

/**
 * The lake in Azure Data Lake Storage or Blob Storage. The catalog goes there with opendal, which must be installed beside millwright.
 * The account encrypts everything at rest by itself; a key of one's own is a setting of the account or container.
 *
 * @example
 * environment({ lake: azure({ account: "flights", container: "lake", key: env("LAKE_KEY") }) })
 */
export function azure(options: AzureOptions): BindingNode {
  return binding("azure", options);
}

export const system: System = {
  name: "azure",
  title: "Azure Storage",
  peers: [opendal],
  roles: { lake: connect },
};

interface Credentials {
  readonly key: string | null;
  readonly signature: string | null;
}

async function connect(options: Options): Promise<Lake> {
  const account = textOption("azure", options, "account");
  if (!/^[a-z0-9]{3,24}$/.test(account)) throw optionError("azure", "account", "3 to 24 small letters and digits");
  const container = bucketOption("azure", options, "container");
  const prefix = prefixOption("azure", options);
  const access = textOr("azure", options, "access", "datalake");
  if (access !== "datalake" && access !== "blob") throw optionError("azure", "access", "'datalake' or 'blob'");
  const own = endpointOption("azure", options, "endpoint");
  if (own !== null && access === "datalake") throw optionError("azure", "endpoint", "left out, or access be 'blob'");
  const endpoint = own ?? `https://${account}.blob.core.windows.net`;
  const credentials = {
    key: secretOption("azure", options, "key"),
    signature: secretOption("azure", options, "signature")?.replace(/^\?/, "") ?? null,
  };
  if (credentials.key !== null && credentials.signature !== null) throw optionError("azure", "signature", "left out where there is a key");
  const place = access === "blob" ? `azure://${container}` : `abfss://${container}@${account}.dfs.core.windows.net`;
  const location = within(place, prefix);
  return {
    storages: [
      {
        location,
        service: "azblob",
        options: given({
          container,
          root: `/${prefix}`,
          endpoint,
          account_name: account,
          account_key: credentials.key,
          sas_token: credentials.signature,
        }),
      },
    ],
    duckdb: {
      extensions: ["httpfs", "azure"],
      statements: [
        secretStatement("azure", location, duckdbCredentials(account, endpoint, credentials)),
        // The extension's own transport does not find the machine's certificates on every Linux; curl does.
        "SET GLOBAL azure_transport_option_type = 'curl'",
      ],
    },
    // Hadoop has no file system for azure:// addresses.
    hadoop: access === "blob" ? {} : hadoopSettings(account, credentials),
    tiering: null,
  };
}

function duckdbCredentials(account: string, endpoint: string, { key, signature }: Credentials): Record<string, string> {
  if (key === null && signature === null) return { PROVIDER: "credential_chain", ACCOUNT_NAME: account };
  const protocol = endpoint.slice(0, endpoint.indexOf(":"));
  const proof = key === null ? `SharedAccessSignature=${signature}` : `AccountKey=${key}`;
  return { CONNECTION_STRING: `DefaultEndpointsProtocol=${protocol};AccountName=${account};${proof};BlobEndpoint=${endpoint};` };
}

function hadoopSettings(account: string, { key, signature }: Credentials): Record<string, string> {
  const host = `${account}.dfs.core.windows.net`;
  if (key !== null) return { [`fs.azure.account.auth.type.${host}`]: "SharedKey", [`fs.azure.account.key.${host}`]: key };
  if (signature !== null) return { [`fs.azure.account.auth.type.${host}`]: "SAS", [`fs.azure.sas.fixed.token.${host}`]: signature };
  return {
    [`fs.azure.account.auth.type.${host}`]: "OAuth",
    [`fs.azure.account.oauth.provider.type.${host}`]: "org.apache.hadoop.fs.azurebfs.oauth2.MsiTokenProvider",
  };
}
