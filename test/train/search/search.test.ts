import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { between, grid, successiveHalving, type ModelNode, type SearchNode } from "../../../src/index.ts";
import { connect, openDuckDB } from "../../../src/systems/duckdb/connection.ts";
import { gateFigures } from "../../../src/train/accept.ts";
import { boostedTreesTrainer } from "../../../src/train/boosted-trees.ts";
import { readTrainingData } from "../../../src/train/read.ts";
import { withParameters } from "../../../src/train/search/check.ts";
import { foldsOf } from "../../../src/train/search/folds.ts";
import { lastingReport } from "../../../src/train/search/report.ts";
import type { TrialBook } from "../../../src/train/search/search.ts";
import { trainModel, type TrainedModel, type TrainOptions } from "../../../src/train/train.ts";
import { localWorkshop } from "../../../src/train/workshop.ts";
import { examplesQuery, modelNode } from "../model-node.ts";

let connection: DuckDBConnection;
let root: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-search-"));
  connection = await connect(await openDuckDB());
  await connection.run(`CREATE TABLE examples AS ${examplesQuery(3_000)}`);
});

afterAll(() => {
  connection.closeSync();
  rmSync(root, { recursive: true, force: true });
});

const trees = { trainer: "boosted-trees", parameters: { trees: 12, leaves: 7, learningRate: 0.2 } } as const;
const searching = (search: SearchNode): ModelNode => modelNode({ train: trees, search, prepare: { amount: "zscore" } });

async function train(node: ModelNode, more: Partial<TrainOptions> = {}): Promise<TrainedModel & { readonly directory: string }> {
  const directory = mkdtempSync(join(root, "model-"));
  const progress = { report: () => undefined };
  const options = { node, connection, relation: "examples", directory, progress, signal: new AbortController().signal };
  return { ...(await trainModel({ ...options, ...more })), directory };
}

const fileOf = ({ directory }: { readonly directory: string }, name: string): string => readFileSync(join(directory, name), "latin1");

test("the figures of a fold are those of a training by hand on the same rows", async () => {
  const node = searching(grid({ leaves: [15], learningRate: [0.05, 0.3] }, { folds: 3 }));
  const { search } = await train(node);
  const all = await readTrainingData(connection, "examples", node);
  const folds = foldsOf(node, all, 3);
  for (const [index, { start, end }] of folds.entries()) {
    const rows = await readTrainingData(connection, `SELECT * FROM examples ORDER BY happened LIMIT ${end}`, {
      ...node,
      split: { by: "happened", days: 1 },
    });
    const directory = mkdtempSync(join(root, "hand-"));
    const { metrics } = await boostedTreesTrainer.train({
      node: withParameters(node, { leaves: 15, learningRate: 0.05 }),
      data: { ...rows, trainingRows: start },
      directory,
      metadata: {},
      threads: 1,
      workshop: localWorkshop(directory),
      progress: { report: () => undefined },
      signal: new AbortController().signal,
    });
    const trial = search?.trials.find(({ parameters }) => parameters["leaves"] === 15 && parameters["learningRate"] === 0.05);
    expect(trial?.folds[index]).toEqual(gateFigures(metrics));
  }
});

test("the best parameters train the model, to the same bytes as if they had been written down", async () => {
  const found = await train(searching(grid({ leaves: [2, 15], learningRate: [0.01, 0.3] }, { folds: 1, metric: "auc" })));
  const { search } = found;
  if (search === null) throw new Error("no search");
  const values = search.trials.map(({ value }) => value ?? 0);
  expect(search.best).toBe(values.indexOf(Math.max(...values)) + 1);
  expect(found.parameters).toMatchObject(search.parameters);
  const written = await train(
    modelNode({ train: { ...trees, parameters: { ...trees.parameters, ...search.parameters } }, prepare: { amount: "zscore" } }),
  );
  expect(fileOf(found, "model.onnx")).toBe(fileOf(written, "model.onnx"));
  expect(JSON.parse(fileOf(found, "search.json"))).toEqual(JSON.parse(JSON.stringify(lastingReport(search))));
  expect(found.files).toContain("search.json");
});

test("the test rows have no part in a search", async () => {
  const node = searching(grid({ leaves: [3, 15] }, { folds: 2 }));
  const { search } = await train(node);
  const relation =
    "SELECT * REPLACE (CASE WHEN happened > TIMESTAMP '2024-04-09' - INTERVAL 19 DAY THEN NOT label ELSE label END AS label) FROM examples";
  const altered = await train(node, { relation });
  expect(altered.search?.trials.map(({ folds }) => folds)).toEqual(search?.trials.map(({ folds }) => folds));
  expect(search?.folds.at(-1)?.judged.to.slice(0, 10)).toBe("2024-03-20");
});

test("successive halving comes to the same report and the same bytes however many trials run side by side", async () => {
  const search = successiveHalving({ leaves: between(2, 31, { whole: true }), l2: [0, 1] }, { trials: 5, factor: 2, folds: 1 });
  const steps: string[] = [];
  const progress = {
    report: (step: { done: number; total: number | null; unit: string }) => void steps.push(`${step.done}/${step.total} ${step.unit}`),
  };
  const one = await train(searching({ ...search, parallel: 1 }), { progress });
  const three = await train(searching({ ...search, parallel: 3 }), { threads: 3 });
  expect(fileOf(three, "search.json")).toBe(fileOf(one, "search.json"));
  expect(fileOf(three, "model.onnx")).toBe(fileOf(one, "model.onnx"));
  const rounds = Map.groupBy(one.search?.trials ?? [], ({ round }) => round);
  expect([...rounds.values()].map((trials) => trials.length)).toEqual([5, 3, 2]);
  expect(rounds.get(3)?.map(({ trial }) => trial)).toContain(one.search?.best);
  expect(steps).toEqual(expect.arrayContaining(["0/10 trials", "10/10 trials"]));
});

describe("a search that is broken off", () => {
  test("by cancelling ends soon, with the signal's reason, and keeps what was finished", async () => {
    const controller = new AbortController();
    const kept: number[] = [];
    const book: TrialBook = {
      recall: () => null,
      keep: (_, { trial }) => {
        kept.push(trial);
        if (kept.length === 2) controller.abort(new Error("stop it"));
      },
    };
    const search = grid({ leaves: [2, 3, 4, 5, 6, 7, 8, 9] }, { folds: 2, parallel: 2 });
    await expect(train(searching(search), { book, signal: controller.signal })).rejects.toThrow("stop it");
    expect(kept.length).toBeLessThan(8);
  });

  test("by a trial that fails says which, and ends the others", async () => {
    const node = modelNode({ train: trees, prepare: { city: "zscore" }, search: grid({ leaves: [3, 15] }, { folds: 2, parallel: 1 }) });
    await expect(train(node)).rejects.toMatchObject({
      problem: { code: "preparation-type", where: node.origin },
      message: expect.stringMatching(/^trial 1 of the search \(leaves 3\): /),
    });
  });

  test("by a figure that no trial has says so", async () => {
    const node = searching(grid({ leaves: [2, 3] }, { folds: 2, metric: "precision" }));
    const relation = "SELECT * REPLACE (label AND month = 3 AS label) FROM examples"; // so rare that nothing is ever predicted
    const rare = { ...node, train: { trainer: "boosted-trees", parameters: { trees: 1, earlyStopping: 0 } } } as const;
    await expect(train(rare, { relation })).rejects.toMatchObject({ problem: { code: "search-figure" } });
  });
});
