import { randomUUID } from "node:crypto";
import type { Column } from "../../define/column.ts";
import type { Head } from "../../lake/catalog/heads.ts";
import { keepLayout } from "../../lake/keep-layout.ts";
import { spark as dialect } from "../../transform/spark.ts";
import { beforeKey, commitOf, commitSettings } from "./commit-note.ts";
import { catalogName } from "./settings.ts";
import { runCommit, type Writing } from "./write.ts";

/** The columns of every quarantine table. */
const columns: readonly Column[] = [
  { name: "origin", type: "text" },
  { name: "reason", type: "text" },
  { name: "raw", type: "text" },
];

/** Writes the refused rows into the table's quarantine; gives their number. Without any, a quarantine that stands is emptied by a replace, and none is made. */
export async function writeQuarantine(writing: Writing, table: Head | null): Promise<number> {
  const { write, head, keep, ask } = writing;
  const name = `${write.table}_quarantine`;
  let before = head(name);
  if (before !== null && write.mode !== "replace" && (await undoHalf(writing, name, before, table))) before = head(name);
  const kept = write.rejected === null ? null : await keep(write.rejected);
  try {
    const count = kept === null ? 0 : Number((await ask(`SELECT count(*) AS n FROM ${kept.relation}`))[0]?.["n"] ?? 0);
    const stays = await keptRows(writing, before);
    if (count === 0 && stays === all) return 0;
    if (before === null) await keepLayout({ ...writing.context, table: name }, { columns, layout: null, replaced: false });
    const target = writing.name(name);
    const rows = count === 0 || kept === null ? emptyRows : `SELECT origin, reason, raw FROM ${kept.relation}`;
    const commit = randomUUID();
    await runCommit(writing, {
      table: name,
      settings: commitSettings(write, { commit, expects: before?.snapshot ?? null, quarantined: 0, before: table?.snapshot ?? null }),
      commit,
      statements: [
        stays === all
          ? `INSERT INTO ${target} ${rows}`
          : `INSERT OVERWRITE ${target} ${stays === null ? rows : `${stays} UNION ALL ${rows}`}`,
      ],
    });
    return count;
  } finally {
    await kept?.drop();
  }
}

/** All of the rows that stand in a quarantine. */
const all: unique symbol = Symbol("all");

/** What stays of a quarantine when new refused rows come: all, nothing (null), or what a query yields. */
async function keptRows({ write, name, ask }: Writing, before: Head | null): Promise<typeof all | null | string> {
  if (before === null) return all;
  if (write.mode === "replace") return null;
  if (write.mode !== "overwrite" || write.origin === undefined) return all;
  const target = name(`${write.table}_quarantine`);
  const own = `origin = ${dialect.text(write.origin)}`;
  const [row] = await ask(`SELECT count(*) AS n FROM ${target} WHERE ${own}`);
  return Number(row?.["n"] ?? 0) === 0 ? all : `SELECT origin, reason, raw FROM ${target} WHERE (${own}) IS NOT TRUE`;
}

const emptyRows = "SELECT cast(NULL AS STRING) AS origin, cast(NULL AS STRING) AS reason, cast(NULL AS STRING) AS raw WHERE false";

/**
 * Takes back the quarantine's last commit when the table's own never followed, because the work ended in between: its rows
 * come again now. True when there was one.
 */
async function undoHalf(writing: Writing, name: string, quarantine: Head, table: Head | null): Promise<boolean> {
  const { context, ask } = writing;
  if (commitOf(quarantine) === null || quarantine.summary[beforeKey] !== (table?.snapshot ?? "none")) return false;
  const [row] = await ask(
    `SELECT cast(parent_id AS STRING) AS parent FROM ${writing.name(name)}.snapshots WHERE snapshot_id = ${BigInt(quarantine.snapshot ?? 0)}`,
  );
  const parent = row?.["parent"];
  const query =
    typeof parent === "string"
      ? `CALL ${catalogName}.system.rollback_to_snapshot(table => ${dialect.text(`${dialect.identifier(context.namespace)}.${dialect.identifier(name)}`)}, snapshot_id => ${BigInt(parent)})`
      : `DELETE FROM ${writing.name(name)}`;
  const commit = randomUUID();
  await runCommit(writing, { table: name, settings: {}, commit, statements: [query] });
  return true;
}
