import { type FileName, readCsv } from "./csv.ts";

export type OpsTable = Exclude<FileName, "weather">;
export type OpsType = "bigint" | "integer" | "double" | "text" | "timestamp";
export type OpsValue = number | string | null;

export interface OpsColumn {
  readonly name: string;
  readonly type: OpsType;
  /** Longest text in characters, for the databases that ask; 0 for other types. */
  readonly length: number;
}

export interface OpsTableDefinition {
  readonly name: OpsTable;
  readonly columns: readonly OpsColumn[];
  readonly key: string;
  /** Column with an index that incremental loads read along. */
  readonly cursor: string | null;
}

/** The tables of the operational database, as SQLite (prepare.ts) and MySQL (load-mysql.ts) hold them. */
export const opsTables: readonly OpsTableDefinition[] = [
  {
    name: "flights",
    key: "id",
    cursor: "updated_at",
    columns: [
      column("id", "bigint"),
      ...["year", "month", "day", "dep_time", "sched_dep_time"].map((name) => column(name, "integer")),
      column("dep_delay", "double"),
      ...["arr_time", "sched_arr_time"].map((name) => column(name, "integer")),
      column("arr_delay", "double"),
      column("carrier", "text", 2),
      column("flight", "integer"),
      column("tailnum", "text", 6),
      column("origin", "text", 3),
      column("dest", "text", 3),
      ...["air_time", "distance"].map((name) => column(name, "double")),
      ...["hour", "minute"].map((name) => column(name, "integer")),
      column("time_hour", "text", 20),
      column("updated_at", "timestamp"),
    ],
  },
  {
    name: "planes",
    key: "tailnum",
    cursor: null,
    columns: [
      column("tailnum", "text", 6),
      column("year", "integer"),
      column("type", "text", 32),
      column("manufacturer", "text", 32),
      column("model", "text", 32),
      ...["engines", "seats", "speed"].map((name) => column(name, "integer")),
      column("engine", "text", 16),
    ],
  },
  {
    name: "airports",
    key: "faa",
    cursor: null,
    columns: [
      column("faa", "text", 3),
      column("name", "text", 64),
      ...["lat", "lon"].map((name) => column(name, "double")),
      ...["alt", "tz"].map((name) => column(name, "integer")),
      column("dst", "text", 1),
      column("tzone", "text", 32),
    ],
  },
  { name: "airlines", key: "carrier", cursor: null, columns: [column("carrier", "text", 2), column("name", "text", 32)] },
];

/**
 * The rows of a table, values in the order of its columns; timestamps as ISO 8601 text in UTC. `limit` cuts the flights only:
 * a sample keeps every plane, airport and airline.
 */
export function* opsRows(table: OpsTableDefinition, limit?: number): Generator<OpsValue[]> {
  const file = readCsv(table.name, table.name === "flights" ? limit : undefined);
  const positions = table.columns.map(({ name }) => file.columns.indexOf(name));
  const isText = table.columns.map(({ type }) => type === "text");
  const hour = file.columns.indexOf("time_hour");
  const minute = file.columns.indexOf("minute");
  for (const [index, fields] of file.rows.entries()) {
    yield positions.map((position, column) => {
      if (position === -1) return table.columns[column]?.name === "id" ? index + 1 : scheduled(fields[hour], fields[minute]);
      const field = fields[position] ?? "";
      return field === "" ? null : isText[column] ? field : Number(field);
    });
  }
}

/** The scheduled departure in UTC: `time_hour` is that departure's full hour. */
function scheduled(timeHour = "", minute = ""): string {
  return `${timeHour.slice(0, 14)}${minute.padStart(2, "0")}:00Z`;
}

function column(name: string, type: OpsType, length = 0): OpsColumn {
  return { name, type, length };
}
