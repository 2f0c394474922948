import { existsSync } from "node:fs";
import type { MaintenanceNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { noteOf } from "../lake/note.ts";
import { catalogClient } from "../lake/maintain/client.ts";
import { contentReader } from "../lake/maintain/content.ts";
import { openLeftovers, removeFiles } from "../lake/maintain/leftovers.ts";
import { maintainTable, type TableReport } from "../lake/maintain/maintain.ts";
import { findStaged } from "../lake/maintain/orphans.ts";
import { openStorages } from "../lake/storage/storages.ts";
import type { StepResult } from "./commit.ts";
import { maintenanceWords } from "./maintenance-words.ts";
import type { Session } from "./session.ts";
import { secondsSince } from "./seconds.ts";

/**
 * Maintains tables of the lake one after the other, and tells the journal what it did to each. A table that cannot be maintained is told and the
 * others go on; the step then fails.
 */
export async function maintainTables(session: Session, node: MaintenanceNode): Promise<StepResult> {
  const began = performance.now();
  const { lake, catalog, engine } = await session.lakehouse();
  const { name: namespace } = session.definition;
  const storages = openStorages(lake.storages);
  const client = catalogClient(catalog, namespace);
  const locations = new Map<string, string>();
  for (const table of session.heads.keys()) {
    const loaded = await client.load(table);
    if (loaded !== null) locations.set(table, loaded.metadata.location.replace(/\/+$/, ""));
  }
  const needed = neededSnapshots(session, node);
  const tables = tablesOf(session, node);
  const reports: TableReport[] = [];
  const failures: { readonly table: string; readonly error: Error }[] = [];
  /** A table that fails leaves the others to be maintained; a cancelled run ends all. */
  const attempt = async (table: string, work: () => Promise<TableReport>): Promise<TableReport | null> => {
    try {
      return await work();
    } catch (error) {
      if (session.signal.aborted || !(error instanceof Error)) throw error;
      failures.push({ table, error });
      session.reporter.note(`${node.name}: ${table} could not be maintained: ${error.message}`);
      return null;
    }
  };
  const progress = session.progress(node.name);
  for (const [index, table] of tables.entries()) {
    session.signal.throwIfAborted();
    progress.report({ done: index, total: tables.length, unit: "tasks" });
    const maintained = {
      table,
      client,
      storages,
      reader: contentReader(storages),
      leftovers: openLeftovers(session.paths.state, table),
      now: Date.now,
      signal: session.signal,
    };
    const report = await attempt(table, () =>
      maintainTable(maintained, {
        compact: node.compact,
        expire: node.expire,
        orphans: node.orphans,
        namespace,
        lake,
        engine: engine.within(session.signal),
        needed: needed.get(table) ?? new Set(),
        others: [...locations].flatMap(([other, location]) => (other === table ? [] : [location])),
        fileSize: fileSizeOf(session, table),
      }),
    );
    if (report === null) continue;
    reports.push(report);
    session.refresh(table);
    for (const note of notesOf(report)) session.reporter.note(`${node.name}: ${note}`);
    if (did(report))
      await session.journal.commit([{ type: "table.maintained", asset: table, run: session.run, body: { by: node.name, ...report } }]);
  }
  const staged =
    node.orphans === null || node.orphans.dryRun ? null : await clearStaging(storages, lake.storages[0].location, node.orphans);
  throwFirst(node, failures);
  const seconds = secondsSince(began);
  const body = { tables: tables.length, ...summed(reports), staged: staged?.files ?? 0, seconds };
  await session.journal.commit([{ type: "maintenance.finished", asset: node.name, run: session.run, body }]);
  return { outcome: reports.some(did) ? "updated" : "unchanged", rows: null, detail: maintenanceWords(body) };
}

/** A defect, or what an engine or a storage says, as it is; else one sentence for each table. */
function throwFirst({ name, origin }: MaintenanceNode, failures: readonly { readonly table: string; readonly error: Error }[]): void {
  const foreign = failures.find(({ error }) => !(error instanceof MillwrightError));
  if (foreign !== undefined) throw foreign.error;
  const [first] = failures;
  if (first === undefined || !(first.error instanceof MillwrightError)) return;
  const what = failures
    .map(({ table, error }) => `${table}: ${error instanceof MillwrightError ? error.problem.what : error.message}`)
    .join("; ");
  throw new MillwrightError({ code: first.error.problem.code, what, where: origin, fix: `run ${name} again` }, { cause: first.error });
}

/** Every table of the namespace, or the named ones as far as they are there, each with its quarantine. */
function tablesOf(session: Session, node: MaintenanceNode): readonly string[] {
  const there = [...session.heads.keys()].toSorted();
  if (node.tables === null) return there;
  const wanted = new Set(node.tables.flatMap((table) => [table, `${table}_quarantine`]));
  return there.filter((table) => wanted.has(table));
}

/**
 * The snapshots of each table that must stay: those that standing tables were made from, since later runs compare with them, and what
 * registered models were trained on.
 */
function neededSnapshots(session: Session, node: MaintenanceNode): ReadonlyMap<string, ReadonlySet<string>> {
  const needed = new Map<string, Set<string>>();
  const add = (inputs: Readonly<Record<string, string>>) => {
    for (const [table, snapshot] of Object.entries(inputs)) {
      const known = needed.get(table) ?? new Set<string>();
      needed.set(table, known.add(snapshot));
    }
  };
  for (const head of session.heads.values()) add(noteOf(head.summary)?.inputs ?? {});
  if (node.expire?.keepTrained !== false) for (const inputs of trainedOn(session)) add(inputs);
  return needed;
}

function trainedOn({ journal, paths }: Session): readonly Readonly<Record<string, string>>[] {
  if (!existsSync(paths.models)) return [];
  return [...journal.events({ type: "model.registered" }), ...journal.events({ type: "model.rejected" })].flatMap(({ body }) => {
    const { inputs } = body;
    return typeof inputs === "object" && inputs !== null
      ? [Object.fromEntries(Object.entries(inputs).map(([table, id]) => [table, String(id)]))]
      : [];
  });
}

function fileSizeOf({ definition }: Session, table: string): number | null {
  const asset = definition.assets.find(({ name }) => name === table);
  return asset?.kind === "source" || asset?.kind === "table" ? (asset.layout?.fileSize ?? null) : null;
}

async function clearStaging(
  storages: ReturnType<typeof openStorages>,
  lake: string,
  { olderThanSeconds }: NonNullable<MaintenanceNode["orphans"]>,
): Promise<{ readonly files: number; readonly bytes: number }> {
  const staged = await findStaged(storages, lake, olderThanSeconds * 1000, Date.now());
  return removeFiles(storages, staged.files);
}

function did({ compact, tier, expire, orphans, finished }: TableReport): boolean {
  return [compact?.filesBefore, tier?.files, expire?.snapshots, expire?.files, orphans?.files, finished.files].some(
    (count) => (count ?? 0) > 0,
  );
}

/** What a person should know: why a table was left, and which files a dry run found. */
function notesOf({ table, compact, tier, orphans }: TableReport): readonly string[] {
  return [
    ...[compact, tier].flatMap((part) => (part?.left == null ? [] : [`${table} is left as it is: ${part.left}`])),
    ...(orphans === null || orphans.removed ? [] : orphans.names.map((name) => `nothing refers to ${name}`)),
  ];
}

function summed(reports: readonly TableReport[]): Readonly<Record<string, number>> {
  const sum = (count: (report: TableReport) => number | null | undefined) =>
    reports.reduce((total, report) => total + (count(report) ?? 0), 0);
  return {
    filesBefore: sum(({ compact }) => compact?.filesBefore),
    filesAfter: sum(({ compact }) => compact?.filesAfter),
    bytesBefore: sum(({ compact }) => compact?.bytesBefore),
    bytesAfter: sum(({ compact }) => compact?.bytesAfter),
    deletesApplied: sum(({ compact }) => compact?.deletesApplied),
    moved: sum(({ tier }) => tier?.files),
    snapshots: sum(({ expire }) => expire?.snapshots),
    expiredFiles: sum(({ expire }) => expire?.files),
    orphans: sum(({ orphans }) => orphans?.files),
    freedBytes: sum(
      ({ expire, orphans, finished }) => (expire?.bytes ?? 0) + (orphans?.removed === true ? orphans.bytes : 0) + finished.bytes,
    ),
  };
}
