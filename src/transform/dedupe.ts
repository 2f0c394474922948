import type { Column } from "../define/column.ts";
import { list, type Context, type Part } from "./print-parts.ts";

/** The part that holds the keys that occur twice, of the operation with this number (from 1). */
export function duplicatedPart(index: string): string {
  return `duplicated_${index}`;
}

/**
 * One row per key. Only the keys that occur twice are sorted: where there are few, this costs little more than a copy,
 * while ranking every row costs three to four times as much.
 */
export function printDedupe(
  {
    from,
    columns,
    keys,
    newest,
    index,
  }: {
    readonly from: string;
    readonly columns: readonly Column[];
    readonly keys: readonly string[];
    readonly newest: string | null;
    readonly index: string;
  },
  { dialect }: Context,
): readonly Part[] {
  const id = dialect.identifier;
  const keyList = keys.map(id).join(", ");
  const same = keys.map((key) => dialect.same(`t.${id(key)}`, `d.${id(key)}`)).join(" and ");
  const own = columns.map(({ name }) => `t.${id(name)}`);
  const order = [
    ...(newest === null ? [] : [newest]),
    ...columns.map(({ name }) => name).filter((name) => name !== newest && !keys.includes(name)),
  ];
  const rank = id("rank of row");
  const duplicated = id(duplicatedPart(index));
  return [
    { name: duplicatedPart(index), sql: `select ${keyList} from ${from} group by ${keyList} having count(*) > 1` },
    {
      name: `deduped_${index}`,
      sql: [
        `select ${list(own)}`,
        `from ${from} as t ${dialect.antiJoin} ${duplicated} as d on ${same}`,
        "union all",
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
        `  from ${from} as t ${dialect.semiJoin} ${duplicated} as d on ${same}`,
        `) as ranked where ${rank} = 1`,
      ].join("\n"),
    },
  ];
}
