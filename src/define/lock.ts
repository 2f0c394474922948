import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MillwrightError } from "../error.ts";
import { isColumnType, type Columns } from "./column.ts";

/**
 * The columns of every table as last seen. It is committed beside the platform file, so that a fresh clone
 * type-checks and checks without reaching any source.
 */
export interface SchemaLock {
  readonly version: 1;
  /** Source, table at the source, columns. */
  readonly sources: Readonly<Record<string, Readonly<Record<string, Columns>>>>;
  /** Computed table, columns. */
  readonly tables: Readonly<Record<string, Columns>>;
}

export const emptyLock: SchemaLock = Object.freeze({ version: 1, sources: Object.freeze({}), tables: Object.freeze({}) });

/** `schema.lock.json` in the platform file's folder. */
export function lockFile(directory: string): string {
  return join(directory, "schema.lock.json");
}

/** `schema.lock.d.ts` beside it, for the type checker. */
export function lockTypesFile(directory: string): string {
  return join(directory, "schema.lock.d.ts");
}

/**
 * The lock as it stands; null when there is none.
 *
 * @throws MillwrightError `bad-lock` when the file is not what `writeLock` writes (a merge conflict, a newer version).
 */
export function readLock(directory: string): SchemaLock | null {
  const file = lockFile(directory);
  if (!existsSync(file)) return null;
  const bad = (why: string, cause?: unknown) =>
    new MillwrightError(
      {
        code: "bad-lock",
        what: `the schema lock cannot be read: ${why}`,
        where: file,
        fix: "restore it, or delete it and run millwright check where the sources are reachable",
      },
      { cause },
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error), error);
  }
  if (!isRecord(content)) throw bad("it holds no object");
  const { version, sources, tables } = content;
  if (version !== 1) throw bad(`its version is ${JSON.stringify(version)}, and this program reads version 1`);
  if (!isRecord(sources) || !Object.values(sources).every(isTables)) throw bad("'sources' is not source, table, column, type");
  if (!isTables(tables)) throw bad("'tables' is not table, column, type");
  return {
    version,
    sources: Object.fromEntries(Object.entries(sources).map(([name, held]) => [name, isTables(held) ? held : {}])),
    tables,
  };
}

/** Writes the lock and its types; each file is replaced as a whole, and left alone when nothing changes. */
export function writeLock(directory: string, lock: SchemaLock): void {
  replaceFile(lockFile(directory), lockText(lock));
  replaceFile(lockTypesFile(directory), lockTypes(lock));
}

/** The file's text: sources and tables sorted by name, columns in the table's order. */
export function lockText(lock: SchemaLock): string {
  const sources = sorted(lock.sources).map(([name, tables]) => [name, Object.fromEntries(sorted(tables))]);
  return `${JSON.stringify({ version: lock.version, sources: Object.fromEntries(sources), tables: Object.fromEntries(sorted(lock.tables)) }, null, 2)}\n`;
}

/**
 * TypeScript that adds the columns of every source table to the interface `Sources` of the package,
 * from which `source("ops").table("flights")` takes its columns.
 */
export function lockTypes(lock: SchemaLock): string {
  const lines = [
    "// Written by `millwright check` from schema.lock.json; do not edit.",
    "export {};",
    'declare module "millwright" {',
    "  interface Sources {",
  ];
  for (const [source, tables] of sorted(lock.sources)) {
    lines.push(`    ${JSON.stringify(source)}: {`);
    for (const [table, columns] of sorted(tables)) {
      lines.push(`      ${JSON.stringify(table)}: {`);
      for (const [column, type] of Object.entries(columns)) lines.push(`        ${JSON.stringify(column)}: ${JSON.stringify(type)};`);
      lines.push("      };");
    }
    lines.push("    };");
  }
  lines.push("  }", "}", "");
  return lines.join("\n");
}

/** How one lock differs from another, a line each, in words. */
export function compareLocks(before: SchemaLock, after: SchemaLock): readonly string[] {
  return compareTables(flatten(before), flatten(after));
}

function flatten(lock: SchemaLock): Readonly<Record<string, Columns>> {
  const sources = Object.entries(lock.sources).flatMap(([source, tables]) =>
    Object.entries(tables).map(([table, columns]) => [`${source}.${table}`, columns]),
  );
  return Object.fromEntries([...sources, ...Object.entries(lock.tables)]);
}

function compareTables(before: Readonly<Record<string, Columns>>, after: Readonly<Record<string, Columns>>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === undefined) return [`${name}: new table of ${counted(Object.keys(now ?? {}).length)}`];
    if (now === undefined) return [`${name}: no longer in the platform`];
    return compareColumns(name, old, now);
  });
}

function compareColumns(table: string, before: Columns, after: Columns): string[] {
  const lost = Object.keys(before)
    .filter((name) => !(name in after))
    .map((name) => `${table}: lost the column ${name} (${before[name]})`);
  const others = Object.entries(after).flatMap(([name, type]) => {
    if (!(name in before)) return [`${table}: new column ${name} (${type})`];
    return before[name] === type ? [] : [`${table}: ${name} is now ${type}, was ${before[name]}`];
  });
  if (lost.length + others.length > 0) return [...lost, ...others];
  return Object.keys(before).join("\n") === Object.keys(after).join("\n") ? [] : [`${table}: its columns are in another order`];
}

function counted(columns: number): string {
  return columns === 1 ? "1 column" : `${columns} columns`;
}

function replaceFile(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const aside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(aside, text, { flush: true });
    renameSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** By code point, so that every machine and locale writes the same file. */
function sorted<V>(record: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTables(value: unknown): value is Readonly<Record<string, Columns>> {
  return isRecord(value) && Object.values(value).every((columns) => isRecord(columns) && Object.values(columns).every(isColumnType));
}
