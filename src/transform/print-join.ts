import type { Column } from "../define/column.ts";
import type { Join, Lookback } from "../define/operation.ts";
import { printDedupe } from "./dedupe.ts";
import type { SqlDialect } from "./dialect.ts";
import { printAggregateNode, printExpression, typeOf } from "./print-expression.ts";
import { equalPairs, list, named, typeIn, type Context, type Part, type Printed } from "./print-parts.ts";

interface Step {
  readonly from: string;
  readonly before: readonly Column[];
  readonly after: readonly Column[];
  readonly index: string;
}

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
  const on = equalPairs(
    join.on.map(({ left, right }) => ({ left: `l.${id(left)}`, right: `r.${id(right)}`, type: typeIn(step.before, left) })),
    dialect,
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
  const deduped = id(newest.at(-1)?.name ?? "");
  const left = before.map(({ name }) => `l.${id(name)}`);
  const instant = asOf.lagSeconds === 0 ? `l.${id(asOf.left)}` : `l.${id(asOf.left)} - ${dialect.interval(asOf.lagSeconds * 1_000_000)}`;
  const fresh = (time: string) =>
    asOf.toleranceSeconds === null ? null : `${time} >= ${instant} - ${dialect.interval(asOf.toleranceSeconds * 1_000_000)}`;
  const time = `r.${id(asOf.right)}`;
  if (dialect.asOfJoin) {
    const take = columns.map(([there, here]) =>
      named(fresh(time) === null ? `r.${id(there)}` : `case when ${fresh(time)} then r.${id(there)} end`, here, dialect),
    );
    const on = join.on.map((pair) => `l.${id(pair.left)} = r.${id(pair.right)}`).join(" and ");
    const only = join.how === "inner" && fresh(time) !== null ? `\nwhere ${fresh(time)}` : "";
    const sql = `select ${list([...left, ...take])}\nfrom ${from} as l asof ${join.how} join ${deduped} as r\n  on ${on} and ${instant} >= ${time}${only}`;
    return { parts: [...newest, { name: `joined_${index}`, sql }] };
  }
  // Without such a join: all instants and right times on one line, where each instant sees the last time before it; then the row of that time.
  const names = join.on.map((pair, position) => ({ ...pair, name: id(`key ${position + 1}`) }));
  const keyNames = names.map(({ name }) => name);
  const [line, isInstant, last] = [id("time"), id("is instant"), id("last time")];
  const known = (prefix: string, all: readonly string[]) => all.map((key) => `${prefix}.${id(key)} is not null`).join(" and ");
  const pair = (a: string, b: string, column: string) => ({ left: a, right: b, type: typeIn(right, column) });
  const seen = names.map(({ left: key, right: there, name }) => pair(`l.${id(key)}`, `s.${name}`, there));
  const found = names.map(({ right: there, name }) => pair(`s.${name}`, `r.${id(there)}`, there));
  const parts: Part[] = [
    ...newest,
    {
      name: `timeline_${index}`,
      sql: [
        `select ${list([...names.map(({ right: key, name }) => `r.${id(key)} as ${name}`), `${time} as ${line}`, `${time} as ${last}`, `false as ${isInstant}`])}`,
        `from ${deduped} as r where ${known("r", keys)}`,
        "union all",
        `select distinct ${list([...names.map(({ left: key }) => `l.${id(key)}`), instant, `cast(null as ${dialect.type("timestamp")})`, "true"])}`,
        `from ${from} as l where ${known("l", [...join.on.map((each) => each.left), asOf.left])}`,
      ].join("\n"),
    },
    {
      name: `seen_${index}`,
      sql: `select ${list([...keyNames, line, isInstant])},\n  max(${last}) over (partition by ${keyNames.join(", ")} order by ${line}, ${isInstant} rows between unbounded preceding and current row) as ${last}\nfrom ${id(`timeline_${index}`)}`,
    },
    {
      name: `joined_${index}`,
      sql: [
        `select ${list([...left, ...columns.map(([there, here]) => named(`r.${id(there)}`, here, dialect))])}`,
        `from ${from} as l`,
        `  ${join.how} join ${id(`seen_${index}`)} as s on s.${isInstant} and ${equalPairs(seen, dialect)} and ${instant} = s.${line}`,
        `  ${join.how} join ${deduped} as r on ${[equalPairs(found, dialect), `s.${last} = ${time}`, fresh(time)].filter((part) => part !== null).join(" and ")}`,
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
export function printLookback(lookback: Lookback, step: Step, context: Context): Printed {
  const { dialect } = context;
  const frame = lookback.seconds === null ? "rows" : "range";
  const native = lookback.until !== null || Object.values(lookback.columns).every((node) => dialect.framed(node.function, frame));
  if (!native) return printLookbackByPairs(lookback, step, context);
  const { from, index } = step;
  const id = dialect.identifier;
  const { of, later, span } = dialect.timeline;
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
  const at = of(`l.${id(lookback.at)}`);
  const known = knownOf(lookback, dialect);
  const events =
    lookback.until === null
      ? [
          `select ${list([...keys.map(({ right: key, name }) => `r.${id(key)} as ${name}`), `${of(`r.${id(lookback.time)}`)} as ${time}`, `false as ${isInstant}`, ...printed.map(({ sql, column }) => `${sql} as ${id(column.name)}`)])}\nfrom ${context.relation(lookback.table)} as r where ${known}`,
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
  const instants = `select distinct ${list([...keys.map(({ left: key, name }) => `l.${id(key)} as ${name}`), `${later(at, -1)} as ${time}`, `true as ${isInstant}`, ...empty])}\nfrom ${from} as l where ${[...lookback.by.map((pair) => pair.left), lookback.at].map((key) => `l.${id(key)} is not null`).join(" and ")}`;
  const partitioned = keyNames.length === 0 ? "" : `partition by ${keyNames.join(", ")} `;
  const over =
    lookback.seconds === null || lookback.until !== null
      ? `over (${partitioned}order by ${time}, ${isInstant} rows between unbounded preceding and current row)`
      : `over (${partitioned}order by ${time} range between ${span(lookback.seconds * 1_000_000 - 1)} preceding and current row)`;
  const aggregates = values.map(({ node, name }, position) => {
    const column = printed[position]?.column ?? { name, type: "text" as const };
    if (lookback.until !== null) return `coalesce(sum(${id(name)}) ${over}, 0) as ${id(name)}`;
    return `${printAggregateNode({ ...node, value: { kind: "column", name } }, { columns: [column] }, dialect, over)} as ${id(name)}`;
  });
  const timeline = id(`timeline_${index}`);
  return {
    parts: [
      { name: `timeline_${index}`, sql: [...events, instants].join("\nunion all\n") },
      {
        name: `seen_${index}`,
        sql: `select ${list([...keyNames, `${later(time, 1)} as ${time}`, isInstant, ...aggregates])}\nfrom ${timeline}`,
      },
      lookedBack(lookback, step, dialect, { at, only: `s.${isInstant} and ` }),
    ],
  };
}

/** What was seen at each instant, put to the rows of that instant. */
function lookedBack(
  { by, columns, until }: Lookback,
  { from, before, after, index }: Step,
  dialect: SqlDialect,
  { at, only }: { readonly at: string; readonly only: string },
): Part {
  const id = dialect.identifier;
  const byName = new Map(
    Object.entries(columns).map(([column, node], position) => {
      const name = `s.${id(`value ${position + 1}`)}`;
      const counted = node.function === "count" || node.function === "countWhere" || node.function === "countDistinct";
      const value = counted ? `coalesce(${name}, 0)` : name;
      return [column, until === null ? value : `cast(${value} as ${dialect.type("bigint")})`];
    }),
  );
  const pairs = by.map(({ left }, position) => ({
    left: `l.${id(left)}`,
    right: `s.${id(`key ${position + 1}`)}`,
    type: typeIn(before, left),
  }));
  return {
    name: `looked_back_${index}`,
    sql: [
      `select ${list(after.map(({ name }) => (byName.has(name) ? named(byName.get(name) ?? "", name, dialect) : `l.${id(name)}`)))}`,
      `from ${from} as l left join ${id(`seen_${index}`)} as s`,
      `  on ${only}${[...(pairs.length === 0 ? [] : [equalPairs(pairs, dialect)]), `${at} = s.${id("time")}`].join(" and ")}`,
    ].join("\n"),
  };
}

/** Where an engine has no such frames: every instant is joined with what came before it, which takes as long as the pairs that it makes. */
function printLookbackByPairs(lookback: Lookback, step: Step, context: Context): Printed {
  const { dialect } = context;
  const id = dialect.identifier;
  const { from, before, index } = step;
  const right = context.columnsOf(lookback.table) ?? [];
  const keys = lookback.by.map((pair, position) => ({ ...pair, name: id(`key ${position + 1}`) }));
  const time = `r.${id(lookback.time)}`;
  const own = `i.${id("time")}`;
  const near = [
    ...(keys.length === 0
      ? []
      : [
          equalPairs(
            keys.map((key) => ({ left: `i.${key.name}`, right: `r.${id(key.right)}`, type: typeIn(before, key.left) })),
            dialect,
          ),
        ]),
    `${time} < ${own}`,
    ...(lookback.seconds === null ? [] : [`${time} >= ${own} - ${dialect.interval(lookback.seconds * 1_000_000)}`]),
  ];
  const aggregates = Object.values(lookback.columns).map(
    (node, position) => `${printAggregateNode(node, { columns: right, prefix: "r." }, dialect, "")} as ${id(`value ${position + 1}`)}`,
  );
  const grouped = [...keys.map(({ name }) => `i.${name}`), own];
  return {
    parts: [
      {
        name: `instants_${index}`,
        sql: `select distinct ${list([...keys.map(({ left, name }) => `l.${id(left)} as ${name}`), `l.${id(lookback.at)} as ${id("time")}`])}\nfrom ${from} as l where ${[...lookback.by.map((pair) => pair.left), lookback.at].map((key) => `l.${id(key)} is not null`).join(" and ")}`,
      },
      {
        name: `seen_${index}`,
        sql: `select ${list([...grouped, ...aggregates])}\nfrom ${id(`instants_${index}`)} as i join ${context.relation(lookback.table)} as r\n  on ${near.join(" and ")}\ngroup by ${grouped.join(", ")}`,
      },
      lookedBack(lookback, step, dialect, { at: `l.${id(lookback.at)}`, only: "" }),
    ],
  };
}

/** Where a row of the other table has all that it is found by. */
function knownOf({ by, time }: Lookback, { identifier }: SqlDialect): string {
  return [...by.map((pair) => pair.right), time].map((key) => `r.${identifier(key)} is not null`).join(" and ");
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
  const longest = `${start} + ${dialect.interval((seconds ?? 0) * 1_000_000)}`;
  const limit = seconds === null ? close : (dialect.calls.least?.([close, longest], []) ?? `least(${close}, ${longest})`);
  const { of } = dialect.timeline;
  const rows = (instant: string, sign: 1 | -1, where: string) =>
    [
      `select ${list([...keys.map(({ right, name }) => `r.${id(right)} as ${name}`), `${of(instant)} as ${id("time")}`, `false as ${id("is instant")}`, ...values.map(({ name, sql }) => `${sql === null ? sign : `case when ${sql} then ${sign} end`} as ${id(name)}`)])}`,
      `from ${relation(table)} as r where ${where}`,
    ].join("\n");
  return [rows(start, 1, known), rows(`greatest(${start}, ${limit})`, -1, seconds === null ? `${known} and ${close} is not null` : known)];
}
