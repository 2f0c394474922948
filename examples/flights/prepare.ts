/**
 * Makes the example's sources out of data/: the operational database `ops.sqlite` and the gate logs `gates/*.log.gz`.
 *
 *     node prepare.ts [--rows N] [--out DIR]
 *
 * `--rows N` (or MILLWRIGHT_SAMPLE=N) takes the first N flights only. It writes to `.data` beside this file unless told otherwise, and
 * does nothing when what stands there was made from the same data by the same program.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseArgs, promisify } from "node:util";
import { gzip } from "node:zlib";
import { dataFile } from "./helpers/csv.ts";
import { damagedLogs, type Damage } from "./helpers/damage.ts";
import { gateEvents, gateMessages, type GateEvent } from "./helpers/messages.ts";
import { sampleSize } from "./helpers/options.ts";
import { opsRows, opsTables, type OpsColumn } from "./helpers/tables.ts";

/** What `gates/manifest.json` says of the logs beside it. */
export interface GatesManifest {
  /** Flights that the logs were made from. */
  readonly flights: number;
  /** Messages that were sent, by event, before the damage. */
  readonly messages: Readonly<Record<GateEvent, number>>;
  readonly damage: Damage;
  /** Messages lost to truncated lines, by event. */
  readonly truncated: Readonly<Record<GateEvent, number>>;
  readonly files: readonly { readonly name: string; readonly lines: number }[];
}

export interface Prepared {
  /** The folder with `ops.sqlite` and `gates/`. */
  readonly folder: string;
  /** False when all of it stood there already. */
  readonly written: boolean;
}

/** Makes the sources in `out`; every file appears whole or not at all, the stamp last. Two at once do each other no harm. */
export async function prepare(options: { readonly out?: string; readonly rows?: number } = {}): Promise<Prepared> {
  const folder = resolve(options.out ?? join(import.meta.dirname, ".data"));
  const stamp = join(folder, "stamp");
  const content = stampOf(options.rows);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === content && standing(folder)) return { folder, written: false };

  await mkdir(join(folder, "gates"), { recursive: true });
  await rm(stamp, { force: true });
  const aside = await mkdtemp(join(folder, "new-"));
  try {
    const logs = writeGates(aside, options.rows);
    writeDatabase(join(aside, "ops.sqlite"), options.rows);
    const names = await logs;
    await rename(join(aside, "ops.sqlite"), join(folder, "ops.sqlite"));
    for (const name of readdirSync(join(folder, "gates")))
      if (!names.includes(name)) await rm(join(folder, "gates", name), { force: true });
    for (const name of names) await rename(join(aside, name), join(folder, "gates", name));
    await writeFile(join(aside, "stamp"), content);
    await rename(join(aside, "stamp"), stamp);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return { folder, written: true };
}

/** A hash of all that the result depends on: the data, these programs and the number of rows. */
function stampOf(rows: number | undefined): string {
  const hash = createHash("sha256").update(JSON.stringify({ rows: rows ?? null }));
  for (const { name } of opsTables) hash.update(readFileSync(dataFile(name)));
  hash.update(readFileSync(import.meta.filename));
  const helpers = join(import.meta.dirname, "helpers");
  for (const name of readdirSync(helpers).toSorted()) hash.update(readFileSync(join(helpers, name)));
  return hash.digest("hex");
}

function standing(folder: string): boolean {
  const manifest = join(folder, "gates", "manifest.json");
  if (!existsSync(manifest) || !existsSync(join(folder, "ops.sqlite"))) return false;
  const { files }: GatesManifest = JSON.parse(readFileSync(manifest, "utf8"));
  return files.every(({ name }) => existsSync(join(folder, "gates", name)));
}

const sqliteTypes: Readonly<Record<OpsColumn["type"], string>> = {
  bigint: "BIGINT",
  integer: "INTEGER",
  double: "DOUBLE",
  text: "TEXT",
  timestamp: "TIMESTAMP",
};

function writeDatabase(file: string, limit: number | undefined): void {
  const database = new DatabaseSync(file);
  try {
    // Nothing is lost when this is killed: the file is not yet in its place.
    database.exec("pragma journal_mode = off; pragma synchronous = off; begin");
    for (const table of opsTables) {
      const columns = table.columns.map(
        ({ name, type }) => `"${name}" ${sqliteTypes[type]}${name === table.key ? " not null primary key" : ""}`,
      );
      database.exec(`create table "${table.name}" (${columns.join(", ")})`);
      const insert = database.prepare(`insert into "${table.name}" values (${columns.map(() => "?").join(", ")})`);
      for (const row of opsRows(table, limit)) insert.run(...row);
      if (table.cursor !== null)
        database.exec(`create index "${table.name}_${table.cursor}" on "${table.name}" ("${table.cursor}", "${table.key}")`);
    }
    database.exec("commit; analyze");
  } finally {
    database.close();
  }
}

/** Writes the logs and their manifest into `folder` and gives the names. */
async function writeGates(folder: string, limit: number | undefined): Promise<string[]> {
  const messages = gateMessages(limit);
  const { logs, damage, truncated } = damagedLogs(messages);
  const counts = { OUT: 0, OFF: 0, ON: 0, IN: 0 };
  for (const event of messages.events) counts[gateEvents[event] ?? "OUT"]++;
  const compress = promisify(gzip);
  const files = await Promise.all(
    logs.map(async ({ name, lines }) => {
      await writeFile(join(folder, `${name}.gz`), await compress(`${lines.join("\n")}\n`, { level: 5 }));
      return { name: `${name}.gz`, lines: lines.length };
    }),
  );
  const manifest: GatesManifest = { flights: messages.flights, messages: counts, damage, truncated, files };
  await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return [...files.map(({ name }) => name), "manifest.json"];
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rows: { type: "string" }, out: { type: "string" } } });
  const rows = sampleSize(values.rows);
  const started = performance.now();
  const { folder, written } = await prepare({
    ...(values.out === undefined ? {} : { out: values.out }),
    ...(rows === undefined ? {} : { rows }),
  });
  console.log(
    written ? `sources made in ${folder} in ${((performance.now() - started) / 1000).toFixed(1)} s` : `sources stand in ${folder}`,
  );
}
