import { contentHash } from "../define/canonical.ts";
import type { AssetNode, SourceTableNode, TableNode } from "../define/node.ts";
import { definedBody } from "../govern/defined.ts";
import { noteOf, type CommitNote } from "../lake/note.ts";
import type { TableWrite } from "../systems/roles.ts";
import { crashPoint } from "./crash.ts";
import type { NewEvent } from "./journal.ts";
import type { Outcome } from "./report.ts";
import { columnsOfHead, type Session } from "./session.ts";

/** What a step of a run came to. */
export interface StepResult {
  readonly outcome: Extract<Outcome, "created" | "updated" | "unchanged">;
  readonly rows: number | null;
  readonly detail: string | null;
}

/**
 * Writes a table, and the rows it refuses into its quarantine, through the engine and tells the journal. The order matters:
 * the commits are the truth, the journal follows, in the words that it would have if it were rebuilt from them.
 */
export async function commitTable(session: Session, node: SourceTableNode | TableNode, write: TableWrite): Promise<StepResult> {
  const engine = await session.engine();
  const tables = [`${node.name}_quarantine`, node.name];
  const before = new Map(tables.map((table) => [table, session.heads.get(table)?.snapshot]));
  const existed = session.heads.has(node.name);
  const { note } = await engine.write({
    layout: node.layout,
    progress: session.progress(node.name),
    ...write,
    onto: before.get(node.name) ?? null,
  });
  const events = tables.flatMap((table) => {
    const head = session.refresh(table);
    const committed = head === null ? null : noteOf(head.summary);
    if (head === null || head.snapshot === null || committed === null || head.snapshot === before.get(table)) return [];
    return [commitEvent(table, head.snapshot, committed, new Date(head.timestamp).toISOString())];
  });
  await session.journal.commit([...definedEvents(session, node), ...events]);
  crashPoint("journal-written");
  return {
    outcome: existed ? "updated" : "created",
    rows: note.rows,
    detail: note.quarantined === 0 ? null : `${note.quarantined} in ${node.name}_quarantine`,
  };
}

/** The journal's words for a commit at `time` (ISO 8601); the same whether written at once or rebuilt from the snapshot later. */
export function commitEvent(table: string, snapshot: string, note: CommitNote, time: string): NewEvent & { readonly time: string } {
  const { run, ...body } = note;
  return { type: "asset.committed", asset: table, run, body: { snapshot, ...body }, time };
}

/** A step that had nothing to do. */
export function unchanged(note: CommitNote): StepResult {
  return { outcome: "unchanged", rows: note.rows, detail: null };
}

/** What lineage needs of an asset, told when it is first made and when it changes: the columns and where they come from. */
export function definedEvents(session: Pick<Session, "heads" | "latest" | "run">, node: AssetNode): readonly NewEvent[] {
  if (node.kind !== "table" && node.kind !== "model") return [];
  const columnsOf = (table: string) => {
    const head = session.heads.get(table);
    return head === undefined ? null : columnsOfHead(head);
  };
  const body = definedBody(node, columnsOf);
  const told = session.latest("asset.defined").get(node.name)?.body;
  return told !== undefined && contentHash(told) === contentHash(body)
    ? []
    : [{ type: "asset.defined", asset: node.name, run: session.run, body }];
}
