import type { ColumnType } from "../define/column.ts";
import type { ExpressionNode } from "../define/expression-node.ts";
import { useOneOf } from "../define/nearest.ts";
import type { TableNode } from "../define/node.ts";
import type { Operation } from "../define/operation.ts";
import type { Problem } from "../error.ts";
import type { ColumnsOf } from "./schema.ts";

type Parts = NonNullable<TableNode["parts"]>;

/** What is known of a table in parts after some of its operations. */
interface Known {
  /** Columns whose value lies in the same part as that of the input's column. */
  readonly columns: ReadonlySet<string>;
  /** Seconds of rows before a part that its rows were computed from. */
  readonly back: number;
}

/** The column of the result that says which part a row belongs to; null when there is none. */
export function partColumn(node: TableNode, parts: Parts): string | null {
  if (node.sql !== null) return parts.column;
  const { columns } = follow(node, parts, () => undefined);
  return columns.has(parts.column) ? parts.column : ([...columns][0] ?? null);
}

/**
 * A column of all the rows that a table refuses, by which those of the part are told from those that were only looked back at; null when
 * nothing is refused, or there is none.
 */
export function refusedColumn(node: TableNode, parts: Parts): string | null {
  const found = refusals(node, parts);
  return found.find((name) => name === parts.column) ?? found[0] ?? null;
}

/** The columns that tell the part before each operation that refuses rows. */
function refusals(node: TableNode, parts: Parts): readonly string[] {
  const sets = node.operations.flatMap(({ kind }, index) =>
    kind === "check" || kind === "convert"
      ? [follow({ ...node, operations: node.operations.slice(0, index) }, parts, () => undefined).columns]
      : [],
  );
  const [first = new Set<string>(), ...rest] = sets;
  return [...first].filter((name) => rest.every((set) => set.has(name)));
}

/** Why a table cannot be made in parts, or would come out otherwise than as a whole; empty when it can. What is written in SQL is not looked into. */
export function partsProblems(node: TableNode, columnsOf: ColumnsOf): Problem[] {
  const { parts } = node;
  const input = node.inputs[0] ?? "";
  const columns = columnsOf(input);
  if (parts === null || columns === null) return [];
  const problems: Problem[] = [];
  const report = (code: string, what: string, fix: string) =>
    problems.push({ code, what: `${node.name} is made a ${parts.by} at a time, and ${what}`, where: node.origin, fix });
  const type = columns.find(({ name }) => name === parts.column)?.type;
  if (type === undefined) {
    const names = columns.map(({ name }) => name);
    report("unknown-column", `${input} has no column '${parts.column}' to tell it by`, useOneOf(parts.column, names));
  } else if (!isTime(type)) {
    report("wrong-type", `'${parts.column}' of ${input} is ${type}`, "use a date or timestamp");
  }
  if (problems.length > 0 || node.sql !== null) return problems;
  const after = follow(node, parts, (what, fix) => report("not-in-parts", what, fix));
  if (problems.length > 0) return problems;
  if (after.columns.size === 0)
    report(
      "not-in-parts",
      "no column of it says which part a row belongs to",
      `keep '${parts.column}', or a date or shorter time made of it by truncate`,
    );
  const refuses = node.operations.some(({ kind }) => kind === "check" || kind === "convert");
  if (parts.lookback > 0 && refuses && refusals(node, parts).length === 0)
    report(
      "not-in-parts",
      "no column of the rows that it refuses says which part they belong to",
      `keep '${parts.column}' up to the last check or convert`,
    );
  if (after.back > parts.lookback * 86_400) {
    const days = Math.ceil(after.back / 86_400);
    report(
      "not-in-parts",
      `its windows reach ${after.back} seconds back`,
      `add lookback: "${days} day${days === 1 ? "" : "s"}" to .parts({ ... })`,
    );
  }
  return problems;
}

type Refuse = (what: string, fix: string) => void;

function follow(node: TableNode, parts: Parts, refuse: Refuse): Known {
  const start: Known = { columns: new Set([parts.column]), back: 0 };
  return node.operations.reduce((known, operation) => after(operation, known, { node, parts, refuse }), start);
}

const before = "do it in a table before this one, which is made as a whole";

