import type { Column } from "../define/column.ts";
import { list, type Context, type Part } from "./print-parts.ts";

/** The part that holds the keys that occur twice, of the operation with this number (from 1). */
export function duplicatedPart(index: string): string {
  return `duplicated_${index}`;
}

/** The rows that a dedupe takes of keys that occur twice, where they were computed before. */
export function newestPart(index: string): string {
  return `newest_${index}`;
}

interface Dedupe {
  readonly from: string;
  readonly columns: readonly Column[];
  readonly keys: readonly string[];
  readonly newest: string | null;
  /** The operation's number, from 1. */
  readonly index: string;
}

/**
 * One row per key. Only the keys that occur twice are sorted: where there are few, this costs little more than a copy,
 * while ranking every row costs three to four times as much.
 */
export function printDedupe({ from, columns, keys, newest, index }: Dedupe, context: Context): readonly Part[] {
  const { dialect, kept = {} } = context;
  const id = dialect.identifier;
  const { repeated } = dialect;
  if (repeated === null) return [{ name: `deduped_${index}`, sql: newestOf(from, { columns, keys, newest }, context) }];
  const keyList = keys.map(id).join(", ");
  const known = kept[newestPart(index)];
  const own = columns.map(({ name }) => `t.${id(name)}`);
  return [
    { name: duplicatedPart(index), sql: `select ${keyList} from ${from} group by ${keyList} having count(*) > 1` },
    {
      name: `deduped_${index}`,
      sql: [
        `select ${list(own)}`,
        `from ${from} as t ${repeated.antiJoin} ${joined({ keys, index }, repeated, context)}`,
        "union all",
        known === undefined
          ? newestOfRepeated({ from, columns, keys, newest, index }, context)
          : `select ${list(columns.map(({ name }) => id(name)))}\nfrom ${known}`,
      ].join("\n"),
    },
  ];
}

/** The newest row of each key that occurs twice. */
export function newestOfRepeated({ from, columns, keys, newest, index }: Dedupe, context: Context): string {
  const { repeated } = context.dialect;
  if (repeated === null) throw new Error(`${context.dialect.name} ranks the rows of all keys`);
  return newestOf(from, { columns, keys, newest }, context, ` ${repeated.semiJoin} ${joined({ keys, index }, repeated, context)}`);
}

/** The first row of each key by rank; `only` is a join with the keys that are ranked. */
function newestOf(
  from: string,
  { columns, keys, newest }: Pick<Dedupe, "columns" | "keys" | "newest">,
  { dialect }: Context,
  only: string = "",
): string {
  const id = dialect.identifier;
  const own = columns.map(({ name }) => `t.${id(name)}`);
  const order = [
    ...(newest === null ? [] : [newest]),
    ...columns.map(({ name }) => name).filter((name) => name !== newest && !keys.includes(name)),
  ];
  const rank = id("rank of row");
  return [
    `select ${list(columns.map(({ name }) => id(name)))}`,
    `from (`,
    `  select ${list(own, "    ")},`,
    `    row_number() over (`,
    `      partition by ${keys.map((key) => `t.${id(key)}`).join(", ")}`,
    `      order by ${list(
      (order.length === 0 ? keys : order).map((name) => `t.${id(name)} desc nulls last`),
      "        ",
    )}`,
    `    ) as ${rank}`,
    `  from ${from} as t${only}`,
    `) as ranked where ${rank} = 1`,
  ].join("\n");
}

function joined(
  { keys, index }: Pick<Dedupe, "keys" | "index">,
  { same }: NonNullable<Context["dialect"]["repeated"]>,
  { dialect }: Context,
): string {
  const id = dialect.identifier;
  return `${id(duplicatedPart(index))} as d on ${keys.map((key) => same(`t.${id(key)}`, `d.${id(key)}`)).join(" and ")}`;
}
