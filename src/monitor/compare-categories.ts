import type { CategoryPair } from "./bins.ts";
import { chiSquared } from "./chi-squared.ts";
import { figuresOf, type ColumnFigures } from "./figures.ts";
import type { ComparedColumn } from "./table-columns.ts";
import type { TwoTables } from "./compare-numbers.ts";

/** Categories that have a bin of their own; all others are one, unless every one is asked for. */
const categoryLimit = 10_000;

/** One column of categories, counted in the engine: one grouping of each table. */
export async function compareCategories(
  { connection, reference, current, weight }: TwoTables,
  { name, expression }: ComparedColumn,
  exact: boolean,
): Promise<{ readonly name: string; readonly pair: CategoryPair; readonly figures: ColumnFigures }> {
  const grouped = (relation: string, rows: string) => `SELECT ${expression} AS category, ${rows} AS rows FROM ${relation} GROUP BY 1`;
  const counted = weight === null ? "count(*)" : `sum(${weight})`;
  const result = await connection.runAndReadAll(
    `WITH both_sides AS (
       SELECT category, coalesce(r.rows, 0) AS a, coalesce(c.rows, 0) AS b FROM (${grouped(reference, "count(*)")}) r FULL JOIN (${grouped(current, counted)}) c USING (category)
     )
     SELECT category, CAST(a AS DOUBLE), CAST(b AS DOUBLE), CAST(sum(a) OVER () AS DOUBLE), CAST(sum(b) OVER () AS DOUBLE),
       CAST(coalesce(sum(b) FILTER (WHERE a = 0) OVER (), 0) AS DOUBLE)
     FROM both_sides ORDER BY a DESC, b DESC, category ${exact ? "" : `LIMIT ${categoryLimit}`}`,
  );
  const rows = result.getRows();
  const numbers = (index: number) => rows.map((row) => Number(row[index]));
  const categories: (string | null)[] = rows.map(([category]) => String(category));
  const [a, b] = [numbers(1), numbers(2)];
  const total = (index: number) => Number(rows[0]?.[index] ?? 0);
  const others = [total(3) - a.reduce((sum, each) => sum + each, 0), total(4) - b.reduce((sum, each) => sum + each, 0)] as const;
  if (others[0] + others[1] > 0) {
    categories.push(null);
    a.push(others[0]);
    b.push(others[1]);
  }
  const missing = categories.indexOf("");
  const pair: CategoryPair = {
    kind: "category",
    categories,
    reference: a,
    current: b,
    missing: { reference: a[missing] ?? 0, current: b[missing] ?? 0 },
    unseen: total(5),
  };
  return { name, pair, figures: figuresOf(pair, exact ? { chiSquared: chiSquared(pair) } : {}) };
}
