import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TableNode } from "../define/node.ts";
import { crashPoint } from "../run/crash.ts";
import { columnsOfHead, type Session } from "../run/session.ts";
import type { StepResult } from "../run/commit.ts";
import { MillwrightError } from "../error.ts";
import { noteOf } from "../lake/note.ts";

/** Loads a table's newest snapshot into the environment's warehouse, unless the warehouse holds that snapshot already. */
export async function loadTable(session: Session, node: TableNode): Promise<StepResult> {
  const began = performance.now();
  const head = session.heads.get(node.name);
  if (head?.snapshot == null) {
    throw new MillwrightError({ code: "missing-input", what: `${node.name} is not built yet, so there is nothing to load`, where: node.origin, fix: `run ${node.name} first` });
  }
  const step = `warehouse.${node.name}`;
  const rows = noteOf(head.summary)?.rows ?? null;
  const told = session.latest("load.committed").get(step);
  if (told?.body["snapshot"] === head.snapshot && !session.full && session.warehouseStood) return { outcome: "unchanged", rows, detail: null };

  const held = await heldSnapshot(session, node.name);
  const result = (outcome: StepResult["outcome"]): StepResult => {
    const seconds = Math.round(performance.now() - began) / 1000;
    session.journal.append({ type: "load.committed", asset: step, run: session.run, body: { snapshot: head.snapshot, rows, seconds } });
    return { outcome, rows, detail: null };
  };
  // Loaded by a run that was killed before it could tell the journal, or whose journal was lost.
  if (held === head.snapshot && !session.full) return result("unchanged");

  const engine = await session.engine();
  const directory = join(session.paths.staging, `${step}-${session.run}`);
  await mkdir(directory, { recursive: true });
  try {
    const file = join(directory, "rows.parquet");
    await engine.exportParquet(`SELECT * FROM ${engine.relation(node.name, head.snapshot)}`, file);
    const warehouse = await session.warehouse();
    try {
      await warehouse.load({ table: node.name, snapshot: head.snapshot, columns: columnsOfHead(head), file, run: session.run });
    } finally {
      await warehouse.close();
    }
    crashPoint("warehouse-loaded");
    return result(held === null ? "created" : "updated");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function heldSnapshot(session: Session, table: string): Promise<string | null> {
  if (!session.warehouseStood) return null;
  const warehouse = await session.warehouse();
  try {
    return await warehouse.snapshotOf(table);
  } finally {
    await warehouse.close();
  }
}
