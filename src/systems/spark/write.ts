import { randomUUID } from "node:crypto";
import type { Head } from "../../lake/catalog/heads.ts";
import { keepLayout } from "../../lake/keep-layout.ts";
import { noteOf } from "../../lake/note.ts";
import { requireUnmoved } from "../../lake/unmoved.ts";
import { MillwrightError } from "../../error.ts";
import { crashPoint } from "../../run/crash.ts";
import type { Engine, EngineContext, TableWrite, Written } from "../roles.ts";
import { commitOf, commitSettings } from "./commit-note.ts";
import type { Pool } from "./pool.ts";
import { writeQuarantine } from "./quarantine.ts";
import { layoutNow } from "./layout.ts";
import { rebuilds, rewriteFor, statementsFor } from "./statements.ts";

export interface Writing extends Pick<Engine, "ask" | "keep"> {
  readonly write: TableWrite;
  readonly signal: AbortSignal | null;
  readonly pool: Pool;
  readonly context: EngineContext;
  /** The full name of a table in Spark's SQL. */
  readonly name: (table: string) => string;
  readonly head: (table: string) => Head | null;
}

/**
 * Writes the rows that a table refuses into `<table>_quarantine`, then the table itself: two commits. Whatever ends the work between them,
 * the next write of the table first undoes the quarantine's half. Each commit carries its note, and the snapshot that it expects:
 * the catalog refuses it when another one has come since, e.g. of a killed run whose job went on in the cluster.
 */
export async function writeTable(writing: Writing): Promise<Written> {
  const { write, head, context } = writing;
  const place = { ...context, table: write.table };
  const target = writing.name(write.table);
  requireUnmoved(write, head(write.table));
  const quarantined = await writeQuarantine(writing, head(write.table));
  crashPoint("quarantine-committed");
  const { columns, layout = null } = write;
  const { created } = await keepLayout(place, { columns, layout, replaced: write.mode === "replace" });
  if (created) crashPoint("table-created");
  const before = head(write.table);
  const rebuilt = !created && before !== null && rebuilds(write, before);
  const partition = rebuilt ? (await layoutNow(place)).partition : [];
  const statements = statementsFor(write, created ? null : before, target, partition);
  const commit = randomUUID();
  const settings = commitSettings(write, { commit, expects: before?.snapshot ?? null, quarantined });
  await runCommit(writing, { table: write.table, settings, commit, statements }).catch((error: unknown) => {
    if (before === null || !isPartialMatch(error)) throw error;
    return runCommit(writing, { table: write.table, settings, commit, statements: [rewriteFor(write, before, target)] });
  });
  // A table that was made anew together with its rows has lost its sort order, which SQL cannot say.
  if (rebuilt) await keepLayout(place, { columns, layout, replaced: false });
  crashPoint("catalog-committed");
  const after = await landed(writing, write.table, commit);
  const note = after === null ? null : noteOf(after.summary);
  if (after === null || note === null)
    throw new MillwrightError({ code: "commit-without-snapshot", what: `the commit of ${write.table} left no snapshot in the catalog` });
  return { snapshot: after.snapshot, note };
}

/** Whether a range could not be overwritten because files hold rows of it beside others. */
function isPartialMatch(error: unknown): boolean {
  return error instanceof MillwrightError && /Cannot delete file where some, but not all, rows match/.test(error.message);
}

export interface Commit {
  readonly table: string;
  /** Of the session: they make the note of its commits. */
  readonly settings: Readonly<Record<string, string>>;
  readonly commit: string;
  readonly statements: readonly string[];
}

/** Runs statements of which the last makes the commit, in a session of its own. */
export async function runCommit(writing: Writing, { table, settings, commit, statements }: Commit): Promise<void> {
  const { pool, signal, write } = writing;
  const onProgress = (done: number, total: number) => write.progress?.report({ done, total: total === 0 ? null : total, unit: "tasks" });
  try {
    await pool.alone(settings, async (session) => {
      for (const query of statements) await session.command({ sqlCommand: { input: { sql: { query } } } }, { signal, onProgress });
    });
  } catch (error) {
    // The driver or the connection may have gone between the commit and the answer.
    const transient = error instanceof MillwrightError && error.problem.code === "transient";
    if (!transient || commitOf(writing.head(table)) !== commit) throw error;
  }
}

/** The snapshot of a commit, also when others have committed since. */
async function landed(
  { head, name, ask }: Writing,
  table: string,
  commit: string,
): Promise<{ snapshot: string; summary: Head["summary"] } | null> {
  const now = head(table);
  if (now !== null && now.snapshot !== null && commitOf(now) === commit) return { snapshot: now.snapshot, summary: now.summary };
  const [row] = await ask(
    `SELECT cast(snapshot_id as STRING) AS snapshot, to_json(summary) AS summary FROM ${name(table)}.snapshots WHERE summary['millwright.commit'] = '${commit}'`,
  );
  return row === undefined ? null : { snapshot: String(row["snapshot"]), summary: JSON.parse(String(row["summary"])) };
}
