import {
  between,
  boostedTrees,
  environment,
  model,
  platform,
  randomSearch,
  source,
  type Definition,
  type ModelNode,
} from "../../../src/index.ts";
import { sqlite } from "../../../src/systems/index.ts";

/** Payments that are late when they are large, now and then otherwise; a model whose parameters are searched. */
export function searchPlatform(change: (node: ModelNode) => ModelNode = (node) => node): Definition {
  const payments = source("ops").table("payments", {
    key: "id",
    cursor: "at",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees({ trees: 8, seed: 3 }),
    search: randomSearch(
      { leaves: between(2, 9, { whole: true }), learningRate: [0.02, 0.1, 0.3] },
      { trials: 6, folds: 3, parallel: 2, metric: "auc" },
    ),
    accept: { auc: ">= 0.6" },
  });
  const definition = platform({
    name: "shop",
    assets: [late],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
  });
  return { ...definition, assets: definition.assets.map((asset) => (asset.kind === "model" ? change(asset) : asset)) };
}

/** What fills the source. */
export const paymentsSql = `CREATE TABLE payments (id BIGINT PRIMARY KEY, amount DOUBLE, country TEXT, late INTEGER, at TIMESTAMP);
  WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 900)
  INSERT INTO payments SELECT id, id * 37 % 100, CASE id % 3 WHEN 0 THEN 'DE' ELSE 'GB' END, (id * 37 % 100 > 60) <> (id * 7919 % 13 = 0),
    strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 3600, 'unixepoch') FROM n`;
