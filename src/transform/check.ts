import type { Column } from "../define/column.ts";
import { literalAs } from "../define/literal.ts";
import type { LiteralNode } from "../define/expression-node.ts";
import type { Check, Convert, Rule } from "../define/operation.ts";
import { printLiteral } from "./dialect.ts";
import { printPattern } from "./pattern.ts";
import { patternOf } from "./print-call.ts";
import { equalPairs, list, selection, typeIn, type Context, type Part, type Printed } from "./print-parts.ts";

interface Step {
  readonly from: string;
  readonly before: readonly Column[];
  readonly index: string;
}

/** Rows that pass every rule; and those that do not, with the reasons. */
export function printCheck({ rules }: Check, { from, before, index }: Step, context: Context): Printed {
  const { dialect } = context;
  const id = dialect.identifier;
  const all = Object.entries(rules).flatMap(([column, list]) => list.map((rule) => ({ column, rule })));
  if (all.length === 0) return { parts: [{ name: `checked_${index}`, sql: `select ${selection(before, {}, dialect)}\nfrom ${from}` }] };
  const unique = all
    .filter(({ rule }) => rule.rule === "unique")
    .map(({ column }, position) => ({ column, alias: `d${position + 1}`, name: `repeated_${index}_${position + 1}` }));
  const parts: Part[] = unique.map(({ column, name }) => ({
    name,
    sql: `select ${id(column)} from ${from} where ${id(column)} is not null group by ${id(column)} having count(*) > 1`,
  }));
  const joins = unique
    .map(
      ({ column, alias, name }) =>
        `\n  left join ${id(name)} as ${alias} on ${equalPairs([{ left: `t.${id(column)}`, right: `${alias}.${id(column)}`, type: typeIn(before, column) }], dialect)}`,
    )
    .join("");
  const [prefix, table] = unique.length === 0 ? ["", from] : ["t.", `${from} as t`];
  const tests = all.map(({ column, rule }) => {
    const alias = unique.find((other) => other.column === column)?.alias ?? "";
    return {
      test: test(`${prefix}${id(column)}`, `${alias}.${id(column)}`, rule, column, before, context),
      reason: `${column} ${words(rule)}`,
    };
  });
  const columns = selection(before, {}, dialect, prefix);
  const passes = tests.map((each) => each.test).join("\n  and ");
  const reasons = tests.map((each) => `case when not ${each.test} then ${dialect.text(each.reason)} end`);
  return {
    parts: [...parts, { name: `checked_${index}`, sql: `select ${columns}\nfrom ${table}${joins}\nwhere ${passes}` }],
    refusal: {
      columns: before,
      sql: `select ${columns},\n  ${dialect.reasons(reasons)} as ${id("reason")}\nfrom ${table}${joins}\nwhere not (${passes})`,
    },
  };
}

/** Never null: true where the rule holds, or the value is null. */
function test(value: string, repeated: string, rule: Rule, column: string, columns: readonly Column[], { dialect }: Context): string {
  const type = typeIn(columns, column);
  const literal = (node: LiteralNode) => printLiteral((type === null ? null : literalAs(node, type)) ?? node, dialect);
  switch (rule.rule) {
    case "notNull":
      return `(${value} is not null)`;
    case "between":
      return `(${value} is null or ${value} between ${literal(rule.low)} and ${literal(rule.high)})`;
    case "oneOf":
      return rule.values.length === 0 ? `(${value} is null)` : `(${value} is null or ${value} in (${rule.values.map(literal).join(", ")}))`;
    case "matches":
      return `(${value} is null or ${dialect.matches(value, dialect.text(printPattern(patternOf({ kind: "literal", type: "text", value: rule.pattern }), dialect.pattern)))})`;
    case "unique":
      return `(${repeated} is null)`;
  }
}

function words(rule: Rule): string {
  switch (rule.rule) {
    case "notNull":
      return "is null";
    case "between":
      return `is not between ${String(rule.low.value)} and ${String(rule.high.value)}`;
    case "oneOf":
      return `is not one of ${rule.values.map(({ value }) => String(value)).join(", ")}`;
    case "matches":
      return `does not match ${rule.pattern}`;
    case "unique":
      return "is not unique";
  }
}

/** Columns in their new types; rows with a value that cannot be read as one are refused. */
export function printConvert(
  { columns }: Convert,
  { from, before, after, index }: Step & { readonly after: readonly Column[] },
  context: Context,
): Printed {
  const { dialect } = context;
  const id = dialect.identifier;
  const converted = Object.entries(columns).map(([name, type], position) => {
    const old = typeIn(before, name);
    return { name, type, safe: alwaysReadable(old, type), sql: dialect.convert(id(name), old, type), read: id(`read ${position + 1}`) };
  });
  const risky = converted.filter((column) => !column.safe);
  const direct = Object.fromEntries(converted.map(({ name, sql }) => [name, sql]));
  if (risky.length === 0)
    return { parts: [{ name: `converted_${index}`, sql: `select ${selection(after, direct, dialect)}\nfrom ${from}` }] };
  // Reading once and testing what was read: engines would compute the conversion for the column and again for the filter.
  const inner = `select *, ${list(
    risky.map(({ sql, read }) => `${sql} as ${read}`),
    "  ",
  )}\n  from ${from}`;
  const outer = { ...direct, ...Object.fromEntries(risky.map(({ name, read }) => [name, read])) };
  const passes = risky.map(({ name, read }) => `(${read} is not null or ${id(name)} is null)`).join("\n  and ");
  const reasons = risky.map(
    ({ name, type, read }) =>
      `case when ${read} is null and ${id(name)} is not null then ${dialect.text(`${name} cannot be read as ${type}`)} end`,
  );
  return {
    parts: [{ name: `converted_${index}`, sql: `select ${selection(after, outer, dialect)}\nfrom (\n  ${inner}\n) as t\nwhere ${passes}` }],
    refusal: {
      columns: before,
      sql: `select ${selection(before, {}, dialect)},\n  ${dialect.reasons(reasons)} as ${id("reason")}\nfrom (\n  ${inner}\n) as t\nwhere not (${passes})`,
    },
  };
}

/** Whether every value of a type can be read as the other. */
export function alwaysReadable(from: Column["type"] | null, to: Column["type"]): boolean {
  if (from === to) return true;
  if (to === "text") return from !== "binary";
  if (to === "double") return from === "integer" || from === "bigint" || (from?.startsWith("decimal") ?? false);
  if (to === "timestamp" || to === "date") return from === "date" || from === "timestamp";
  return (to === "bigint" && (from === "integer" || from === "boolean")) || (to === "integer" && from === "boolean");
}
