import type { Column } from "../define/column.ts";
import { definitionHash } from "../define/made.ts";
import type { TableNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { noteOf, type Fitted } from "../lake/note.ts";
import { commitTable, type StepResult } from "../run/commit.ts";
import { inputSnapshots, sameInputs } from "../run/inputs.ts";
import { settle } from "../run/layout.ts";
import { columnsOfHead, type Session } from "../run/session.ts";
import type { Appended, Engine } from "../systems/roles.ts";
import { dialectOf } from "./dialects.ts";
import { nextFit, refusesOnly } from "./fits.ts";
import { nextKeep } from "./keep.ts";
import { quarantineRows } from "./quarantine.ts";
import { printTable, type Print } from "./print.ts";
import { rowByRow } from "./row-by-row.ts";
import { outputColumns } from "./schema.ts";

/** From so many rows of an input on, statistics are computed in the ways that pay for many. */
const manyRows = 2_000_000;

/** Builds a table from its inputs' newest snapshots, unless it was built from exactly these by this definition already. */
export async function buildTable(session: Session, node: TableNode): Promise<StepResult> {
  if (node.parts !== null) {
    const { buildParts } = await import("./parts.ts");
    return buildParts(session, node, node.parts);
  }
  const began = performance.now();
  const definition = definitionHash(node);
  const inputs = inputSnapshots(session, node.inputs, node);
  const head = session.heads.get(node.name);
  const note = head === undefined ? null : noteOf(head.summary);
  if (note !== null && !session.full && note.definition === definition && sameInputs(session, note.inputs, node.inputs))
    return settle(session, node, note);

  const engine = await session.engine();
  const columnsOf = (table: string): readonly Column[] => {
    const input = session.heads.get(table);
    return input === undefined ? [] : columnsOfHead(input);
  };
  const added = note?.definition === definition && !session.full ? await addedRows(engine, node, note.inputs, inputs) : null;
  const relation = (table: string) => added?.relation ?? engine.relation(table, inputs[table] ?? null);
  const { columns, problems } = node.sql === null ? outputColumns(node, columnsOf) : { columns: [], problems: [] };
  const [problem] = problems;
  if (problem !== undefined) throw new MillwrightError(problem);

  const rowsIn = (table: string) => noteOf(session.heads.get(table)?.summary ?? {})?.rows ?? 0;
  const print = { node, columnsOf, relation, dialect: engine.dialect, manyRows: node.inputs.some((input) => rowsIn(input) >= manyRows) };
  await using ready = await prepare(engine, print);
  const { fitted, kept, rows } = ready;
  const { query, rejected, refused } = printTable({ ...print, fitted, kept });
  const expected = rows ?? (added !== null && refusesOnly(node, 0) ? added.rows : null);
  return await commitTable(session, node, {
    table: node.name,
    columns: node.sql === null ? columns : await engine.describe(query),
    mode: added === null ? "replace" : "append",
    key: [],
    query,
    rejected: rejected === null ? null : quarantineRows(node, rejected, refused, dialectOf(engine.dialect)),
    ...(expected === null ? {} : { rows: expected }),
    note: {
      run: session.run,
      definition,
      inputs,
      position: null,
      fingerprint: null,
      fitted: Object.keys(fitted).length === 0 ? null : fitted,
    },
    began,
  });
}

/**
 * The rows that the input has got since the table was made, when these are all that has happened to it and the table's rows follow each
 * from one of the input's: then only they are computed, and added.
 */
async function addedRows(
  engine: Engine,
  node: TableNode,
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): Promise<Appended | null> {
  const [input = "", ...others] = node.inputs;
  const [from, to] = [before[input], now[input]];
  if (others.length > 0 || from === undefined || to === undefined || node.sql !== null || !node.operations.every(rowByRow)) return null;
  return (await engine.appended?.(input, from, to)) ?? null;
}

/** What the table's SQL is printed with. */
export interface Ready extends AsyncDisposable {
  readonly fitted: Fitted;
  readonly kept: Readonly<Record<string, string>>;
  /** How many rows the table will have with those that it refuses; null when nothing told. */
  readonly rows: number | null;
}

/** Medians, means, edges, repeated keys: whatever is computed before the table is, and let go after it. */
export async function prepare(engine: Engine, print: Omit<Print, "fitted" | "kept">): Promise<Ready> {
  let fitted: Fitted = {};
  const kept: Record<string, string> = {};
  let rows: number | null = null;
  await using held = new AsyncDisposableStack();
  for (;;) {
    const keep = nextKeep({ ...print, fitted, kept });
    if (keep !== null) {
      const { relation, drop } = await engine.keep(keep.query);
      held.defer(drop);
      kept[keep.name] = relation;
      continue;
    }
    const next = nextFit({ ...print, fitted, kept });
    if (next === null) break;
    const [row] = await engine.ask(next.query);
    fitted = { ...fitted, ...next.read(row ?? {}) };
    rows = next.rows(row ?? {}) ?? rows;
  }
  const all = held.move();
  return { fitted, kept, rows, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
