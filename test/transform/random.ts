import { count, countDistinct, max, mean, median, min, sum } from "../../src/define/aggregate.ts";
import type { ColumnType, Columns } from "../../src/define/column.ts";
import { source, type Readable } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import type { Given } from "./support.ts";
import { randomNumbers } from "../../src/random.ts";

const columns: Columns = {
  id: "integer",
  by: "text",
  word: "text",
  whole: "integer",
  large: "bigint",
  exact: "decimal(10,2)",
  part: "double",
  yes: "boolean",
  day: "date",
  at: "timestamp",
};
const other: Columns = { place: "text", time: "timestamp", load: "double", label: "text" };

/** A random table, and another one to join, with nulls, repeated keys and ties; and a random chain of operations over them. */
export function randomCase(seed: number): { readonly target: Readable<Columns>; readonly inputs: readonly Given<Columns, string>[] } {
  const next = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const words = ["a", "B", "é", "it's", "", "12", "-7", "x1", "N1N", " 3 ", "東"];
  const cell = (type: ColumnType): string | number | boolean | null => {
    if (next() < 0.15) return null;
    switch (type) {
      case "boolean":
        return next() < 0.5;
      case "integer":
        return below(21) - 10;
      case "bigint":
        return String(9_007_199_254_740_000n + BigInt(below(2000)));
      case "double":
        return (below(41) - 20) / 8;
      case "text":
        return pick(words);
      case "date":
        return `2013-03-${String(9 + below(4)).padStart(2, "0")}`;
      case "timestamp":
        return `2013-03-10 0${below(4)}:${pick(["00", "15", "30"])}:00${pick(["", ".5", ".000001"])}`;
      default:
        return `${below(2001) - 1000}.${String(below(100)).padStart(2, "0")}`.replace("-0.", "0.");
    }
  };
  const rowsOf = (types: Columns, many: number) =>
    Array.from({ length: many }, (_, row) => Object.entries(types).map(([name, type]) => (name === "id" ? row + 1 : cell(type))));
  const left = { table: source("made_up").table("things", { columns }), rows: rowsOf(columns, below(30)) };
  const right = { table: source("made_up").table("places", { columns: other }), rows: rowsOf(other, below(20)) };
  let built: Readable<Columns> = left.table;
  let [added, made] = [0, 0];
  // A table a step: the type of each is another.
  const begin = () => table(`made_${++made}`, built);
  const steps: readonly (() => Readable<Columns>)[] = [
    () => begin().filter((r) => r["whole"]!.greaterThan(below(10) - 8).or(r["word"]!.matches("^[A-Za-z]"))),
    () =>
      begin().derive((r) => ({
        [`d${++added}`]: r["whole"]!.times(3).plus(r["id"]!),
        [`d${++added}`]: r["part"]!.dividedBy(r["whole"]!).round(below(3)),
        [`d${++added}`]: r["word"]!.convert("integer"),
        [`d${++added}`]: r["at"]!.truncate(pick(["hour", "day", "week"] as const)),
        [`d${++added}`]: r["word"]!.concat("-", r["id"]!).substring(below(4), 1 + below(3)),
        [`d${++added}`]: r["exact"]!.plus(1).greaterThan(r["part"]!),
      })),
    () => (next() < 0.5 ? begin().dedupe(pick(["by", "word", "day", "whole"])) : begin().dedupe("by", { newest: "at" })),
    () => begin().fill({ whole: { constant: below(5) }, word: "mode", by: { forward: { by: "day", order: "id" } } }),
    () => begin().bucket("part", { into: `b${++added}`, edges: [-1, 0, 1.5] }),
    () => begin().lag("word", { into: `l${++added}`, by: "by", order: "at" }),
    () =>
      begin().window({
        by: "by",
        order: "at",
        range: "1 hour",
        columns: (r) => ({ [`w${++added}`]: count(), [`w${++added}`]: sum(r["part"]!), [`w${++added}`]: max(r["word"]!) }),
      }),
    () =>
      begin().window({
        by: "day",
        order: "at",
        rows: 2,
        columns: (r) => ({
          [`w${++added}`]: median(r["part"]!),
          [`w${++added}`]: countDistinct(r["by"]!),
          [`w${++added}`]: min(r["exact"]!),
        }),
      }),
    () =>
      begin().join(right.table, {
        on: { by: "place" },
        asOf: { left: "at", right: "time", lag: "15 minutes" },
        columns: { load: `j${++added}`, label: `j${++added}` },
      }),
    () =>
      begin().lookback(right.table, {
        by: { by: "place" },
        at: "at",
        time: "time",
        range: "2 hours",
        columns: (r) => ({ [`k${++added}`]: count(), [`k${++added}`]: mean(r["load"]!) }),
      }),
    () => begin().check({ whole: { between: [-8, 9] }, by: { matches: "[a-zé']|^$" } }),
    () =>
      begin()
        .onehot({ yes: ["true", "false"] })
        .derive((r) => ({ yes: r["yes_true"]!.and(r["yes_false"]!.not()) }))
        .drop("yes_true", "yes_false"),
  ];
  for (let step = 0; step < 4; step++) built = pick(steps)();
  if (next() < 0.3) {
    const by = pick(["by", "day", "yes"]);
    built = begin().aggregate({
      by,
      columns: (r) => ({
        rows: count(),
        total: sum(r["whole"]!),
        exact: sum(r["exact"]!),
        middle: median(r["part"]!),
        last: max(r["at"]!),
        low: min(r["word"]!),
      }),
    });
  }
  return { target: built, inputs: [left, right] };
}
