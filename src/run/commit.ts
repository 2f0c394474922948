import type { SourceTableNode, TableNode } from "../define/node.ts";
import type { CommitNote } from "../lake/note.ts";
import type { TableWrite } from "../systems/roles.ts";
import { crashPoint } from "./crash.ts";
import type { NewEvent } from "./journal.ts";
import type { Outcome } from "./report.ts";
import type { Session } from "./session.ts";

/** What a step of a run came to. */
export interface StepResult {
  readonly outcome: Extract<Outcome, "created" | "updated" | "unchanged">;
  readonly rows: number | null;
  readonly detail: string | null;
}

/** Writes a table through the engine and tells the journal. The order matters: the commit is the truth, the journal follows. */
export async function commitTable(session: Session, node: SourceTableNode | TableNode, write: TableWrite): Promise<StepResult> {
  const engine = await session.engine();
  const existed = session.heads.has(node.name);
  const { snapshot, note } = await engine.write(write);
  session.refresh(node.name);
  session.refresh(`${node.name}_quarantine`);
  session.journal.append(commitEvent(node.name, snapshot, note));
  crashPoint("journal-written");
  return { outcome: existed ? "updated" : "created", rows: note.rows, detail: note.quarantined === 0 ? null : `${note.quarantined} in ${node.name}_quarantine` };
}

/** The journal's words for a commit; the same whether written at once or rebuilt from the snapshot later. */
export function commitEvent(table: string, snapshot: string, note: CommitNote, time?: string): NewEvent {
  const { run, ...body } = note;
  return { type: "asset.committed", asset: table, run, body: { snapshot, ...body }, ...(time === undefined ? {} : { time }) };
}

/** A step that had nothing to do. */
export function unchanged(note: CommitNote): StepResult {
  return { outcome: "unchanged", rows: note.rows, detail: null };
}
