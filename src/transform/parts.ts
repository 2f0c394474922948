import type { Column } from "../define/column.ts";
import { definitionHash } from "../define/made.ts";
import type { TableNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { noteOf, type CommitNote } from "../lake/note.ts";
import { commitTable, type StepResult } from "../run/commit.ts";
import { crashPoint } from "../run/crash.ts";
import { inputSnapshots, sameInputs } from "../run/inputs.ts";
import { settle } from "../run/layout.ts";
import { columnsOfHead, type Session } from "../run/session.ts";
import type { Engine, TableWrite } from "../systems/roles.ts";
import { prepare } from "./build.ts";
import { dialectOf } from "./dialects.ts";
import { daysOf, fingerprintOf, partOf, rowsHash, stretchOf, withinStretch } from "./part.ts";
import { partColumn, partsProblems, refusedColumn } from "./parts-check.ts";
import { printTable, type Print } from "./print.ts";
import { quarantineRows } from "./quarantine.ts";
import { outputColumns } from "./schema.ts";

type Parts = NonNullable<TableNode["parts"]>;

/** All that making a part needs to know. */
interface Making {
  readonly session: Session;
  readonly node: TableNode;
  readonly parts: Parts;
  readonly engine: Engine;
  readonly definition: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly columnsOf: (table: string) => readonly Column[];
  readonly relation: (table: string) => string;
  readonly columns: readonly Column[];
  /** The column of the table, and of what it refuses, that tells the part. */
  readonly own: Column;
  readonly refused: string | null;
  /** Says how the table is divided, in each of its commits. */
  readonly scheme: string;
}

/**
 * Brings a table up to date part by part: those that are missing, or whose input is not what they were made from. Each part is a commit
 * of its own, which says what the part was made from; when the work ends early, the next run goes on where it stopped.
 *
 * @throws MillwrightError `rows-without-part` for rows of the input that have no time.
 */
export async function buildParts(session: Session, node: TableNode, parts: Parts): Promise<StepResult> {
  const inputs = inputSnapshots(session, node.inputs, node);
  const definition = definitionHash(node);
  const scheme = `${parts.by} of ${parts.column}`;
  const head = session.heads.get(node.name);
  const note = head === undefined ? null : noteOf(head.summary);
  const range = session.backfill?.assets.includes(node.name) === true ? session.backfill : null;
  const complete = note !== null && note.parts === scheme && note.part === undefined;
  const same = complete && note.definition === definition && sameInputs(session, note.inputs, node.inputs);
  if (same && range === null && !session.full) return settle(session, node, note);

  const making = await makingOf(session, node, parts, { inputs, definition, scheme });
  const wanted = await wantedParts(making, note?.parts === scheme ? Object.keys(head?.parts ?? {}) : []);
  const anew = head?.snapshot != null && (note?.parts !== scheme || losesColumn(head.schema, making.columns));
  const standing = anew || head === undefined ? {} : head.parts;
  const stale = [...wanted].filter(([part, fingerprint]) => session.full || standing[part] !== fingerprint).map(([part]) => part);
  const chosen = range === null ? stale : [...wanted.keys()].filter((part) => touches(part, range.from, range.to));
  const left = stale.filter((part) => !chosen.includes(part)).length;

  if (anew) await emptied(making);
  await eachPart(making, chosen, wanted);
  const made = `${chosen.length} ${chosen.length === 1 ? "part" : "parts"} made`;
  if (left > 0) {
    const now = noteOf(session.heads.get(node.name)?.summary ?? {});
    return { outcome: "updated", rows: now?.rows ?? null, detail: `${made}, ${left} ${left === 1 ? "is" : "are"} missing or stale` };
  }
  if (chosen.length === 0 && same) return settle(session, node, note);
  const result = await concluded(making);
  const stood = wanted.size - chosen.length;
  return {
    ...result,
    outcome: head?.snapshot == null ? "created" : chosen.length === 0 ? "unchanged" : "updated",
    detail: `${made}, ${stood} as they were`,
  };
}

async function makingOf(
  session: Session,
  node: TableNode,
  parts: Parts,
  made: Pick<Making, "inputs" | "definition" | "scheme">,
): Promise<Making> {
  const engine = await session.engine();
  const columnsOf = (table: string): readonly Column[] => {
    const input = session.heads.get(table);
    return input === undefined ? [] : columnsOfHead(input);
  };
  const relation = (table: string) => engine.relation(table, made.inputs[table] ?? null);
  const { columns: worked, problems } = node.sql === null ? outputColumns(node, columnsOf) : { columns: [], problems: [] };
  const [problem] = [...problems, ...partsProblems(node, columnsOf)];
  if (problem !== undefined) throw new MillwrightError(problem);
  const columns =
    node.sql === null
      ? worked
      : await engine.describe(printTable({ node, columnsOf, relation, dialect: engine.dialect, fitted: {}, kept: {} }).query);
  const name = partColumn(node, parts);
  const own = columns.find((column) => column.name === name);
  if (own === undefined)
    throw new MillwrightError({
      code: "not-in-parts",
      what: `${node.name} is made a ${parts.by} at a time, and has no column '${parts.column}' that says which a row belongs to`,
      where: node.origin,
      fix: `let its SQL give '${parts.column}'`,
    });
  return { session, node, parts, engine, columnsOf, relation, columns, own, refused: refusedColumn(node, parts), ...made };
}

/** Every part that there is something to make of, or that stands though there is nothing any more, with the fingerprint of what it is to be made from. */
async function wantedParts(making: Making, standing: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { node, parts, engine, relation, columnsOf, definition, columns } = making;
  const dialect = dialectOf(engine.dialect);
  const [input = "", ...others] = node.inputs;
  const hash = (table: string) =>
    rowsHash(
      columnsOf(table).map(({ name }) => name),
      engine.dialect,
    );
  const day = `cast(${dialect.identifier(parts.column)} as ${dialect.type("date")})`;
  const rows = await engine.ask(
    `select cast(${day} as ${dialect.type("text")}) as part_day, ${hash(input)} as part_hash from ${relation(input)} as input group by 1`,
  );
  const days = new Map<string, string>();
  for (const row of rows) {
    if (row["part_day"] === null) throw withoutPart(making, input, String(row["part_hash"]).split(":")[0] ?? "");
    days.set(String(row["part_day"]), String(row["part_hash"]));
  }
  const whole: string[] = [];
  for (const table of others) {
    const [row] = await engine.ask(`select ${hash(table)} as part_hash from ${relation(table)} as input`);
    whole.push(String(row?.["part_hash"]));
  }
  const names = new Set([...[...days.keys()].map((each) => partOf(each, parts.by)), ...standing]);
  const common = [definition, engine.dialect, columns, whole];
  return new Map(
    [...names]
      .toSorted()
      .map((part) => [part, fingerprintOf([common, daysOf(stretchOf(part, parts.lookback)).map((each) => days.get(each) ?? "")])]),
  );
}

function withoutPart({ node, parts }: Making, input: string, count: string): MillwrightError {
  return new MillwrightError({
    code: "rows-without-part",
    what: `${count} rows of ${input} have no ${parts.column}, and so no ${parts.by} of ${node.name} that they belong to`,
    where: node.origin,
    fix: `leave them out, or fill ${parts.column}, in a table before this one`,
  });
}

/** Whether a part has something in common with a stretch of time that may be open on either side. */
function touches(part: string, from: string | null, to: string | null): boolean {
  const stretch = stretchOf(part);
  return (from === null || stretch.to > from) && (to === null || stretch.from < to);
}

function losesColumn(before: readonly Column[], columns: readonly Column[]): boolean {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return before.some(({ name, type }) => types.get(name) !== type);
}

/** Makes the parts one after the other: commits to one table follow each other anyway, and the engine computes each part with all that it has. */
async function eachPart(making: Making, chosen: readonly string[], wanted: ReadonlyMap<string, string>): Promise<void> {
  const { session, node } = making;
  const progress = session.progress(node.name);
  for (const [done, part] of chosen.entries()) {
    session.signal.throwIfAborted();
    progress.report({ done, total: chosen.length, unit: "parts" });
    await makePart(making, part, wanted.get(part) ?? "");
    crashPoint("part-made");
  }
  progress.report({ done: chosen.length, total: chosen.length, unit: "parts" });
}

async function makePart(making: Making, part: string, fingerprint: string): Promise<void> {
  const { session, node, parts, engine, columnsOf, columns, own, refused } = making;
  const began = performance.now();
  const input = node.inputs[0] ?? "";
  const type = columnsOf(input).find(({ name }) => name === parts.column)?.type ?? "timestamp";
  const window = withinStretch(parts.column, type, stretchOf(part, parts.lookback), engine.dialect);
  const relation = (table: string) =>
    table === input ? `(select * from ${making.relation(input)} as whole where ${window})` : making.relation(table);
  const print: Omit<Print, "fitted" | "kept"> = { node, columnsOf, relation, dialect: engine.dialect };
  await using ready = await prepare(engine, print);
  const { query, rejected, refused: shape } = printTable({ ...print, fitted: ready.fitted, kept: ready.kept });
  const stretch = stretchOf(part);
  const cut = (rows: string, column: string, of: Column["type"]) =>
    `select * from (${rows}) as part where ${withinStretch(column, of, stretch, engine.dialect)}`;
  const refusedRows = rejected === null || parts.lookback === 0 || refused === null ? rejected : cut(rejected, refused, "text");
  const origin = `${node.name} ${part}`;
  await commitTable(session, node, {
    table: node.name,
    columns,
    mode: "overwrite",
    range: { column: own.name, ...stretch },
    key: [],
    query: cut(query, own.name, own.type),
    rejected: refusedRows === null ? null : quarantineRows({ ...node, name: origin }, refusedRows, shape, dialectOf(engine.dialect)),
    origin,
    note: { ...noteFor(making), fingerprint, part },
    began,
  });
}

/** The commit that says that all parts are made of these inputs. */
async function concluded(making: Making): Promise<StepResult> {
  return commitTable(making.session, making.node, { ...nothing(making), mode: "append" });
}

/** Takes everything out of a table that was made otherwise; its earlier snapshots stay readable. */
async function emptied(making: Making): Promise<void> {
  const write = nothing(making);
  await commitTable(making.session, making.node, { ...write, mode: "replace", note: { ...write.note, inputs: {} } });
}

function nothing(making: Making): Omit<TableWrite, "mode"> {
  const { node, columns, engine } = making;
  const dialect = dialectOf(engine.dialect);
  const nulls = columns.map(({ name, type }) => `cast(null as ${dialect.type(type)}) as ${dialect.identifier(name)}`).join(", ");
  return {
    table: node.name,
    columns,
    key: [],
    query: `select ${nulls} where false`,
    rejected: null,
    note: noteFor(making),
    began: performance.now(),
  };
}

function noteFor({ session, definition, inputs, scheme }: Making): Omit<CommitNote, "rows" | "quarantined" | "seconds"> {
  return { run: session.run, definition, inputs, position: null, fingerprint: null, fitted: null, parts: scheme };
}
