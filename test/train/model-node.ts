import type { ModelNode } from "../../src/define/node.ts";

/** A model definition for tests; what is not given is small and quick. */
export function modelNode(parts: Partial<ModelNode> = {}): ModelNode {
  return {
    kind: "model",
    name: "outcome",
    origin: { file: "platform.ts", line: 7 },
    from: "examples",
    target: "label",
    features: null,
    ignore: [],
    split: { by: "happened", days: 20 },
    prepare: {},
    train: { trainer: "boosted-trees", parameters: { trees: 60, leaves: 15, learningRate: 0.1 } },
    search: null,
    packaging: null,
    slices: [],
    accept: {},
    approval: null,
    retrain: null,
    ...parts,
  };
}

/**
 * A table of `rows` random examples over 100 days as a SELECT: numbers with missing values, whole numbers, text with rare and missing values,
 * booleans, a date and a timestamp; the label depends on them. In the last days there are categories that come up nowhere before.
 */
export function examplesQuery(rows: number): string {
  return `
    WITH draws AS (
      SELECT i, hash(i * 31 + 1) % 10000 / 10000.0 AS a, hash(i * 31 + 2) % 10000 / 10000.0 AS b, hash(i * 31 + 3) % 10000 / 10000.0 AS c,
        hash(i * 31 + 4) % 10000 / 10000.0 AS d, hash(i * 31 + 5) % 10000 / 10000.0 AS e, hash(i * 31 + 6) % 10000 / 10000.0 AS f FROM range(${rows}) t(i))
    SELECT TIMESTAMP '2024-01-01' + INTERVAL (i * 100.0 / ${rows} * 86400) SECOND AS happened,
      CASE WHEN d < 0.1 THEN NULL ELSE (a - 0.5) * 8.3 END AS amount,
      CASE WHEN e < 0.05 THEN NULL ELSE CAST(floor(b * 12) AS INTEGER) END AS month,
      CAST(floor(exp(c * 9)) AS BIGINT) AS population,
      CASE WHEN f < 0.05 THEN NULL WHEN i > ${rows} * 0.9 AND f > 0.95 THEN 'new-' || i ELSE 'city ' || CAST(floor(sqrt(f) * 30) AS INTEGER) END AS city,
      CASE WHEN a < 0.3 THEN NULL ELSE b > 0.4 END AS member,
      CASE WHEN c < 0.2 THEN NULL ELSE DATE '2020-01-01' + CAST(d * 900 AS INTEGER) END AS joined,
      CASE WHEN c > 0.9 THEN NULL ELSE TIMESTAMP '2023-12-31' + INTERVAL (e * 1000000) SECOND END AS seen,
      (a + b * (CASE WHEN f > 0.5 THEN 1 ELSE -0.5 END) + (CASE WHEN d < 0.1 THEN 0.4 ELSE d * 0.3 END) + 0.4 * (hash(i * 31 + 7) % 10000 / 10000.0)) > 0.95 AS label
    FROM draws`;
}
