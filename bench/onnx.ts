import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelNode } from "../src/define/node.ts";
import { connect, openDuckDB } from "../src/systems/duckdb/connection.ts";
import type { TrainingColumn } from "../src/train/columns.ts";
import { lightgbmFile, loadLightGBM } from "../src/train/lightgbm/library.ts";
import { onnxPredictor } from "../src/train/onnx/predict.ts";
import { prepare } from "../src/train/preparation.ts";
import { readTrainingData } from "../src/train/read.ts";
import { trainModel } from "../src/train/train.ts";

/** One line of a comparison: both do the same work on the same rows in one thread. */
export interface Comparison {
  readonly what: string;
  /** Seconds for all rows, the median of five. */
  readonly onnx: number;
  readonly lightgbm: number;
  /** Below 1 the ONNX file is the quicker one. */
  readonly ratio: number;
}

const rows = 20_000;

/** Raw features to probabilities, in batches: our ONNX file in ONNX Runtime against our preparation in JavaScript and LightGBM's own C prediction. */
export async function measure(): Promise<Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    await connection.run(`CREATE TABLE examples AS ${examples}`);
    const trained = await trainModel({ node, connection, relation: "examples", directory, progress: { report: () => {} }, signal: new AbortController().signal });
    const { features } = await readTrainingData(connection, "examples", node);
    const library = await loadLightGBM(await lightgbmFile());
    const booster = library.load(await readFile(join(directory, "model.lightgbm.txt"), "utf8"));
    const onnx = await onnxPredictor(await readFile(join(directory, "model.onnx")));
    const own = (from: number, to: number): void => {
      const matrix = prepare(trained.preparation, features, from, to);
      library.predict(booster, matrix, to - from, matrix.length / (to - from), "num_threads=1 verbosity=-1");
    };
    const comparisons: Comparison[] = [];
    for (const batch of [1, 64, 4096]) {
      const [left, right] = await sideBySide(features, batch, (from, to) => onnx.predict(features, from, to), own);
      comparisons.push({ what: `${trained.metrics.trees} trees, ${batch === 1 ? 2_000 : rows} rows in batches of ${batch}`, onnx: left, lightgbm: right, ratio: left / right });
    }
    await onnx.close();
    library.freeBooster(booster);
    return comparisons;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true, force: true });
  }
}

type Predict = (from: number, to: number) => void | Promise<unknown>;

/** Five rounds of both in turn, so that other work on the machine meets both; the medians. */
async function sideBySide(features: readonly TrainingColumn[], batch: number, ...ways: [Predict, Predict]): Promise<[number, number]> {
  if (features.length === 0) throw new Error("there is nothing to predict from");
  const seconds: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    for (const [way, predict] of ways.entries()) {
      const began = performance.now();
      for (let from = 0; from < (batch === 1 ? 2_000 : rows); from += batch) await predict(from, Math.min(from + batch, rows));
      seconds[way]?.push((performance.now() - began) / 1000);
    }
  }
  const [left, right] = seconds.map((times) => times.toSorted((a, b) => a - b)[2] ?? Number.NaN);
  return [left ?? Number.NaN, right ?? Number.NaN];
}

const node: ModelNode = {
  kind: "model",
  name: "bench",
  origin: { file: "bench/onnx.ts", line: 1 },
  from: "examples",
  target: "label",
  features: null,
  ignore: [],
  split: { by: "happened", days: 20 },
  prepare: { first: "zscore", kind: "onehot" },
  train: { trainer: "boosted-trees", parameters: { trees: 300, earlyStopping: 0 } },
  slices: [],
  accept: {},
};

/** Ten numbers, two texts, and a label that depends on them with noise. */
const examples = `
  WITH draws AS (SELECT i, hash(i * 17) % 10000 / 10000.0 AS first, hash(i * 17 + 1) % 10000 / 10000.0 AS second, ${Array.from({ length: 8 }, (_, index) => `hash(i * 17 + ${index + 2}) % 1000 / 1000.0 AS x${index}`).join(", ")},
    'kind ' || hash(i * 17 + 11) % 12 AS kind, 'place ' || hash(i * 17 + 12) % 300 AS place FROM range(${rows * 2}) t(i))
  SELECT TIMESTAMP '2024-01-01' + INTERVAL (i * 3) MINUTE AS happened, * EXCLUDE (i), first + second * x0 + x1 * x2 + (hash(i * 17 + 13) % 1000 / 1000.0) > 1.5 AS label FROM draws`;

if (import.meta.main) {
  for (const { what, onnx, lightgbm, ratio } of await measure()) {
    console.log(`${what}: ONNX ${(onnx * 1000).toFixed(1)} ms, LightGBM ${(lightgbm * 1000).toFixed(1)} ms, ratio ${ratio.toFixed(2)}`);
  }
}
