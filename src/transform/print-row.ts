import type { Column } from "../define/column.ts";
import { literalAs } from "../define/literal.ts";
import type { Bucket, Derive, Fill, Lag, Normalise, Onehot } from "../define/operation.ts";
import type { Fitted } from "../lake/note.ts";
import { printLiteral } from "./dialect.ts";
import { fitKey } from "./fits.ts";
import { printExpression } from "./print-expression.ts";
import { ordering, typeIn, type Context } from "./print-parts.ts";

/** Expressions by the name of the column that they become; every other column stays as it is. */
export type Expressions = Record<string, string>;

/** A fitted value; null when it was fitted on no value. Printing before fitting would leave out the step in silence. */
function fittedValue(key: string, { fitted }: Context): Fitted[string] {
  const value = fitted[key];
  if (value === undefined) throw new Error(`'${key}' is not fitted`);
  return value;
}

/** A fitted number as a literal; null when it was fitted on no value. */
function fittedNumber(key: string, context: Context): string | null {
  const { dialect } = context;
  const value = fittedValue(key, context);
  if (typeof value !== "number") return null;
  const text = dialect.double(value);
  return value < 0 ? `(${text})` : text;
}

function asDouble(name: string, columns: readonly Column[], { dialect }: Context): string {
  const column = dialect.identifier(name);
  return typeIn(columns, name) === "double" ? column : `cast(${column} as ${dialect.type("double")})`;
}

export function fillExpressions({ columns }: Fill, before: readonly Column[], index: number, context: Context): Expressions {
  const { dialect } = context;
  return Object.fromEntries(
    Object.entries(columns).map(([name, filling]) => {
      const column = dialect.identifier(name);
      const type = typeIn(before, name) ?? "text";
      switch (filling.with) {
        case "constant":
          return [name, `coalesce(${column}, ${printLiteral(literalAs(filling.value, type) ?? filling.value, dialect)})`];
        case "forward": {
          const sorted = ordering(filling.by, filling.order, before, dialect);
          if (dialect.lastKnown !== null)
            return [name, dialect.lastKnown(column, `over (${sorted} rows between unbounded preceding and current row)`)];
          // The rows since the last known value are counted alike, and it is the first of them.
          const since = dialect.identifier(knownSoFar(name));
          return [name, `first_value(${column}) over (${ordering(filling.by, filling.order, before, dialect, since)})`];
        }
        case "mode": {
          const value = fittedValue(fitKey(index, name, "mode"), context);
          return [name, value === null ? column : `coalesce(${column}, cast(${dialect.text(String(value))} as ${dialect.type(type)}))`];
        }
        default: {
          const value = fittedNumber(fitKey(index, name, filling.with), context);
          return [name, value === null ? asDouble(name, before, context) : `coalesce(${asDouble(name, before, context)}, ${value})`];
        }
      }
    }),
  );
}

/** What `fillExpressions` reads where an engine cannot look for the last known value: how many were known so far. */
export function fillCounts({ columns }: Fill, before: readonly Column[], { dialect }: Context): Expressions {
  if (dialect.lastKnown !== null) return {};
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, filling]) =>
      filling.with === "forward"
        ? [
            [
              knownSoFar(name),
              `count(${dialect.identifier(name)}) over (${ordering(filling.by, filling.order, before, dialect)} rows between unbounded preceding and current row)`,
            ],
          ]
        : [],
    ),
  );
}

function knownSoFar(column: string): string {
  return `known of ${column}`;
}

/** A column of one value only has no spread: it becomes 0. */
export function normaliseExpressions({ columns }: Normalise, before: readonly Column[], index: number, context: Context): Expressions {
  return Object.fromEntries(
    Object.entries(columns).map(([name, way]) => {
      const value = asDouble(name, before, context);
      if (way === "log") return [name, `ln(case when ${value} <= -1 then null else 1 + ${value} end)`];
      const [from, to] = way === "zscore" ? (["mean", "deviation"] as const) : (["min", "max"] as const);
      const low = fittedValue(fitKey(index, name, from), context);
      const high = fittedValue(fitKey(index, name, to), context);
      if (typeof low !== "number") return [name, value];
      const spread = typeof high !== "number" ? 1 : (way === "zscore" ? high : high - low) || 1;
      return [name, `(${value} - ${fittedNumber(fitKey(index, name, from), context) ?? "0"}) / ${context.dialect.double(spread)}`];
    }),
  );
}

export function onehotExpressions({ column, categories }: Onehot, before: readonly Column[], { dialect }: Context): Expressions {
  const value = dialect.convert(dialect.identifier(column), typeIn(before, column), "text");
  return Object.fromEntries(
    categories.map((category) => [`${column}_${category}`, `coalesce(${value} = ${dialect.text(category)}, false)`]),
  );
}

export function bucketExpressions({ column, into, edges }: Bucket, index: number, context: Context): Expressions {
  const { dialect } = context;
  const value = dialect.identifier(column);
  const limits =
    "quantiles" in edges
      ? Array.from({ length: edges.quantiles - 1 }, (_, position) =>
          fittedNumber(fitKey(index, column, `quantile ${position + 1}/${edges.quantiles}`), context),
        ).filter((edge) => edge !== null)
      : edges.map((edge) => dialect.double(edge));
  const branches = limits.map((edge, position) => `when ${value} < ${edge} then ${position}`);
  return { [into]: `case when ${value} is null then null ${branches.join(" ")} else ${limits.length} end` };
}

export function deriveExpressions({ columns }: Derive, before: readonly Column[], { dialect }: Context): Expressions {
  return Object.fromEntries(Object.entries(columns).map(([name, node]) => [name, printExpression(node, { columns: before }, dialect)]));
}

export function lagExpressions({ column, into, by, order, rows }: Lag, before: readonly Column[], { dialect }: Context): Expressions {
  return { [into]: `lag(${dialect.identifier(column)}, ${rows}) over (${ordering(by, order, before, dialect)})` };
}
