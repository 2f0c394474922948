import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { optionError, textOption } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { Lake, Options, System } from "./roles.ts";
import { endpointOption, given, opendal, secretOption } from "./storage-options.ts";

export interface HdfsOptions {
  /** The folder of the lake: `hdfs://namenode:8020/lake`. */
  readonly url: string | SecretReference;
  /** WebHDFS of the same NameNode, for the catalog. @default `http://`, the url's host, and port 9870 */
  readonly webhdfs?: string | SecretReference;
  /** Who the catalog says that it is, where Hadoop believes that (simple authentication). Spark's user is its own. @default WebHDFS's own: `dr.who` */
  readonly user?: string;
  /** A delegation token of a cluster with Kerberos, by reference, for the catalog. */
  readonly delegation?: SecretReference;
}

/**
 * The lake in Hadoop's file system. The engine must be Spark, because DuckDB cannot read there; the catalog goes through
 * WebHDFS with opendal, which must be installed beside millwright.
 *
 * @example
 * environment({ lake: hdfs({ url: "hdfs://namenode:8020/lake", user: "flights" }) })
 */
export function hdfs(options: HdfsOptions): BindingNode {
  return binding("hdfs", options);
}

export const system: System = {
  name: "hdfs",
  title: "HDFS",
  peers: [opendal],
  roles: { lake: connect },
};

async function connect(options: Options): Promise<Lake> {
  const text = textOption("hdfs", options, "url").replace(/\/+$/, "");
  const [, authority, path] = /^hdfs:\/\/([\w.:[\]-]+)(\/[\w./=-]+)$/.exec(text) ?? [];
  if (authority === undefined || path === undefined)
    throw optionError("hdfs", "url", "the address of a folder, such as hdfs://namenode:8020/lake");
  return {
    storages: [
      {
        location: text,
        service: "webhdfs",
        options: given({
          root: path,
          // A file of several parts is put together here and then renamed.
          atomic_write_dir: ".parts/",
          endpoint: endpointOption("hdfs", options, "webhdfs") ?? `http://${authority.replace(/:\d+$/, "")}:9870`,
          user_name: secretOption("hdfs", options, "user"),
          delegation: secretOption("hdfs", options, "delegation"),
        }),
      },
    ],
    duckdb: null,
    hadoop: {},
    tiering: null,
  };
}