function after(
  operation: Operation,
  known: Known,
  { node, parts, refuse }: { readonly node: TableNode; readonly parts: Parts; readonly refuse: Refuse },
): Known {
  const { columns, back } = known;
  const own = (names: readonly string[]) => names.some((name) => columns.has(name));
  const keep = (test: (name: string) => boolean): Known => ({ columns: new Set([...columns].filter(test)), back });
  const others = (table: string) => {
    if (table === node.inputs[0]) refuse(`reads ${table} again as a whole`, `begin ${node.name} from another table of it`);
  };
  switch (operation.kind) {
    case "dedupe":
      if (!own(operation.keys))
        refuse(
          `dedupe(${operation.keys.join(", ")}) compares the rows of all of them`,
          `put '${parts.column}' among its keys, or ${before}`,
        );
      return known;
    case "fill":
      for (const [column, filling] of Object.entries(operation.columns))
        if (filling.with !== "constant") refuse(`fill by ${filling.with} of '${column}' looks at the rows of all of them`, before);
      return known;
    case "normalise":
      for (const [column, way] of Object.entries(operation.columns))
        if (way !== "log") refuse(`normalise by ${way} of '${column}' looks at the rows of all of them`, before);
      return keep((name) => !(name in operation.columns));
    case "bucket":
      if ("quantiles" in operation.edges) refuse(`the quantiles of '${operation.column}' are of the rows of all of them`, before);
      return keep((name) => name !== operation.into);
    case "lag":
      refuse(
        `lag of '${operation.column}' looks a number of rows back, however far that is`,
        `use window with a range of time, or ${before}`,
      );
      return keep((name) => name !== operation.into);
    case "window": {
      const { frame } = operation;
      if (frame === null || "rows" in frame)
        refuse("a window without a range of time looks back however far that is", `give it a range, or ${before}`);
      else if (!own([operation.order]))
        refuse(`a window is ordered by '${operation.order}'`, `order it by '${parts.column}', or ${before}`);
      const seconds = frame !== null && "seconds" in frame ? frame.seconds : 0;
      return { ...keep((name) => !(name in operation.columns)), back: back + seconds };
    }
    case "aggregate":
      if (!own(operation.by))
        refuse(
          "aggregate makes a row of the rows of several of them",
          `put '${parts.column}', or a day made of it by truncate, among its 'by'`,
        );
      return keep((name) => operation.by.includes(name));
    case "check":
      for (const [column, rules] of Object.entries(operation.rules))
        if (rules.some(({ rule }) => rule === "unique")) refuse(`'${column}' can be unique only among the rows of all of them`, before);
      return known;
    case "join":
      others(operation.table);
      return known;
    case "lookback":
      others(operation.table);
      return keep((name) => !(name in operation.columns));
    case "derive": {
      const kept = [...columns].filter((name) => !(name in operation.columns));
      const made = Object.entries(operation.columns).flatMap(([name, value]) => (staysIn(value, columns, parts) ? [name] : []));
      return { columns: new Set([...kept, ...made]), back };
    }
    case "convert":
      return keep((name) => isTime(operation.columns[name] ?? "date"));
    case "rename":
      return { columns: new Set([...columns].map((name) => operation.columns[name] ?? name)), back };
    case "select":
      return keep((name) => operation.columns.includes(name));
    case "drop":
      return keep((name) => !operation.columns.includes(name));
    case "onehot":
      return keep((name) => name !== operation.column);
    case "filter":
      return known;
  }
}

/** Whether an expression lies in the same part as one of the columns: it is the column, or the beginning of its minute, hour, day. */
function staysIn(value: ExpressionNode, columns: ReadonlySet<string>, parts: Parts): boolean {
  if (value.kind === "column") return columns.has(value.name);
  if (value.kind === "cast") return isTime(value.type) && staysIn(value.value, columns, parts);
  if (value.kind !== "call" || value.function !== "truncate") return false;
  const [of, unit] = value.arguments;
  // A month that is looked back into is not there as a whole.
  const units = ["minute", "hour", "day", ...(parts.by === "month" && parts.lookback === 0 ? ["month"] : [])];
  return of !== undefined && staysIn(of, columns, parts) && unit?.kind === "literal" && units.includes(String(unit.value));
}

function isTime(type: ColumnType): boolean {
  return type === "date" || type === "timestamp";
}
