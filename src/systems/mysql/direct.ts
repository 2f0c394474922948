import type { Connection } from "mysql2";
import type { Column } from "../../define/column.ts";
import { MillwrightError } from "../../error.ts";
import { requireColumns } from "../../extract/schema.ts";
import type { MysqlColumn } from "../../extract/mysql-types.ts";
import { spark } from "../../transform/spark.ts";
import type { Direct, DirectRequest } from "../roles.ts";
import { ask, columnsOf, lastOf, quoted, whereSince } from "./tables.ts";

export interface DirectOptions {
  /** `mysql://user:password@host:port/database` */
  readonly url: string;
  /** Check the server's certificate. */
  readonly tls: boolean;
  /** At most so many connections read at once; 0: none, our own reader does it. */
  readonly connections: number;
}

/** Fewer rows than this are not worth a connection of their own. */
const rowsEach = 50_000;
/** Connector/J's way to say: row by row, not the whole answer in memory. */
const rowByRow = "-2147483648";
const rawLimit = 65_536;

/**
 * A table as Spark reads it by JDBC: in parts by its key where that is one integer, each part by a connection of its own. MySQL says each value
 * in a form that nothing on the way changes (dates as text, unsigned numbers as decimals), Spark makes the column's type of it.
 * Null where another engine asks, no connections are allowed, or a column's agreed type is not the source's: then our own reader does it.
 *
 * The position is taken before the reading, so that what changes meanwhile is read again next time. What was read is kept by Spark:
 * the statements that follow all see the same rows.
 */
export async function readDirectly(connection: Connection, request: DirectRequest, options: DirectOptions): Promise<Direct | null> {
  const { table, position, dialect } = request;
  if (dialect !== "spark" || options.connections === 0) return null;
  const present = await columnsOf(connection, table);
  requireColumns(
    table,
    present.map(({ name }) => name),
  );
  const fields = request.columns.map((column, index) => fieldOf(column, `c${index}`, present));
  if (!fields.every((field) => field !== null)) return null;
  const where = whereSince(table, position);
  const stopped = await lastOf(connection, table, present);
  const parts = await partsOf({ connection, request, present, where, most: options.connections });
  const list = [...fields.map(({ alias, sent }) => `${sent} AS ${alias}`), ...(parts === null ? [] : [`${quoted(parts.key)} AS part`])];
  const source = await request
    .see({
      format: "jdbc",
      schema: null,
      paths: [],
      options: {
        ...addressOf(options),
        dbtable: `(SELECT ${list.join(", ")} FROM ${quoted(table.table)}${where}) AS source`,
        sessionInitStatement: "SET SESSION time_zone = '+00:00', SESSION net_write_timeout = 3600, SESSION sql_mode = ''",
        fetchsize: rowByRow,
        // Spark would ask by conditions of its own, in its own collation.
        pushDownPredicate: "false",
        ...(parts === null
          ? {}
          : { partitionColumn: "part", lowerBound: parts.lower, upperBound: parts.upper, numPartitions: String(parts.number) }),
      },
    })
    .catch((error: unknown) => {
      throw unreadable(error, new URL(options.url).host);
    });
  try {
    await request.ask(`CACHE LAZY TABLE ${source.relation}`);
  } catch (error) {
    await source.drop();
    throw error;
  }
  const misfits = fields.flatMap((field) => (field.misfit === null ? [] : [field.misfit]));
  const good = misfits.length === 0 ? "" : ` WHERE NOT (${misfits.join(" OR ")})`;
  const selected = fields.map(({ column, made }) => `${made} AS ${spark.identifier(column.name)}`);
  return {
    position: stopped,
    contains: where === "" ? "all" : "changes",
    rows: `(SELECT ${selected.join(", ")} FROM ${source.relation}${good})`,
    rejected: misfits.length === 0 ? null : rejectedOf({ table, fields, relation: source.relation, bad: misfits.join(" OR ") }),
    drop: source.drop,
  };
}

/** Spark's failure to begin, with what can be done about it. */
function unreadable(error: unknown, host: string): unknown {
  if (!(error instanceof MillwrightError)) return error;
  const missing = /ClassNotFoundException: com\.mysql|com\.mysql\.cj\.jdbc\.Driver/.test(error.message);
  if (!missing && !/CommunicationsException|Communications link failure/.test(error.message)) return error;
  return new MillwrightError(
    {
      code: "source-unreachable",
      what: missing ? "Spark has no driver of MySQL" : `Spark cannot connect to MySQL at ${host}`,
      fix: missing
        ? "add com.mysql:mysql-connector-j to the cluster's jars, or bind mysql with connections: 0 to read through this process"
        : "let the cluster reach the server, or bind mysql with connections: 0 to read through this process",
    },
    { cause: error },
  );
}

interface Field {
  readonly column: Column;
  /** Its name on the way. */
  readonly alias: string;
  /** What MySQL is asked for. */
  readonly sent: string;
  /** What Spark makes of it. */
  readonly made: string;
  /** When it does not fit; null when it always does. */
  readonly misfit: string | null;
  /** How it stands in the row's JSON. */
  readonly shown: string;
}

