import type { DuckDBConnection } from "@duckdb/node-api";

/** Names of the compared columns: twelve of numbers, eight of texts. */
export const numbers: readonly string[] = [0, 1, 2, 3, 4, 5]
  .map((n) => `level_${n}`)
  .concat(
    [0, 1, 2].map((n) => `amount_${n}`),
    [0, 1, 2].map((n) => `count_${n}`),
  );
export const texts: readonly string[] = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `kind_${n}`);

/** The same figures by hand: exact Kolmogorov-Smirnov by a window over the sorted values, PSI over tenths, chi-squared of the counts. */
export async function driftSql(connection: DuckDBConnection, reference: string, current: string): Promise<void> {
  const rows = `(SELECT count(*) FROM ${reference}) AS n, (SELECT count(*) FROM ${current}) AS m`;
  for (const name of numbers) {
    await connection.runAndReadAll(`
      WITH sizes AS (SELECT ${rows}),
      counted AS (
        SELECT value, sum(a) AS a, sum(b) AS b
        FROM (SELECT ${name} AS value, 1 AS a, 0 AS b FROM ${reference} UNION ALL SELECT ${name}, 0, 1 FROM ${current}) GROUP BY value
      )
      SELECT max(abs(d)) FROM (SELECT sum(a) OVER w / n - sum(b) OVER w / m AS d FROM counted, sizes WINDOW w AS (ORDER BY value))`);
    await connection.runAndReadAll(`
      WITH sizes AS (SELECT ${rows}),
      edges AS (SELECT quantile_disc(${name}, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) AS edges FROM ${reference}),
      a AS (SELECT len(list_filter(edges, edge -> edge < ${name})) AS bin, count(*) AS rows FROM ${reference}, edges GROUP BY 1),
      b AS (SELECT len(list_filter(edges, edge -> edge < ${name})) AS bin, count(*) AS rows FROM ${current}, edges GROUP BY 1)
      SELECT sum((b.rows / m - a.rows / n) * ln((b.rows / m) / (a.rows / n))) FROM a JOIN b USING (bin), sizes`);
  }
  for (const name of texts) {
    await connection.runAndReadAll(`
      WITH sizes AS (SELECT ${rows}),
      both_sides AS (
        SELECT coalesce(r.rows, 0) AS a, coalesce(c.rows, 0) AS b
        FROM (SELECT ${name} AS category, count(*) AS rows FROM ${reference} GROUP BY 1) r
        FULL JOIN (SELECT ${name} AS category, count(*) AS rows FROM ${current} GROUP BY 1) c USING (category)
      )
      SELECT sum((a - (a + b) * n / (n + m)) ** 2 / ((a + b) * n / (n + m)) + (b - (a + b) * m / (n + m)) ** 2 / ((a + b) * m / (n + m)))
      FROM both_sides, sizes`);
  }
}
