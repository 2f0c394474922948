import { contentHash } from "../define/canonical.ts";
import type { Column } from "../define/column.ts";
import type { TableNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { noteOf, type Fitted } from "../lake/note.ts";
import { commitTable, unchanged, type StepResult } from "../run/commit.ts";
import { inputSnapshots } from "../run/inputs.ts";
import { columnsOfHead, type Session } from "../run/session.ts";
import type { Engine } from "../systems/roles.ts";
import { dialectOf } from "./dialects.ts";
import { nextFit } from "./fits.ts";
import { printTable, type Print } from "./print.ts";
import { outputColumns } from "./schema.ts";

/** Builds a table from its inputs' newest snapshots, unless it was built from exactly these by this definition already. */
export async function buildTable(session: Session, node: TableNode): Promise<StepResult> {
  const began = performance.now();
  const definition = contentHash(node);
  const inputs = inputSnapshots(session, node.inputs, node);
  const head = session.heads.get(node.name);
  const note = head === undefined ? null : noteOf(head.summary);
  if (note !== null && !session.full && note.definition === definition && contentHash(note.inputs) === contentHash(inputs)) return unchanged(note);

  const engine = await session.engine();
  const columnsOf = (table: string): readonly Column[] => {
    const input = session.heads.get(table);
    return input === undefined ? [] : columnsOfHead(input);
  };
  const relation = (table: string) => engine.relation(table, inputs[table] ?? null);
  const { columns, problems } = node.sql === null ? outputColumns(node, columnsOf) : { columns: [], problems: [] };
  const [problem] = problems;
  if (problem !== undefined) throw new MillwrightError(problem);

  const print = { node, columnsOf, relation, dialect: engine.dialect };
  const fitted = await fit(engine, print);
  const { query, rejected } = printTable({ ...print, fitted });
  return commitTable(session, node, {
    table: node.name,
    columns: node.sql === null ? columns : await engine.describe(query),
    mode: "replace",
    key: [],
    query,
    rejected: rejected === null ? null : quarantined(node, rejected, print),
    note: { run: session.run, definition, inputs, position: null, fingerprint: null, fitted: Object.keys(fitted).length === 0 ? null : fitted },
    began,
  });
}

/** Medians, means, edges: whatever the operations need of the data, computed before the table is. */
async function fit(engine: Engine, print: Omit<Print, "fitted">): Promise<Fitted> {
  let fitted: Fitted = {};
  for (let next = nextFit({ ...print, fitted }); next !== null; next = nextFit({ ...print, fitted })) {
    const [row] = await engine.ask(next.query);
    fitted = { ...fitted, ...next.read(row ?? {}) };
  }
  return fitted;
}

/** Refused rows as every quarantine table has them: the table, the reasons, and the row as JSON. */
function quarantined(node: TableNode, rejected: string, { dialect }: Pick<Print, "dialect">): string {
  const { text, rowJson } = dialectOf(dialect);
  return `SELECT ${text(node.name)} AS origin, reason, ${rowJson("refused")} AS raw FROM (${rejected}) AS refused`;
}