/** How a column travels; null when its type here is another than the source's. */
function fieldOf(column: Column, alias: string, present: readonly MysqlColumn[]): Field | null {
  const made = present.find(({ name }) => name === column.name);
  const { type } = column;
  const field = { column, alias, shown: alias, misfit: null };
  if (made === undefined) return { ...field, sent: "NULL", made: `CAST(NULL AS ${spark.type(type)})` };
  const widened = made.type === "integer" && type === "bigint";
  if (made.type !== type && !widened) return null;
  const cast = `CAST(${alias} AS ${spark.type(type)})`;
  switch (type) {
    case "integer":
      return { ...field, sent: `CAST(${made.select} AS SIGNED)`, made: cast };
    case "bigint":
      return { ...field, sent: `CAST(${made.select} AS SIGNED)`, made: cast, shown: widened ? alias : `CAST(${alias} AS STRING)` };
    case "boolean":
      return { ...field, sent: `CAST(CAST(${made.select} AS UNSIGNED) AS SIGNED)`, made: cast, shown: cast };
    case "double":
      return { ...field, sent: made.select, made: cast };
    case "text":
      return { ...field, sent: `CAST(${made.select} AS CHAR)`, made: cast };
    case "binary":
      return { ...field, sent: made.select, made: cast, shown: `lower(hex(${alias}))` };
    case "date":
    case "timestamp": {
      const tried = `try_cast(${alias} AS ${spark.type(type)})`;
      return { ...field, sent: `CAST(${made.select} AS CHAR)`, made: tried, misfit: `(${alias} IS NOT NULL AND ${tried} IS NULL)` };
    }
    default:
      // decimal(p,s)
      return { ...field, sent: `CAST(${made.select} AS ${type})`, made: cast, shown: `CAST(${alias} AS STRING)` };
  }
}

interface Parts {
  readonly key: string;
  readonly lower: string;
  readonly upper: string;
  readonly number: number;
}

/** How a table is read in parts; null for one: it is small, or its key is not one integer. */
async function partsOf({
  connection,
  request: { table },
  present,
  where,
  most,
}: {
  readonly connection: Connection;
  readonly request: DirectRequest;
  readonly present: readonly MysqlColumn[];
  readonly where: string;
  readonly most: number;
}): Promise<Parts | null> {
  const [key] = table.key;
  const type = present.find(({ name }) => name === key)?.type;
  if (key === undefined || table.key.length > 1 || (type !== "integer" && type !== "bigint")) return null;
  const [found] = await ask(
    connection,
    `SELECT count(*) AS total, CAST(min(${quoted(key)}) AS CHAR) AS lower_bound, CAST(max(${quoted(key)}) AS CHAR) AS upper_bound FROM ${quoted(table.table)}${where}`,
  );
  const number = Math.min(most, Math.ceil(Number(found?.["total"] ?? 0) / rowsEach));
  if (number < 2) return null;
  return { key, lower: String(found?.["lower_bound"]), upper: String(found?.["upper_bound"]), number };
}

/** What Spark needs to connect. The password is an option by itself: no address and no statement holds it. */
function addressOf({ url, tls }: DirectOptions): Readonly<Record<string, string>> {
  const { hostname, port, pathname, username, password } = new URL(url);
  const settings = {
    sslMode: tls ? "VERIFY_IDENTITY" : "PREFERRED",
    // As mysql2 does: a server without TLS shows its key, with which the password is sent.
    ...(tls ? {} : { allowPublicKeyRetrieval: "true" }),
    tinyInt1isBit: "false",
    yearIsDateType: "false",
    characterEncoding: "UTF-8",
  };
  return {
    url: `jdbc:mysql://${hostname}:${port === "" ? "3306" : port}${pathname}?${String(new URLSearchParams(settings))}`,
    driver: "com.mysql.cj.jdbc.Driver",
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

/** The rows that do not fit, in the words of our own reader. */
function rejectedOf({
  table,
  fields,
  relation,
  bad,
}: {
  readonly table: DirectRequest["table"];
  readonly fields: readonly Field[];
  readonly relation: string;
  readonly bad: string;
}): string {
  const { text } = spark;
  const keys = fields.filter(({ column }) => table.key.includes(column.name));
  const inOrder = table.key.flatMap((name) => keys.filter(({ column }) => column.name === name));
  // Without a key nothing names a row: its number would be another one every time.
  const origin = [
    text(`${table.table}${inOrder.length === 0 ? "" : " "}`),
    ...inOrder.flatMap(({ column, alias }, index) => [
      text(`${index === 0 ? "" : " "}${column.name}=`),
      `coalesce(CAST(${alias} AS STRING), 'null')`,
    ]),
  ];
  const reasons = fields.flatMap(({ column, alias, misfit }) =>
    misfit === null ? [] : [`WHEN ${misfit} THEN concat(${text(`${column.name}: text '`)}, ${alias}, ${text(`' is no ${column.type}`)})`],
  );
  const pairs = fields.map(({ column, shown }) => `${text(column.name)}, ${shown}`);
  const raw = `substring(to_json(named_struct(${pairs.join(", ")}), map('ignoreNullFields', 'false')), 1, ${rawLimit})`;
  return `(SELECT concat(${origin.join(", ")}) AS origin, CASE ${reasons.join(" ")} END AS reason, ${raw} AS raw FROM ${relation} WHERE ${bad})`;
}
