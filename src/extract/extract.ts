import { rm } from "node:fs/promises";
import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { Column } from "../define/column.ts";
import type { SourceTableNode, TableNode } from "../define/node.ts";
import type { Operation } from "../define/operation.ts";
import { MillwrightError } from "../error.ts";
import { crashPoint } from "../run/crash.ts";
import { commitTable, type StepResult } from "../run/commit.ts";
import { settle } from "../run/layout.ts";
import { columnsOfHead, type Session } from "../run/session.ts";
import { limitsBeside } from "../systems/duckdb/limits.ts";
import type { Engine, Extracted, Position, Source } from "../systems/roles.ts";
import { dialectOf } from "../transform/dialects.ts";
import { printTable } from "../transform/print.ts";
import { sourceDefinition } from "./definition.ts";
import { compareColumns, type SchemaChange } from "./schema.ts";
import type { Staged } from "./stage.ts";

/**
 * Brings a source's table into the lake: all of it the first time, later what is new or changed, merged by key.
 * Position and rows are one commit. When nothing changed there is no commit.
 */
export async function extractTable(session: Session, node: SourceTableNode): Promise<StepResult> {
  const began = performance.now();
  const head = session.heads.get(node.name) ?? null;
  const note = await session.ownNote(node.name);
  const definition = sourceDefinition(session.environment, node);
  const source = await session.source(node);
  const fingerprint = await source.fingerprint(node);
  const same = note?.definition === definition && !session.full;
  if (head !== null && note !== null && same && fingerprint !== null && fingerprint === note.fingerprint)
    return await settle(session, node, note);

  const columns = await agreeColumns(session, node, source);
  const position = same ? (note?.position ?? null) : null;
  const directory = join(session.paths.staging, `${node.name}-${session.run}`);
  try {
    await using read = await readRows(session, node, source, { columns, position, directory });
    crashPoint("rows-staged");
    const engine = await session.engine();
    const { extracted } = read;
    const whole = position === null || extracted.contains === "all";
    const { rows, rejected } = changesOf(session, engine, node, columns, read, whole);
    if (head !== null && note !== null && same && (await changesNothing(session, engine, node, { rows, rejected, columns, whole })))
      return await settle(session, node, note);
    if (head !== null && whole) await guardLoss(session, node, engine, read, note?.rows ?? 0);
    return await commitTable(session, node, {
      table: node.name,
      columns,
      mode: whole ? "replace" : node.key.length > 0 ? "merge" : "append",
      key: node.key,
      query: rows,
      rejected,
      note: { run: session.run, definition, inputs: {}, position: extracted.position, fingerprint, fitted: null },
      began,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Reading {
  readonly columns: readonly Column[];
  readonly position: Position | null;
  readonly directory: string;
}

/** What was read, as relations of the engine; gone when disposed of. */
interface Read extends AsyncDisposable {
  readonly extracted: Extracted;
  /** SQL to select from; null when there are none. */
  readonly rows: string | null;
  /** With the columns origin, reason, raw. */
  readonly rejected: string | null;
}

/** Reads through the engine itself where source and engine can, else into files that the engine then reads. */
async function readRows(session: Session, node: SourceTableNode, source: Source, reading: Reading): Promise<Read> {
  const engine = source.direct === undefined ? null : await session.engine();
  if (source.direct !== undefined && engine?.see !== undefined) {
    const { dialect, see, ask } = engine;
    const direct = await source.direct({ table: node, ...reading, dialect, see, ask, signal: session.signal });
    if (direct !== null) {
      const { rows, rejected, drop, ...extracted } = direct;
      return { extracted, rows, rejected, [Symbol.asyncDispose]: drop };
    }
  }
  const { extracted, staged } = await stageRows(session, node, source, reading);
  await using stack = new AsyncDisposableStack();
  const bring = async (files: readonly string[]) => {
    if (files.length === 0) return null;
    const { relation, drop } = await (await session.engine()).staged(files);
    stack.defer(drop);
    return relation;
  };
  const rows = await bring(staged.files);
  const rejected = await bring(staged.rejectedFiles);
  const owned = stack.move();
  return { extracted, rows, rejected, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function stageRows(
  session: Session,
  node: SourceTableNode,
  source: Source,
  options: Reading,
): Promise<{ extracted: Extracted; staged: Staged }> {
  const [{ openDuckDB, connect }, { createStage }] = await Promise.all([import("../systems/duckdb/connection.ts"), import("./stage.ts")]);
  // A database of its own: what a source does to it (settings, extensions) stays here.
  const instance = await openDuckDB({ temporaryDirectory: join(options.directory, "spill"), ...limitsBeside(session.environment) });
  const connection = await connect(instance);
  try {
    const stage = await createStage({ connection, directory: options.directory, columns: options.columns, signal: session.signal });
    const extracted = await source.extract({
      table: node,
      columns: options.columns,
      position: options.position,
      stage,
      progress: session.progress(node.name),
      signal: session.signal,
    });
    return { extracted, staged: await stage.finish() };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The columns to extract: as agreed before, changed only in ways that keep what is there; every change goes to the journal. */
async function agreeColumns(session: Session, node: SourceTableNode, source: Source): Promise<readonly Column[]> {
  if (node.columns !== null) return Object.entries(node.columns).map(([name, type]) => ({ name, type }));
  const now = await source.describe(node);
  const head = session.heads.get(node.name);
  if (head === undefined) return now;
  const { changes, columns, refused } = compareColumns(columnsOfHead(head), now);
  if (session.full) {
    const gone = changes.filter((change) => change.kind === "lost" || change.kind === "refused").map((change) => change.column);
    if (gone.length > 0 && !session.allowDestroy.has(node.name)) {
      throw new MillwrightError({
        code: "would-destroy",
        what: `extracting ${node.name} anew would drop what its columns hold now: ${gone.join(", ")}`,
        where: node.origin,
        fix: `run without --full, or pass --allow-destroy ${node.name} (older snapshots stay readable by time travel)`,
      });
    }
    tellChanges(session, node, changes);
    return now;
  }
  const [problem] = refused;
  if (problem !== undefined) throw new MillwrightError({ ...problem, where: problem.where ?? node.origin });
  tellChanges(session, node, changes);
  return columns;
}

/** A change is told once, though a lost column is found missing by every later run. */
function tellChanges(session: Session, node: SourceTableNode, changes: readonly SchemaChange[]): void {
  const told = new Set(
    session.journal
      .events({ type: "schema.changed", asset: node.name })
      .flatMap(({ body }) => (Array.isArray(body["changes"]) ? body["changes"].map(contentHash) : [])),
  );
  const news = changes.filter((change) => !told.has(contentHash(change)));
  if (news.length > 0) session.journal.append({ type: "schema.changed", asset: node.name, run: session.run, body: { changes: news } });
}

interface Changes {
  /** Yields the rows to commit. */
  readonly rows: string;
  /** Yields origin, reason and raw of what goes to quarantine; null when nothing does. */
  readonly rejected: string | null;
}

/** What was staged, as queries: one row per key, the newest by the cursor, so that a change that is read twice counts once. */
function changesOf(
  session: Session,
  engine: Engine,
  node: SourceTableNode,
  columns: readonly Column[],
  read: Read,
  whole: boolean,
): Changes {
  const dialect = dialectOf(engine.dialect);
  const nothing = `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${dialect.type(type)}) AS ${dialect.identifier(name)}`).join(", ")} WHERE false`;
  const operations: Operation[] = node.key.length === 0 ? [] : [{ kind: "dedupe", keys: node.key, newest: node.cursor }];
  const newest: TableNode = {
    kind: "table",
    name: node.name,
    origin: node.origin,
    inputs: [node.name],
    operations,
    sql: null,
    load: false,
    layout: null,
    parts: null,
  };
  const rows =
    read.rows === null
      ? nothing
      : printTable({
          node: newest,
          columnsOf: () => columns,
          relation: () => `${read.rows}`,
          fitted: {},
          dialect: engine.dialect,
        }).query;
  if (read.rejected === null) return { rows, rejected: null };
  const rejected = `SELECT origin, reason, raw FROM ${read.rejected}`;
  const quarantine = `${node.name}_quarantine`;
  // A source may give its last rows again, the bad ones too: those are in quarantine already.
  return {
    rows,
    rejected:
      whole || !session.heads.has(quarantine)
        ? rejected
        : `${rejected} EXCEPT SELECT origin, reason, raw FROM ${engine.relation(quarantine, null)}`,
  };
}

/** Whether committing this would change neither the table nor its quarantine. */
async function changesNothing(
  session: Session,
  engine: Engine,
  node: SourceTableNode,
  { rows, rejected, columns, whole }: Changes & { readonly columns: readonly Column[]; readonly whole: boolean },
): Promise<boolean> {
  const head = session.heads.get(node.name);
  const shape = (list: readonly Column[]) => list.map((column) => `${column.name} ${column.type}`).join();
  if (head === undefined || shape(columns) !== shape(columnsOfHead(head))) return false;
  const count = async (query: string) => Number((await engine.ask(`SELECT count(*) AS n FROM (${query}) AS counted`))[0]?.["n"] ?? 0);
  const differ = (a: string, b: string) => `((${a}) EXCEPT ALL (${b})) UNION ALL ((${b}) EXCEPT ALL (${a}))`;
  const stands = session.heads.has(`${node.name}_quarantine`)
    ? `SELECT origin, reason, raw FROM ${engine.relation(`${node.name}_quarantine`, null)}`
    : null;
  const refused = rejected === null ? (whole ? stands : null) : whole && stands !== null ? differ(rejected, stands) : rejected;
  if (refused !== null && (await count(refused)) > 0) return false;
  const list = columns.map(({ name }) => dialectOf(engine.dialect).identifier(name)).join(", ");
  const table = `SELECT ${list} FROM ${engine.relation(node.name, null)}`;
  if (whole) return (await count(differ(rows, table))) === 0;
  return (await count(node.key.length === 0 ? rows : `(${rows}) EXCEPT ALL (${table})`)) === 0;
}

/** A full extract that would leave fewer rows than the table has loses what the source no longer keeps: that must be allowed by name. */
async function guardLoss(session: Session, node: SourceTableNode, engine: Engine, read: Read, before: number): Promise<void> {
  if (node.cursor === null || session.allowDestroy.has(node.name)) return;
  const rows = read.rows === null ? 0 : Number((await engine.ask(`SELECT count(*) AS n FROM ${read.rows}`))[0]?.["n"] ?? 0);
  if (rows >= before) return;
  throw new MillwrightError({
    code: "would-destroy",
    what: `extracting ${node.name} anew gives ${rows} rows where the table has ${before}: the source no longer keeps the others`,
    where: node.origin,
    fix: `keep the table as it is, or pass --allow-destroy ${node.name} (older snapshots stay readable by time travel)`,
  });
}
