import type { Column } from "../define/column.ts";
import type { Window } from "../define/operation.ts";
import type { SqlDialect } from "./dialect.ts";
import { printAggregateNode } from "./print-expression.ts";
import { list, ordering, partition, selection, typeIn, type Context, type Part } from "./print-parts.ts";

interface Step {
  readonly from: string;
  readonly before: readonly Column[];
  readonly after: readonly Column[];
  readonly index: string;
}

/** Aggregates over rows that lie near in order. */
export function printWindow(window: Window, step: Step, context: Context): readonly Part[] {
  const { dialect } = context;
  const frame = byRows(window) ? "rows" : "range";
  const framed = Object.values(window.columns).every((node) => dialect.framed(node.function, frame));
  return framed ? [overFrames(window, step, dialect)] : overPairs(window, step, dialect);
}

function byRows({ frame }: Window): boolean {
  return frame !== null && "rows" in frame;
}

function overFrames(
  { by, order, frame, excludeCurrent, columns }: Window,
  { from, before, after, index }: Step,
  dialect: SqlDialect,
): Part {
  const time = dialect.identifier(order);
  const rows = frame !== null && "rows" in frame;
  // A frame by time is over instants; one from the first row on may be ordered by anything.
  const { span, of } = dialect.timeline;
  const instant = typeIn(before, order) === "timestamp" ? of(time) : time;
  const start =
    frame === null ? "unbounded preceding" : "rows" in frame ? `${frame.rows} preceding` : `${span(frame.seconds * 1_000_000)} preceding`;
  const end = !excludeCurrent ? "current row" : rows ? "1 preceding" : `${span(1)} preceding`;
  const sorted = rows
    ? ordering(by, order, before, dialect)
    : `${partition(by, dialect)}order by ${instant}${frame === null ? " nulls last" : ""}`;
  const over = `over (${sorted} ${rows ? "rows" : "range"} between ${start} and ${end})`;
  const values = Object.entries(columns).map(([name, node]) => {
    const value = printAggregateNode(node, { columns: before }, dialect, over);
    // Rows without a time would be one another's neighbours.
    return [name, rows ? value : `case when ${time} is not null then ${value} end`];
  });
  return { name: `windowed_${index}`, sql: `select ${selection(after, Object.fromEntries(values), dialect)}\nfrom ${from}` };
}

/** Without such frames: each row is joined with the rows of its frame, which takes as long as the pairs that it makes. */
function overPairs({ by, order, frame, excludeCurrent, columns }: Window, step: Step, dialect: SqlDialect): readonly Part[] {
  const { from, before, after, index } = step;
  const id = dialect.identifier;
  const [group, row, numbered, gathered] = [id("group of row"), id("place of row"), id(`numbered_${index}`), id(`gathered_${index}`)];
  const [own, other] = [`t.${id(order)}`, `o.${id(order)}`];
  const near =
    frame === null
      ? [`${other} ${excludeCurrent ? "<" : "<="} ${own}`]
      : "rows" in frame
        ? [`o.${row} >= t.${row} - ${frame.rows}`, `o.${row} ${excludeCurrent ? "<" : "<="} t.${row}`]
        : [`${other} >= ${own} - ${dialect.interval(frame.seconds * 1_000_000)}`, `${other} ${excludeCurrent ? "<" : "<="} ${own}`];
  const entries = Object.entries(columns).map(([name, node], position) => ({ name, node, value: id(`value ${position + 1}`) }));
  const results = entries.map(({ name, node, value }) => {
    const counted = node.function === "count" || node.function === "countWhere" || node.function === "countDistinct";
    const found = counted ? `coalesce(g.${value}, 0)` : `g.${value}`;
    return [name, frame !== null && "rows" in frame ? found : `case when ${own} is not null then ${found} end`];
  });
  return [
    {
      name: `numbered_${index}`,
      sql: `select ${list([
        ...before.map(({ name }) => id(name)),
        `${by.length === 0 ? "1" : `dense_rank() over (order by ${by.map(id).join(", ")})`} as ${group}`,
        `row_number() over (${ordering(by, order, before, dialect)}) as ${row}`,
      ])}\nfrom ${from}`,
    },
    {
      name: `gathered_${index}`,
      sql: [
        `select ${list([`t.${group}`, `t.${row}`, ...entries.map(({ node, value }) => `${printAggregateNode(node, { columns: before, prefix: "o." }, dialect, "")} as ${value}`)])}`,
        `from ${numbered} as t join ${numbered} as o on t.${group} = o.${group} and ${near.join(" and ")}`,
        `group by t.${group}, t.${row}`,
      ].join("\n"),
    },
    {
      name: `windowed_${index}`,
      sql: [
        `select ${selection(after, Object.fromEntries(results), dialect, "t.")}`,
        `from ${numbered} as t left join ${gathered} as g on t.${group} = g.${group} and t.${row} = g.${row}`,
      ].join("\n"),
    },
  ];
}
