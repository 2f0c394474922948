import * as grpc from "@grpc/grpc-js";
import * as arrow from "apache-arrow";
import { Client, types as decoders } from "pg";
import type { Column, ColumnType } from "../../src/define/column.ts";
import type { Dialect } from "../../src/define/node.ts";
import { columnTypeOf, connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { localLake } from "../../src/lake/local.ts";
import { parseAddress } from "../../src/systems/spark/address.ts";
import { openChannel } from "../../src/systems/spark/channel.ts";
import { rowsOf } from "../../src/systems/spark/rows.ts";
import { openSession } from "../../src/systems/spark/session.ts";
import { sessionSettings } from "../../src/systems/spark/settings.ts";
import { columnsOf } from "../../src/systems/spark/types.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startSpark } from "../servers/spark.ts";
import { memoryCatalog, startTrino } from "../servers/trino.ts";

/** A real engine that answers SQL of its dialect. */
export interface TestEngine {
  readonly dialect: Dialect;
  /** Values as the engine's client gives them: see `canonical`. */
  ask(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** The types of a query's columns, in ours. */
  describe(query: string): Promise<readonly ColumnType[]>;
  /** Keeps the rows of a query; gives what reads them. */
  make(name: string, query: string): Promise<string>;
  stop(): Promise<void>;
}

async function openDuck(): Promise<TestEngine> {
  const instance = await openDuckDB({ threads: 2 });
  const connection = await connect(instance);
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  return {
    dialect: "duckdb",
    ask,
    describe: async (query) => (await ask(`describe ${query}`)).map(([, type]) => columnTypeOf(String(type))),
    async make(name, query) {
      await connection.run(`create or replace table "${name}" as ${query}`);
      return `"${name}"`;
    },
    async stop() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function openSpark(): Promise<TestEngine> {
  const server = await startSpark({ settings: { "spark.sql.shuffle.partitions": "1" } });
  const channel = openChannel(grpc, parseAddress(server.url, null));
  const session = openSession({ channel, patience: 10_000, redact: (text) => text });
  // The settings that our own sessions have; their catalog is never asked.
  const catalog = { url: "http://127.0.0.1:1", token: "none" };
  await session.configure(sessionSettings({ catalog, lake: localLake("none"), settings: {} }));
  const ask = async (sql: string) => {
    const rows: unknown[][] = [];
    for await (const { arrowBatch } of session.execute({ root: { sql: { query: sql } } }, null))
      if (arrowBatch?.data !== undefined) rows.push(...rowsOf(arrow, arrowBatch.data).map((row) => Object.values(row)));
    return rows;
  };
  return {
    dialect: "spark",
    ask,
    describe: async (query) => columnsOf(await session.schemaOf({ sql: { query } })).map(({ type }) => type),
    async make(name, query) {
      await session.command({ sqlCommand: { input: { sql: { query: `create or replace temporary view \`${name}\` as ${query}` } } } });
      return `\`${name}\``;
    },
    async stop() {
      await session.release();
      channel.close();
      await server.stop();
    },
  };
}

async function openTrino(): Promise<TestEngine> {
  const server = await startTrino({ catalogs: { memory: memoryCatalog } });
  let made = 0;
  return {
    dialect: "trino",
    ask: async (sql) => (await server.ask(sql)).rows,
    describe: async (query) => (await server.ask(`${query} limit 0`)).columns.map(({ type }) => trinoType(type)),
    async make(_, query) {
      const name = `memory.default.t${++made}`;
      await server.ask(`create table ${name} as ${query}`);
      return name;
    },
    stop: () => server.stop(),
  };
}

function trinoType(type: string): ColumnType {
  const decimal = /^decimal\((\d+), ?(\d+)\)$/.exec(type);
  if (decimal) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
  if (type.startsWith("varchar")) return "text";
  if (/^timestamp\(6\)$/.test(type)) return "timestamp";
  return type === "boolean" || type === "integer" || type === "bigint" || type === "double" || type === "date" ? type : "binary";
}

async function openPostgres(): Promise<TestEngine> {
  const server = await startPostgres();
  const client = new Client({ connectionString: server.url, types: { getTypeParser: () => (text: string) => text } });
  await client.connect();
  let made = 0;
  return {
    dialect: "postgres",
    ask: async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows,
    async describe(query) {
      const { fields } = await client.query({ text: `${query} limit 0`, rowMode: "array" });
      return fields.map(({ dataTypeID, dataTypeModifier }) => postgresType(dataTypeID, dataTypeModifier));
    },
    async make(_, query) {
      const name = `t${++made}`;
      await client.query(`create temporary table ${name} as ${query}`);
      return name;
    },
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}

function postgresType(id: number, modifier: number): ColumnType {
  const { BOOL, INT4, INT8, FLOAT8, TEXT, DATE, TIMESTAMP, NUMERIC } = decoders.builtins;
  if (id === NUMERIC) return `decimal(${((modifier - 4) >> 16) & 0xffff},${(modifier - 4) & 0xffff})`;
  const types: Readonly<Record<number, ColumnType>> = {
    [BOOL]: "boolean",
    [INT4]: "integer",
    [INT8]: "bigint",
    [FLOAT8]: "double",
    [TEXT]: "text",
    [DATE]: "date",
    [TIMESTAMP]: "timestamp",
  };
  return types[id] ?? "binary";
}

/** Starts all that can be started here, one after another: the machine of CI is small. */
export async function openEngines(names: readonly Dialect[]): Promise<readonly TestEngine[]> {
  const opened: TestEngine[] = [];
  const openers: Readonly<Partial<Record<Dialect, () => Promise<TestEngine>>>> = {
    duckdb: openDuck,
    spark: openSpark,
    trino: openTrino,
    postgres: openPostgres,
  };
  try {
    for (const name of names) {
      const open = openers[name];
      if (open !== undefined) opened.push(await open());
    }
    return opened;
  } catch (error) {
    for (const engine of opened) await engine.stop();
    throw error;
  }
}

/** SQL of a result whose doubles are text, which every client keeps as it is. */
export function readable(
  query: string,
  columns: readonly Column[],
  { identifier, type }: { identifier(name: string): string; type(type: ColumnType): string },
): string {
  const items = columns.map(({ name, type: own }) =>
    own === "double" ? `cast(${identifier(name)} as ${type("text")}) as ${identifier(name)}` : identifier(name),
  );
  return `select ${items.join(", ")} from (${query}) as result`;
}

/** One value for what the engines' clients spell each in its own way; doubles to 12 digits, because engines add in any order. */
export function canonical(value: unknown, type: ColumnType): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  const text = String(value);
  switch (type) {
    case "boolean":
      return text === "true" || text === "t";
    case "double": {
      const number = Number(text.replace(/^(-?)inf(inity)?$/i, "$1Infinity").replace(/^nan$/i, "NaN"));
      // Minus zero is zero.
      return Number.isFinite(number) ? Number(number.toPrecision(12)) + 0 : String(number);
    }
    case "integer":
      return Number(text);
    case "timestamp":
      return text
        .replace("T", " ")
        .replace(/Z$/, "")
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");
    default:
      return text;
  }
}
