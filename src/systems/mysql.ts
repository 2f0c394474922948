import { addAbortSignal } from "node:stream";
import type { Connection } from "mysql2";
import type { Column } from "../define/column.ts";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { stageRows } from "../extract/batches.ts";
import { booleanOr, numberOr, optionError, textOption } from "../extract/options.ts";
import { loadPeer } from "../extract/peer.ts";
import { requireColumns } from "../extract/schema.ts";
import { binding } from "./binding.ts";
import { readDirectly } from "./mysql/direct.ts";
import { ask, columnsOf, lastOf, quoted, whereSince } from "./mysql/tables.ts";
import type { Extracted, ExtractRequest, Options, Source, System, Value } from "./roles.ts";

export interface MysqlOptions {
  /** `mysql://user:password@host:3306/database`; best by `env("NAME")`, for it holds the password. */
  readonly url: string | SecretReference;
  /** Encrypt the connection and check the server's certificate. @default false */
  readonly tls?: boolean;
  /** Connections with which a cluster reads one table at most, in parts by its key; 0: it reads through this process. @default 8 */
  readonly connections?: number;
}

/**
 * Tables and views of a MySQL or MariaDB database, through the driver `mysql2`, which must be installed beside millwright.
 *
 * One table is one consistent snapshot; where Spark is the engine it reads the table itself, and each part is one. DATETIME is taken as UTC, TIMESTAMP is converted to it. Dates that are none (`0000-00-00`)
 * send their row to the quarantine.
 *
 * @example
 * environment({ ops: mysql({ url: env("OPS_DATABASE_URL") }) })
 */
export function mysql(options: MysqlOptions): BindingNode {
  return binding("mysql", options);
}

export const system: System = {
  name: "mysql",
  title: "MySQL",
  peers: [{ package: "mysql2", range: "^3.24.0" }],
  roles: { source: connect },
};

async function connect(options: Options): Promise<Source> {
  const url = textOption("mysql", options, "url");
  // The address is not repeated, because it holds the password.
  if (!URL.canParse(url) || new URL(url).protocol !== "mysql:" || new URL(url).pathname.length < 2)
    throw optionError("mysql", "url", "an address such as mysql://user:password@host:3306/database");
  const secure = booleanOr("mysql", options, "tls", false);
  const connections = numberOr("mysql", options, "connections", 8);
  const { createConnection } = await loadPeer(system, () => import("mysql2"));
  const { host } = new URL(url);
  const withConnection = async <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
    const connection = createConnection({
      uri: url,
      charset: "utf8mb4",
      dateStrings: true,
      jsonStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      enableKeepAlive: true,
      ...(secure ? { ssl: {} } : {}),
    });
    await connection
      .promise()
      .connect()
      .catch((error: Error) => {
        throw new MillwrightError({
          code: "source-unreachable",
          what: `mysql cannot connect to ${host}: ${reasonOf(error)}`,
          fix: "check the option url, and that the server is up and lets this user in",
        });
      });
    try {
      // Names are quoted with backticks and nothing else; times come and go in UTC; a slow lake must not end the connection.
      await ask(connection, "SET SESSION time_zone = '+00:00', SESSION net_write_timeout = 3600, SESSION sql_mode = ''");
      return await work(connection);
    } finally {
      connection.destroy();
    }
  };
  return {
    describe: (table) =>
      withConnection(async (connection) => (await columnsOf(connection, table)).map(({ name, type }) => ({ name, type }))),
    fingerprint: () => withConnection(binaryLog),
    extract: (request) => withConnection((connection) => extract(connection, request)),
    direct: (request) => withConnection((connection) => readDirectly(connection, request, { url, tls: secure, connections })),
    async close() {},
  };
}

/** The driver's words without the statement, and an empty message's code. */
function reasonOf(error: Error): string {
  return error.message !== "" ? error.message : "code" in error ? String(error.code) : error.name;
}

/**
 * The place in the server's binary log, which every change moves. Null where it cannot be known or does not hold everything:
 * no right to see it, no log, databases left out of it, or a replica that does not write what it receives.
 */
async function binaryLog(connection: Connection): Promise<string | null> {
  const [variables] = await ask(connection, "SELECT @@log_bin AS log, @@server_id AS server");
  if (Number(variables?.["log"]) !== 1) return null;
  const updates = await ask(connection, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_replica_updates', 'log_slave_updates')");
  if (!updates.some(({ Value: value }) => value === "ON")) return null;
  for (const statement of ["SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"]) {
    const status = await ask(connection, statement).then(([row]) => row, refused);
    if (status === undefined) continue;
    if (status["Binlog_Do_DB"] !== "" || status["Binlog_Ignore_DB"] !== "") return null;
    return `${variables?.["server"]} ${status["File"]}:${status["Position"]}`;
  }
  return null;
}

/** Older servers do not know the first statement, and a user may lack the right: both only mean that there is no mark. */
function refused(error: NodeJS.ErrnoException): undefined {
  if (["ER_PARSE_ERROR", "ER_SPECIFIC_ACCESS_DENIED_ERROR", "ER_ACCESS_DENIED_ERROR"].includes(error.code ?? "")) return undefined;
  throw error;
}

async function extract(connection: Connection, request: ExtractRequest): Promise<Extracted> {
  const { signal } = request;
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const stop = (): void => {
    // The driver tells nobody who waits that its connection is gone.
    connection.destroy();
    abort(signal.reason);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([aborted, read(connection, request)]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function read(connection: Connection, request: ExtractRequest): Promise<Extracted> {
  const { table, columns, position, signal } = request;
  const present = await columnsOf(connection, table);
  requireColumns(
    table,
    present.map(({ name }) => name),
  );
  await ask(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  const where = whereSince(table, position);
  const from = `FROM ${quoted(table.table)}${where}`;
  const [counted] = await ask(connection, `SELECT count(*) AS total ${from}`);
  const list = columns.map(({ name }) => present.find((column) => column.name === name)?.select ?? "NULL");
  const stopped = await lastOf(connection, table, present);
  await stageRows(request, rowsOf(connection, `SELECT ${list.join(", ")} ${from}`, columns, signal), Number(counted?.["total"] ?? 0));
  return { position: stopped, contains: where === "" ? "all" : "changes" };
}

/** Rows as the server sends them; the socket waits while they are staged, so that memory stays bounded. */
async function* rowsOf(
  connection: Connection,
  sql: string,
  columns: readonly Column[],
  signal: AbortSignal,
): AsyncGenerator<readonly Value[]> {
  const booleans = columns.flatMap(({ type }, index) => (type === "boolean" ? [index] : []));
  for await (const row of addAbortSignal(signal, connection.query({ sql, rowsAsArray: true }).stream({ highWaterMark: 2048 }))) {
    const values: Value[] = row;
    for (const index of booleans) if (values[index] instanceof Uint8Array) values[index] = values[index][0] === 1;
    yield values;
  }
}
