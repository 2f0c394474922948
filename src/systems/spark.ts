import type { BindingNode } from "../define/node.ts";
import type { Option, SecretReference } from "../define/option.ts";
import { numberOr, objectOr, optionError, textOption } from "../extract/options.ts";
import { loadPeer } from "../extract/peer.ts";
import { binding } from "./binding.ts";
import type { Engine, EngineContext, Options, System } from "./roles.ts";

export interface SparkOptions {
  /**
   * The Spark Connect server, as Spark's own clients take it: `sc://host:15002`, or with TLS and a token
   * `sc://host:443/;use_ssl=true;token=...` (then best by `env("NAME")`).
   */
  readonly url: string | SecretReference;
  /** Shown to the server with every call; goes over TLS, but for a server of this machine. */
  readonly token?: string | SecretReference;
  /** Spark's settings for each session, e.g. `{ "spark.sql.shuffle.partitions": 400 }`; what is set when a cluster starts cannot stand here. */
  readonly settings?: Readonly<Record<string, string | number | boolean | SecretReference>>;
  /** How long a Spark that does not answer is waited for, in seconds. @default 60 */
  readonly patience?: number;
}

/**
 * Apache Spark 4.1 as the engine, over Spark Connect: tables, checks and fitted values are computed by the cluster and written
 * as Iceberg tables into the lake. Needs `@grpc/grpc-js` and `apache-arrow` beside millwright, and Iceberg's runtime in the cluster.
 *
 * @example
 * environment({ engine: spark({ url: "sc://spark-connect:15002", settings: { "spark.sql.shuffle.partitions": 400 } }) })
 */
export function spark(options: SparkOptions): BindingNode {
  return binding("spark", options);
}

export const system: System = {
  name: "spark",
  title: "Spark",
  peers: [
    { package: "@grpc/grpc-js", range: "^1.13.0" },
    { package: "apache-arrow", range: ">=20" },
  ],
  roles: { engine: open },
};

async function open(options: Options, context: EngineContext): Promise<Engine> {
  const url = textOption("spark", options, "url");
  const token = options["token"] === undefined ? null : textOption("spark", options, "token");
  const patience = numberOr("spark", options, "patience", 60) * 1000;
  const settings = Object.fromEntries(
    Object.entries(objectOr("spark", options, "settings")).map(([name, value]) => [name, settingText(name, value)]),
  );
  const [{ parseAddress }, { openChannel }, { openSparkEngine }, grpc, arrow] = await Promise.all([
    import("./spark/address.ts"),
    import("./spark/channel.ts"),
    import("./spark/engine.ts"),
    loadPeer(system, () => import("@grpc/grpc-js")),
    loadPeer(system, () => import("apache-arrow")),
  ]);
  const channel = openChannel(grpc, parseAddress(url, token));
  try {
    return await openSparkEngine({ channel, arrow, settings, patience }, context);
  } catch (error) {
    channel.close();
    throw error;
  }
}

function settingText(name: string, value: Option): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw optionError("spark", `settings.${name}`, "a text, a number, true or false");
}
