import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ModelNode } from "../../src/define/node.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { trainModel, type TrainedModel } from "../../src/train/train.ts";
import { examplesQuery, modelNode } from "./model-node.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // a first run downloads LightGBM; a busy machine is slow

let connection: DuckDBConnection;
let root: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-train-"));
  connection = await connect(await openDuckDB());
  await connection.run(`CREATE TABLE examples AS ${examplesQuery(12_000)}`);
});

afterAll(() => {
  connection.closeSync();
  rmSync(root, { recursive: true, force: true });
});

interface Extra {
  readonly threads?: number;
  readonly seed?: number;
  readonly relation?: string;
  readonly signal?: AbortSignal;
  readonly onTree?: (done: number, total: number | null) => void;
}

async function train(
  node: ModelNode,
  { relation = "examples", signal = new AbortController().signal, onTree = () => {}, ...extra }: Extra = {},
): Promise<TrainedModel & { directory: string }> {
  const directory = mkdtempSync(join(root, "model-"));
  const trained = await trainModel({
    node,
    connection,
    relation,
    directory,
    signal,
    ...extra,
    progress: { report: ({ done, total }) => onTree(done, total) },
  });
  return { ...trained, directory };
}

const hashes = (model: TrainedModel & { directory: string }): Record<string, string> =>
  Object.fromEntries(
    model.files.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(model.directory, name)))
        .digest("hex"),
    ]),
  );

const prepared = modelNode({
  prepare: { amount: "zscore", month: "onehot", population: "log", city: "onehot", joined: "minmax", seen: "zscore", member: "ordinal" },
  slices: ["city"],
});

describe("training", () => {
  test("two trainings of the same rows give the same bytes, with one thread or three, whatever order the rows lie in", async () => {
    await connection.run(`CREATE TABLE many AS ${examplesQuery(300_000)}`);
    const node = modelNode({
      train: { trainer: "boosted-trees", parameters: { trees: 15, learningRate: 0.3, featureFraction: 0.7, rowFraction: 0.8 } },
    });
    const one = await train(node, { threads: 1, relation: "many" });
    const three = await train(node, { threads: 3, relation: "SELECT * FROM many ORDER BY hash(happened)" });
    expect(hashes(three)).toEqual(hashes(one));
    const otherSeed = await train(node, { seed: 2, relation: "many" });
    expect(hashes(otherSeed)["model.onnx"]).not.toEqual(hashes(one)["model.onnx"]);
  });

  test.each([
    ["by default preparation", modelNode()],
    ["with every preparation", prepared],
    [
      "with numbers as categories",
      modelNode({
        prepare: { month: "ordinal", population: "ordinal", joined: "ordinal", seen: "ordinal", member: "onehot", amount: "log" },
      }),
    ],
  ])("the ONNX file agrees with LightGBM on every test row, with missing values and unseen categories, %s", async (_, node) => {
    const { metrics, periods } = await train(node);
    expect(metrics.parity.rows).toBe(periods.test.rows);
    expect(metrics.parity.maximumDifference).toBeLessThan(1e-6);
    expect(metrics.auc).toBeGreaterThan(0.8);
  });

  test("early stopping grows fewer trees than allowed, and the test period has no part in it", async () => {
    const parameters = { trees: 2000, leaves: 63, learningRate: 0.3, earlyStopping: 10 };
    const { metrics, periods } = await train(modelNode({ train: { trainer: "boosted-trees", parameters } }));
    const trees = metrics.trees ?? Number.NaN;
    expect(trees).toBeLessThan(500);
    expect(metrics.validationLoss.length).toBe(trees + 10);
    expect(Math.min(...metrics.validationLoss)).toBe(metrics.validationLoss[trees - 1]);
    expect(periods.training.to < periods.test.from).toBe(true);
    await connection.run(
      "CREATE OR REPLACE TABLE altered AS SELECT * REPLACE (CASE WHEN happened > TIMESTAMP '2024-04-09' - INTERVAL 19 DAY THEN NOT label ELSE label END AS label) FROM examples",
    );
    const altered = await train(modelNode({ train: { trainer: "boosted-trees", parameters } }), { relation: "altered" });
    expect(altered.metrics.validationLoss).toEqual(metrics.validationLoss);
  });

  test("rows without a label or a time are left out and counted", async () => {
    const relation =
      "SELECT * REPLACE (CASE WHEN month = 3 THEN NULL ELSE label END AS label, CASE WHEN month = 4 THEN NULL ELSE happened END AS happened) FROM examples";
    const counts = (
      await connection.runAndReadAll("SELECT count(*) FILTER (WHERE month = 3), count(*) FILTER (WHERE month = 4) FROM examples")
    )
      .getRows()[0]
      ?.map(Number);
    const { leftOut, periods } = await train(modelNode(), { relation });
    expect([leftOut.withoutLabel, leftOut.withoutTime]).toEqual(counts);
    expect(periods.training.rows + periods.test.rows).toBe(12_000 - leftOut.withoutLabel - leftOut.withoutTime);
  });

  test("a cancelled training ends soon, with the signal's reason", async () => {
    const controller = new AbortController();
    let trees = 0;
    const running = train(modelNode({ train: { trainer: "boosted-trees", parameters: { trees: 50_000, earlyStopping: 0 } } }), {
      signal: controller.signal,
      onTree: (done) => {
        trees = done;
        if (done === 5) controller.abort(new Error("stop it"));
      },
    });
    await expect(running).rejects.toThrow("stop it");
    expect(trees).toBeLessThan(5_000);
  });

  test("the slices cover every test row", async () => {
    const { metrics } = await train(prepared);
    expect(metrics.slices.reduce((sum, slice) => sum + slice.rows, 0)).toBe(metrics.rows);
    expect(metrics.slices.every((slice) => slice.column === "city")).toBe(true);
  });
});

