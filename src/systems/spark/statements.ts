import type { Column, ColumnType } from "../../define/column.ts";
import type { Layout, PartitionField } from "../../define/node.ts";
import type { Head } from "../../lake/catalog/heads.ts";
import { MillwrightError } from "../../error.ts";
import { spark as dialect } from "../../transform/spark.ts";
import type { TableWrite } from "../roles.ts";

const id = dialect.identifier;

/**
 * The statements of a write, the last of which makes the commit. Those before it add and widen columns, which takes nothing from a reader;
 * every other change of columns is one commit together with the rows.
 *
 * @param before the table as it stands; null when it was made just now, with the wanted columns.
 * @param target the table's full name.
 * @param partition of the table, for the case that it is made anew together with its rows (`rebuilds`).
 */
export function statementsFor(
  write: TableWrite,
  before: Head | null,
  target: string,
  partition: Layout["partition"] = [],
): readonly string[] {
  const { columns, mode } = write;
  if (before === null) return [insert(write, columns, target)];
  const changes = columnChanges(before.schema, write);
  if (rebuilds(write, before)) {
    const partitioned = partition.length === 0 ? "" : ` PARTITIONED BY (${partition.map(partitionSql).join(", ")})`;
    return [`CREATE OR REPLACE TABLE ${target} USING iceberg${partitioned} AS ${selection(write, columns)}`];
  }
  const alters = changes.flatMap(({ kind, name, type }) => {
    if (kind === "added") return [`ALTER TABLE ${target} ADD COLUMN ${id(name)} ${dialect.type(type)}`];
    return kind === "widened" ? [`ALTER TABLE ${target} ALTER COLUMN ${id(name)} TYPE ${dialect.type(type)}`] : [];
  });
  const added = columns.filter(({ name }) => !before.schema.some((column) => column.name === name));
  const all = [...before.schema, ...added];
  switch (mode) {
    case "replace":
      return [`INSERT OVERWRITE ${target} ${selection(write, all)}`];
    case "append":
      return [...alters, insert(write, all, target)];
    case "overwrite":
      return [...alters, overwrite(write, all, target)];
    case "merge":
      return [...alters, merge(write, target)];
  }
}

/**
 * The same write of a range where files hold rows of the range beside others, so that they cannot be dropped: the whole table is
 * written anew.
 */
export function rewriteFor(write: TableWrite, before: Head, target: string): string {
  const added = write.columns.filter(({ name }) => !before.schema.some((column) => column.name === name));
  const all = [...before.schema, ...added];
  const outside = write.range === undefined ? "true" : `(${within(write, write.range)}) IS NOT TRUE`;
  const kept = all.map(({ name }) => id(name)).join(", ");
  return `INSERT OVERWRITE ${target} SELECT ${kept} FROM ${target} WHERE ${outside} UNION ALL ${selection(write, all)}`;
}

/** Whether the table gets other columns together with other rows. */
export function rebuilds(write: TableWrite, before: Head): boolean {
  return write.mode === "replace" && columnChanges(before.schema, write).some(({ kind }) => kind !== "same");
}

interface ColumnChange extends Column {
  readonly kind: "same" | "added" | "widened" | "retyped" | "dropped";
}

/** @throws MillwrightError `column-retyped` where rows stay and a column would have to become another type. */
function columnChanges(now: readonly Column[], { table, mode, columns }: TableWrite): readonly ColumnChange[] {
  const types = new Map(now.map(({ name, type }) => [name, type]));
  const changes = columns.map(({ name, type }): ColumnChange => {
    const old = types.get(name);
    if (old === type) return { kind: "same", name, type };
    if (old === undefined) return { kind: "added", name, type };
    if (widens(old, type)) return { kind: "widened", name, type };
    if (mode === "replace") return { kind: "retyped", name, type };
    throw new MillwrightError({
      code: "column-retyped",
      what: `the column ${name} of ${table} is ${old} and cannot become ${type} while its rows stay`,
      fix: `run ${table} with --full`,
    });
  });
  const names = new Set(columns.map(({ name }) => name));
  return [
    ...changes,
    ...now.filter(({ name }) => !names.has(name)).map(({ name, type }): ColumnChange => ({ kind: "dropped", name, type })),
  ];
}

/** Whether Iceberg takes the new type over without rewriting files. */
function widens(from: ColumnType, to: ColumnType): boolean {
  if (from === "integer" && to === "bigint") return true;
  const [before, after] = [from, to].map((type) => /^decimal\((\d+),(\d+)\)$/.exec(type));
  return before != null && after != null && before[2] === after[2] && Number(after[1]) >= Number(before[1]);
}

/** The query's rows as the table has its columns, in its order; null in those that the query does not yield. */
function selection({ columns, query }: TableWrite, all: readonly Column[]): string {
  const own = new Map(columns.map(({ name, type }) => [name, type]));
  const list = all.map(({ name }) => {
    const type = own.get(name);
    return `${type === undefined ? "NULL" : `CAST(${id(name)} AS ${dialect.type(type)})`} AS ${id(name)}`;
  });
  return `SELECT ${list.join(", ")} FROM (${query}) AS written`;
}

function insert(write: TableWrite, all: readonly Column[], target: string): string {
  return `INSERT INTO ${target} ${selection(write, all)}`;
}

function overwrite(write: TableWrite, all: readonly Column[], target: string): string {
  if (write.range === undefined) return insert(write, all, target);
  return `INSERT INTO ${target} REPLACE WHERE ${within(write, write.range)} ${selection(write, all)}`;
}

function within({ columns }: TableWrite, { column, from, to }: NonNullable<TableWrite["range"]>): string {
  const day = columns.find(({ name }) => name === column)?.type === "date";
  const bound = day ? dayBound : timeBound;
  return `${id(column)} >= ${bound(from)} AND ${id(column)} < ${bound(to)}`;
}

/** A time as a literal; text without a zone is UTC. */
function timeBound(text: string): string {
  return `timestamp_ntz '${text.replace("T", " ").replace(/(Z|\+00(:?00)?)$/, "")}'`;
}

/** The first day that does not begin before the time. */
function dayBound(text: string): string {
  const time = Date.parse(/[Tt ]/.test(text) && !/(Z|[+-]\d\d(:?\d\d)?)$/.test(text) ? `${text.replace(" ", "T")}Z` : text);
  return `date '${new Date(Math.ceil(time / 86_400_000) * 86_400_000).toISOString().slice(0, 10)}'`;
}

function merge(write: TableWrite, target: string): string {
  const { columns, key } = write;
  const on = key.map((name) => `t.${id(name)} <=> s.${id(name)}`).join(" AND ");
  const rest = columns.filter(({ name }) => !key.includes(name));
  const update =
    rest.length === 0 ? "" : `WHEN MATCHED THEN UPDATE SET ${rest.map(({ name }) => `t.${id(name)} = s.${id(name)}`).join(", ")} `;
  const list = columns.map(({ name }) => id(name)).join(", ");
  const values = columns.map(({ name }) => `s.${id(name)}`).join(", ");
  return `MERGE INTO ${target} AS t USING (${selection(write, columns)}) AS s ON ${on} ${update}WHEN NOT MATCHED THEN INSERT (${list}) VALUES (${values})`;
}

/** A partition field as SQL writes it: `bucket(16, id)`, `days(at)`. */
function partitionSql({ column, transform, size }: PartitionField): string {
  if (transform === "identity") return id(column);
  if (transform === "bucket" || transform === "truncate") return `${transform}(${size ?? 1}, ${id(column)})`;
  return `${transform}s(${id(column)})`;
}
