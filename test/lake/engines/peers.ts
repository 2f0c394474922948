import type { RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { localLake } from "../../../src/lake/local.ts";
import type { Lake } from "../../../src/systems/roles.ts";
import { parseAddress } from "../../../src/systems/spark/address.ts";
import { openChannel } from "../../../src/systems/spark/channel.ts";
import { rowsOf } from "../../../src/systems/spark/rows.ts";
import { openSession } from "../../../src/systems/spark/session.ts";
import { sessionSettings } from "../../../src/systems/spark/settings.ts";
import { startSpark } from "../../servers/spark.ts";
import { icebergCatalog, startTrino } from "../../servers/trino.ts";
import { spark, trino, type Spelling } from "./values.ts";

/** An engine of others on the same catalog; its tables stand in `lake.shop`. */
export interface Peer {
  readonly spelling: Spelling;
  run(sql: string): Promise<void>;
  /** Every value as text. */
  ask(sql: string): Promise<(string | null)[][]>;
  stop(): Promise<void>;
}

const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

/** A real Spark, by the connection that our own engine uses. */
export async function sparkPeer(catalog: RunningCatalog, state: string): Promise<Peer> {
  const server = await startSpark();
  const session = await sparkSession(server.url, catalog, localLake(state));
  return {
    ...session,
    async stop() {
      await session.stop();
      await server.stop();
    },
  };
}

/** A session of a running Spark on a catalog. */
export async function sparkSession(url: string, catalog: Pick<RunningCatalog, "url" | "token">, lake: Lake): Promise<Peer> {
  const [grpc, arrow] = await Promise.all([import("@grpc/grpc-js"), import("apache-arrow")]);
  const channel = openChannel(grpc, parseAddress(url, null));
  const session = openSession({ channel, patience: 60_000, redact: (words) => words });
  await session.configure(sessionSettings({ catalog, lake, settings: { "spark.sql.shuffle.partitions": "2" } }));
  return {
    spelling: spark,
    run: (query) => session.command({ sqlCommand: { input: { sql: { query } } } }),
    async ask(query) {
      const rows: (string | null)[][] = [];
      for await (const { arrowBatch } of session.execute({ root: { sql: { query } } }, null))
        if (arrowBatch?.data !== undefined) rows.push(...rowsOf(arrow, arrowBatch.data).map((row) => Object.values(row).map(text)));
      return rows;
    },
    async stop() {
      await session.release();
      channel.close();
    },
  };
}

/** A real Trino. */
export async function trinoPeer(catalog: RunningCatalog): Promise<Peer> {
  const server = await startTrino({
    catalogs: { lake: icebergCatalog({ url: catalog.url, token: catalog.token, files: "local" }) },
  });
  return {
    spelling: trino,
    run: async (sql) => void (await server.ask(sql)),
    ask: async (sql) => (await server.ask(sql)).rows.map((row) => row.map(text)),
    stop: () => server.stop(),
  };
}
