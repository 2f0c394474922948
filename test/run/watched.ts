import { boostedTrees, endpoint, environment, model, platform, source, type Definition, type RetrainOptions } from "../../src/index.ts";
import { sqlite } from "../../src/systems/index.ts";

export interface WatchedOptions {
  readonly retrain?: RetrainOptions;
  /** Columns that the model may not see. */
  readonly without?: readonly ("amount" | "country")[];
  readonly approval?: "required";
}

/** Payments that are late when they are large, a model that learns it and says when it is trained anew, and its endpoint, watched. */
export function watchedPlatform({ retrain, without = [], approval }: WatchedOptions = {}): Definition {
  const ops = source("ops");
  const payments = ops.table("payments", {
    key: "id",
    cursor: "at",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const outcomes = ops.table("outcomes", { key: "amount", columns: { amount: "double", was_late: "integer" } });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id", ...without],
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees({ trees: 10 }),
    accept: { auc: ">= 0.4" },
    ...(approval === undefined ? {} : { approval }),
    ...(retrain === undefined ? {} : { retrain }),
  });
  return platform({
    name: "shop",
    assets: [
      endpoint("score", {
        model: late,
        drift: "psi > 0.2",
        monitor: {
          window: "300 rows",
          labels: { table: outcomes, key: "amount", label: "was_late" },
          performance: { accuracy: ">= 0.8" },
          quality: "<= 0.1",
        },
      }),
    ],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
  });
}

/** So many payments, one an hour; amounts between `least` and 100 more, late above 60 more. */
export function paymentsBetween(from: number, to: number, least: number): string {
  return `WITH RECURSIVE n (id) AS (SELECT ${from} UNION ALL SELECT id + 1 FROM n WHERE id < ${to})
    INSERT INTO payments SELECT id, ${least} + id * 37 % 100, CASE id % 3 WHEN 0 THEN 'DE' ELSE 'GB' END, id * 37 % 100 > 60,
      strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 3600, 'unixepoch') FROM n`;
}

export const watchedTables = `CREATE TABLE payments (id BIGINT PRIMARY KEY, amount DOUBLE, country TEXT, late INTEGER, at TIMESTAMP);
  CREATE TABLE outcomes (amount DOUBLE PRIMARY KEY, was_late INTEGER); ${paymentsBetween(1, 600, 0)}`;

/** What an endpoint of it is asked for amounts. */
export function paymentRequest(amounts: readonly number[], country: string = ""): string {
  const shape = [amounts.length, 1];
  return JSON.stringify({
    inputs: [
      { name: "amount", datatype: "FP64", shape, data: amounts },
      { name: "country", datatype: "BYTES", shape, data: amounts.map((_, row) => country || (row % 3 === 0 ? "DE" : "GB")) },
    ],
  });
}
