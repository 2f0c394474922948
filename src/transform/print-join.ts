import type { Column } from "../define/column.ts";
import type { Join, Lookback } from "../define/operation.ts";
import { printDedupe } from "./dedupe.ts";
import { printAggregateNode, printExpression, typeOf } from "./print-expression.ts";
import { conditions, list, named, type Context, type Part, type Printed } from "./print-parts.ts";

interface Step {
  readonly from: string;
  readonly before: readonly Column[];
  readonly after: readonly Column[];
  readonly index: string;
}

const equal = (a: string, b: string) => `${a} = ${b}`;

/** Each taken column as [name there, name here]. */
function taken({ on, columns }: Join, right: readonly Column[]): [string, string][] {
  if (columns !== null) return Object.entries(columns);
  return right
    .map(({ name }) => name)
    .filter((name) => !on.some((pair) => pair.right === name))
    .map((name) => [name, name]);
}

export function printJoin(join: Join, step: Step, context: Context): Printed {
  if (join.asOf !== null) return printAsOf(join, join.asOf, step, context);
  const { dialect } = context;
  const id = dialect.identifier;
  const columns = [
    ...step.before.map(({ name }) => `l.${id(name)}`),
    ...taken(join, context.columnsOf(join.table) ?? []).map(([there, here]) => named(`r.${id(there)}`, here, dialect)),
  ];
  const on = conditions(
    join.on.map(({ left, right }) => [`l.${id(left)}`, `r.${id(right)}`]),
    equal,
  );
  return {
    parts: [
      {
        name: `joined_${step.index}`,
        sql: `select ${list(columns)}\nfrom ${step.from} as l ${join.how} join ${context.relation(join.table)} as r on ${on}`,
      },
    ],
  };
}

/** The newest right row at or before an earlier instant. Right rows of the same key and time are reduced to one first. */
function printAsOf(join: Join, asOf: NonNullable<Join["asOf"]>, { from, before, index }: Step, context: Context): Printed {
  const { dialect } = context;
  const id = dialect.identifier;
  const right = context.columnsOf(join.table) ?? [];
  const columns = taken(join, right);
  const needed = right.filter(
    ({ name }) => name === asOf.right || join.on.some((pair) => pair.right === name) || columns.some(([there]) => there === name),
  );
  const keys = [...join.on.map((pair) => pair.right), asOf.right];
  const newest = printDedupe({ from: context.relation(join.table), columns: needed, keys, newest: null, index: `${index}_right` }, context);
  const instant = (side: string) =>
    asOf.lagSeconds === 0 ? `${side}${id(asOf.left)}` : `${side}${id(asOf.left)} - ${dialect.interval(asOf.lagSeconds * 1_000_000)}`;
  const fresh = (time: string) =>
    asOf.toleranceSeconds === null ? null : `${time} >= ${instant("l.")} - ${dialect.interval(asOf.toleranceSeconds * 1_000_000)}`;
  const on = conditions(
    join.on.map((pair) => [`l.${id(pair.left)}`, `r.${id(pair.right)}`]),
    equal,
  );
  const left = before.map(({ name }) => `l.${id(name)}`);
  const take = (time: string, value: (column: string) => string) =>
    columns.map(([there, here]) =>
      named(fresh(time) === null ? value(there) : `case when ${fresh(time)} then ${value(there)} end`, here, dialect),
    );
  const deduped = id(newest.at(-1)?.name ?? "");
  if (dialect.asOfJoin) {
    const time = `r.${id(asOf.right)}`;
    const select = `select ${list([...left, ...take(time, (column) => `r.${id(column)}`)])}`;
    const only = join.how === "inner" && fresh(time) !== null ? `\nwhere ${fresh(time)}` : "";
    return {
      parts: [
        ...newest,
        {
          name: `joined_${index}`,
          sql: `${select}\nfrom ${from} as l asof ${join.how} join ${deduped} as r\n  on ${on} and ${instant("l.")} >= ${time}${only}`,
        },
      ],
    };
  }
  // Without such a join: all instants and right rows on one line of time, where each instant sees the last row before it.
  const names = join.on.map((pair, position) => ({ ...pair, name: id(`key ${position + 1}`) }));
  const keyNames = names.map(({ name }) => name).join(", ");
  const row = id("row"),
    time = id("time"),
    isInstant = id("is instant");
  const fields = [...new Set([asOf.right, ...columns.map(([there]) => there)])];
  const parts: Part[] = [
    ...newest,
    {
      name: `timeline_${index}`,
      sql: [
        `select ${list([...names.map(({ right: key, name }) => `r.${id(key)} as ${name}`), `r.${id(asOf.right)} as ${time}`, `struct(${fields.map((field) => `r.${id(field)}`).join(", ")}) as ${row}`, `false as ${isInstant}`])}`,
        `from ${deduped} as r where ${keys.map((key) => `r.${id(key)} is not null`).join(" and ")}`,
        "union all",
        `select distinct ${list([...names.map(({ left: key }) => `l.${id(key)}`), instant("l."), "null", "true"])}`,
        `from ${from} as l where ${[...join.on.map((pair) => pair.left), asOf.left].map((key) => `l.${id(key)} is not null`).join(" and ")}`,
      ].join("\n"),
    },
    {
      name: `seen_${index}`,
      sql: `select ${keyNames}, ${time}, ${isInstant},\n  ${dialect.lastKnown(row, `over (partition by ${keyNames} order by ${time}, ${isInstant} rows between unbounded preceding and current row)`)} as ${row}\nfrom ${id(`timeline_${index}`)}`,
    },
    {
      name: `joined_${index}`,
      sql: [
        `select ${list([...left, ...take(`r.${row}.${id(asOf.right)}`, (column) => `r.${row}.${id(column)}`)])}`,
        `from ${from} as l ${join.how} join ${id(`seen_${index}`)} as r`,
        `  on r.${isInstant} and ${[...names.map(({ left: key, name }) => `l.${id(key)} = r.${name}`), `${instant("l.")} = r.${time}`].join(" and ")}`,
        ...(join.how === "inner"
          ? [`where ${[`r.${row} is not null`, fresh(`r.${row}.${id(asOf.right)}`)].filter((part) => part !== null).join(" and ")}`]
          : []),
      ].join("\n"),
    },
  ];
  return { parts };
}

