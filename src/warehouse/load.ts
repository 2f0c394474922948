import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TableNode } from "../define/node.ts";
import { crashPoint } from "../run/crash.ts";
import type { NewEvent } from "../run/journal.ts";
import { columnsOfHead, type Session } from "../run/session.ts";
import type { StepResult } from "../run/commit.ts";
import { MillwrightError } from "../error.ts";
import { holdsRowsOf } from "../lake/catalog/rearranged.ts";
import { noteOf } from "../lake/note.ts";
import type { Head } from "../lake/catalog/heads.ts";
import type { Appended, Engine } from "../systems/roles.ts";
import type { Loaded } from "./warehouse.ts";
import { secondsSince } from "../run/seconds.ts";

/** Loads a table's newest snapshot into the environment's warehouse, unless the warehouse holds that snapshot already. */
export async function loadTable(session: Session, node: TableNode): Promise<StepResult> {
  const began = performance.now();
  const head = session.heads.get(node.name);
  if (head?.snapshot == null) {
    throw new MillwrightError({
      code: "missing-input",
      what: `${node.name} is not built yet, so there is nothing to load`,
      where: node.origin,
      fix: `run ${node.name} first`,
    });
  }
  const step = `warehouse.${node.name}`;
  const rows = noteOf(head.summary)?.rows ?? null;
  const told = session.latest("load.committed").get(step)?.body["snapshot"];
  if (typeof told === "string" && holdsRowsOf(head, told) && !session.full && session.warehouseStood)
    return { outcome: "unchanged", rows, detail: null };

  const held = await loadedNow(session, node.name);
  // Loaded by a run that was killed before it could tell the journal, or whose journal was lost.
  if (held !== null && holdsRowsOf(head, held.snapshot) && !session.full) {
    session.journal.append(loadEvent(step, held));
    return { outcome: "unchanged", rows, detail: null };
  }

  const engine = await session.engine();
  const directory = join(session.paths.staging, `${step}-${session.run}`);
  await mkdir(directory, { recursive: true });
  try {
    const added = session.full || held === null ? null : await addedSince(session, engine, node.name, held, head);
    // Rows that stand in files of their own are loaded from these: writing them once more would take longer than loading them.
    const files = added?.files ?? [join(directory, "rows.parquet")];
    const exported =
      added?.files != null
        ? added.rows
        : await engine.exportParquet(`SELECT * FROM ${added?.relation ?? engine.relation(node.name, head.snapshot)}`, files[0] ?? "");
    const warehouse = await session.warehouse();
    let loaded: Loaded;
    try {
      const seconds = secondsSince(began);
      loaded = await warehouse.load({
        table: node.name,
        snapshot: head.snapshot,
        columns: columnsOfHead(head),
        rows: added === null || held === null ? exported : held.rows + exported,
        onto: added === null ? null : (held?.snapshot ?? null),
        seconds,
        files,
        run: session.run,
      });
    } finally {
      await warehouse.close();
    }
    crashPoint("warehouse-loaded");
    session.journal.append(loadEvent(step, loaded));
    return { outcome: held === null ? "created" : "updated", rows: loaded.rows, detail: null };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The rows that the table has got since it was loaded, when these are all that has happened to it. */
async function addedSince(session: Session, engine: Engine, table: string, held: Loaded, head: Head): Promise<Appended | null> {
  if (head.snapshot === null || engine.appended === undefined) return null;
  const warehouse = await session.warehouse();
  try {
    if (!(await warehouse.fits(table, columnsOfHead(head)))) return null;
  } finally {
    await warehouse.close();
  }
  return engine.appended(table, held.snapshot, head.snapshot);
}

/** The journal's words for a load; the same whether told at once or rebuilt from the warehouse later. */
function loadEvent(step: string, { snapshot, run, rows, seconds, time }: Loaded): NewEvent {
  return { type: "load.committed", asset: step, run, time, body: { snapshot, rows, seconds } };
}

async function loadedNow(session: Session, table: string): Promise<Loaded | null> {
  if (!session.warehouseStood) return null;
  const warehouse = await session.warehouse();
  try {
    return await warehouse.loaded(table);
  } finally {
    await warehouse.close();
  }
}