describe("small and poor tables", () => {
  test.each([
    ["thirty rows", "SELECT * FROM examples USING SAMPLE 30 ROWS (reservoir, 7)", 30],
    [
      "a feature that is always missing, a constant one and one text",
      "SELECT happened, label, NULL::DOUBLE AS nothing, 5 AS constant, 'a' AS word FROM examples",
      12_000,
    ],
    ["a single feature", "SELECT happened, label, amount FROM examples", 12_000],
    [
      "a positive label only in the newest training rows",
      "SELECT * REPLACE (label AND happened > TIMESTAMP '2024-03-18' AS label) FROM examples",
      12_000,
    ],
    [
      "infinite numbers",
      "SELECT * REPLACE (CASE WHEN month = 2 THEN 'inf'::DOUBLE WHEN month = 3 THEN '-inf'::DOUBLE ELSE amount END AS amount) FROM examples",
      12_000,
    ],
  ])("%s give a model whose ONNX file agrees", async (_, relation, rows) => {
    const { metrics, periods } = await train(modelNode(), { relation });
    expect(metrics.parity.maximumDifference).toBeLessThan(1e-6);
    expect(periods.training.rows + periods.test.rows).toBe(rows);
    expect(metrics.logLoss).not.toBeNaN();
  });

  test("without both labels before the validation rows there is no early stopping, and all trees are grown", async () => {
    const { metrics } = await train(modelNode(), {
      relation: "SELECT * REPLACE (label AND happened > TIMESTAMP '2024-03-18' AS label) FROM examples",
    });
    expect(metrics).toMatchObject({ trees: 60, validationLoss: [] });
  });
});

describe("a definition that does not fit", () => {
  test.each([
    ["unknown-column", modelNode({ features: ["amount", "town"] }), /has|town/],
    ["unknown-parameter", modelNode({ train: { trainer: "boosted-trees", parameters: { tree: 3 } } }), /trees, leaves/],
    ["parameter-value", modelNode({ train: { trainer: "boosted-trees", parameters: { leaves: 1 } } }), /leaves is 1/],
    ["preparation-type", modelNode({ prepare: { city: "zscore" } }), /ordinal or onehot/],
    ["preparation-type", modelNode({ prepare: { amount: "onehot" } }), /zscore/],
    ["label-values", modelNode({ target: "month" }), /other than 0 and 1/],
    ["column-type", modelNode({ split: { by: "amount", days: 3 } }), /date or a timestamp/],
    ["empty-split", modelNode({ split: { by: "happened", days: 400 } }), /0 training rows/],
    ["target-as-feature", modelNode({ features: ["label", "amount"] }), /its target/],
    ["unknown-metric", modelNode({ accept: { sharpness: { atLeast: 1 } } }), /auc, logLoss/],
  ])("is refused as %s with the model's place", async (code, node, text) => {
    await expect(train(node)).rejects.toMatchObject({ problem: { code, where: node.origin }, message: expect.stringMatching(text) });
  });

  test("is refused where all training rows have one label", async () => {
    await expect(
      train(modelNode(), { relation: "SELECT * REPLACE (happened > TIMESTAMP '2024-04-01' AS label) FROM examples" }),
    ).rejects.toMatchObject({ problem: { code: "one-label" } });
  });
});