/**
 * Aggregates of what came strictly earlier. All instants and the other table's rows are put on one line of time and aggregated
 * by one ordered window, which takes n log n; a join by range would take as long as the pairs it makes. Instants stand one
 * microsecond early, so that a frame that ends at the current row leaves out what happens at the instant itself: engines search
 * for the end of any other frame, which measured twice as slow.
 */
export function printLookback(lookback: Lookback, { from, after, index }: Step, context: Context): Printed {
  const { dialect } = context;
  const id = dialect.identifier;
  const right = context.columnsOf(lookback.table) ?? [];
  const keys = lookback.by.map((pair, position) => ({ ...pair, name: id(`key ${position + 1}`) }));
  const keyNames = keys.map(({ name }) => name);
  const time = id("time"),
    isInstant = id("is instant");
  const values = Object.entries(lookback.columns).map(([column, node], position) => ({ column, node, name: `value ${position + 1}` }));
  const printed = values.map(({ node, name }) => {
    const sql = node.value === null ? "true" : printExpression(node.value, { columns: right, prefix: "r." }, dialect);
    return {
      sql,
      column: { name, type: node.value === null ? ("boolean" as const) : (typeOf(node.value, { columns: right }) ?? ("text" as const)) },
    };
  });
  const at = `l.${id(lookback.at)}`,
    when = `r.${id(lookback.time)}`;
  const known = `${[...lookback.by.map((pair) => pair.right), lookback.time].map((key) => `r.${id(key)} is not null`).join(" and ")}`;
  const events =
    lookback.until === null
      ? [
          `select ${list([...keys.map(({ right: key, name }) => `r.${id(key)} as ${name}`), `${when} as ${time}`, `false as ${isInstant}`, ...printed.map(({ sql, column }) => `${sql} as ${id(column.name)}`)])}\nfrom ${context.relation(lookback.table)} as r where ${known}`,
        ]
      : openAndClose(
          lookback,
          keys,
          context,
          known,
          values.map(({ name, node }, position) => ({ name, sql: node.value === null ? null : (printed[position]?.sql ?? null) })),
        );
  const empty = values.map(
    ({ name }, position) =>
      `cast(null as ${dialect.type(lookback.until === null ? (printed[position]?.column.type ?? "text") : "integer")}) as ${id(name)}`,
  );
  const instants = `select distinct ${list([...keys.map(({ left: key, name }) => `l.${id(key)} as ${name}`), `${at} - ${dialect.interval(1)} as ${time}`, `true as ${isInstant}`, ...empty])}\nfrom ${from} as l where ${[...lookback.by.map((pair) => pair.left), lookback.at].map((key) => `l.${id(key)} is not null`).join(" and ")}`;
  const partitioned = keyNames.length === 0 ? "" : `partition by ${keyNames.join(", ")} `;
  const over =
    lookback.seconds === null || lookback.until !== null
      ? `over (${partitioned}order by ${time}, ${isInstant} rows between unbounded preceding and current row)`
      : `over (${partitioned}order by ${time} range between ${dialect.interval(lookback.seconds * 1_000_000 - 1)} preceding and current row)`;
  const aggregates = values.map(({ node, name }, position) => {
    const column = printed[position]?.column ?? { name, type: "text" as const };
    if (lookback.until !== null) return `coalesce(sum(${id(name)}) ${over}, 0) as ${id(name)}`;
    return `${printAggregateNode({ ...node, value: { kind: "column", name } }, { columns: [column] }, dialect, over)} as ${id(name)}`;
  });
  const timeline = id(`timeline_${index}`),
    seen = id(`seen_${index}`);
  const expressions = values.map(({ column, node, name }) => {
    const counted = node.function === "count" || node.function === "countWhere" || node.function === "countDistinct";
    const value = counted ? `coalesce(s.${id(name)}, 0)` : `s.${id(name)}`;
    return [column, lookback.until === null ? value : `cast(${value} as ${dialect.type("bigint")})`] as const;
  });
  const byName = new Map(expressions);
  return {
    parts: [
      { name: `timeline_${index}`, sql: [...events, instants].join("\nunion all\n") },
      {
        name: `seen_${index}`,
        sql: `select ${list([...keyNames, `${time} + ${dialect.interval(1)} as ${time}`, isInstant, ...aggregates])}\nfrom ${timeline}`,
      },
      {
        name: `looked_back_${index}`,
        sql: [
          `select ${list(after.map(({ name }) => (byName.has(name) ? named(byName.get(name) ?? "", name, dialect) : `l.${id(name)}`)))}`,
          `from ${from} as l left join ${seen} as s`,
          `  on s.${isInstant} and ${[...keys.map(({ left, name }) => `l.${id(left)} = s.${name}`), `${at} = s.${time}`].join(" and ")}`,
        ].join("\n"),
      },
    ],
  };
}

/** Rows that are open for a while: +1 when they begin, -1 when they end or have been open for the whole range. */
function openAndClose(
  { table, time, until, seconds }: Lookback,
  keys: readonly { readonly right: string; readonly name: string }[],
  { dialect, relation }: Context,
  known: string,
  values: readonly { readonly name: string; readonly sql: string | null }[],
): string[] {
  const id = dialect.identifier;
  const start = `r.${id(time)}`,
    close = `r.${id(until ?? time)}`;
  const limit = seconds === null ? close : `least(${close}, ${start} + ${dialect.interval(seconds * 1_000_000)})`;
  const rows = (instant: string, sign: 1 | -1, where: string) =>
    [
      `select ${list([...keys.map(({ right, name }) => `r.${id(right)} as ${name}`), `${instant} as ${id("time")}`, `false as ${id("is instant")}`, ...values.map(({ name, sql }) => `${sql === null ? sign : `case when ${sql} then ${sign} end`} as ${id(name)}`)])}`,
      `from ${relation(table)} as r where ${where}`,
    ].join("\n");
  return [rows(start, 1, known), rows(`greatest(${start}, ${limit})`, -1, seconds === null ? `${known} and ${close} is not null` : known)];
}
