import { layoutWords } from "../define/layout.ts";
import type { Layout, SourceTableNode, TableNode } from "../define/node.ts";
import type { Head } from "../lake/catalog/heads.ts";
import type { CommitNote } from "../lake/note.ts";
import { dialectOf } from "../transform/dialects.ts";
import { commitTable, unchanged, type StepResult } from "./commit.ts";
import { columnsOfHead, type Session } from "./session.ts";

const plain: Layout = Object.freeze({ partition: [], sort: [], fileSize: null });

/** How a table's declared layout differs from the one it has, in words; null when it does not, or none is declared. */
export function layoutChange(node: SourceTableNode | TableNode, head: Head): string | null {
  if (node.layout === null) return null;
  const [now, wanted] = [head.layout ?? layoutWords(plain), layoutWords(node.layout)];
  return now === wanted ? null : `its layout changes from ${now} to ${wanted}`;
}

/**
 * The end of a step whose rows are as they should be: nothing, or a commit without rows that brings the table to its declared layout. Files
 * that are there stay as they are until they are written again (a rebuild, a compaction).
 */
export async function settle(session: Session, node: SourceTableNode | TableNode, note: CommitNote): Promise<StepResult> {
  const head = session.heads.get(node.name);
  const change = head === undefined ? null : layoutChange(node, head);
  if (head === undefined || change === null) return unchanged(note);
  const columns = columnsOfHead(head);
  const engine = await session.engine();
  const dialect = dialectOf(engine.dialect);
  const nothing = columns.map(({ name, type }) => `CAST(NULL AS ${dialect.type(type)}) AS ${dialect.identifier(name)}`).join(", ");
  const result = await commitTable(session, node, {
    table: node.name,
    columns,
    mode: "append",
    key: [],
    query: `SELECT ${nothing} WHERE false`,
    rejected: null,
    note: { ...note, run: session.run },
    began: performance.now(),
  });
  return { ...result, detail: `${change}; files that are there stay as they are` };
}
