import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelNode } from "../src/define/node.ts";
import type { Bench, Finding, Measurement } from "./bench.ts";
import { built } from "./built.ts";
import { flightsQuery } from "./flights.ts";
import { alternate, ratioOf, spreadOf, timed, type Sample } from "./measure.ts";

const { connect, openDuckDB }: typeof import("../src/systems/duckdb/connection.ts") = await import(built("systems/duckdb/connection"));
const { lightgbmFile, lightgbmVersion, loadLightGBM }: typeof import("../src/train/lightgbm/library.ts") = await import(
  built("train/lightgbm/library")
);
const { onnxPredictor }: typeof import("../src/train/onnx/predict.ts") = await import(built("train/onnx/predict"));
const { prepare }: typeof import("../src/train/preparation.ts") = await import(built("train/preparation"));
const { readTrainingData }: typeof import("../src/train/read.ts") = await import(built("train/read"));
const { trainModel }: typeof import("../src/train/train.ts") = await import(built("train/train"));

/** Rows predicted in a round, by the size of the batch. */
const batches: readonly { readonly size: number; readonly rows: number }[] = [
  { size: 1, rows: 2_000 },
  { size: 64, rows: 19_200 },
  { size: 4096, rows: 20_480 },
];
const rounds = 7;

const node: ModelNode = {
  kind: "model",
  name: "late",
  origin: { file: "bench/onnx.ts", line: 1 },
  from: "flights",
  target: "late",
  features: null,
  ignore: [],
  split: { by: "scheduled", days: 60 },
  prepare: { carrier: "onehot", distance: "zscore" },
  train: { trainer: "boosted-trees", parameters: { trees: 300, earlyStopping: 0, seed: 1 } },
  search: null,
  packaging: null,
  slices: [],
  accept: {},
  approval: null,
  retrain: null,
};

/** Every fourth flight: what is known of it at its scheduled departure. */
const relation = `
  select updated_at as scheduled, arr_delay > 15 as late, carrier, origin, dest, tailnum, month, isodow(updated_at) as day_of_week, hour, minute, sched_arr_time, distance
  from (${flightsQuery}) where id % 4 = 0`;

const [onnxName, wholeName, treesName] = [
  "ONNX Runtime, from raw features",
  "LightGBM, preparation in JavaScript before it",
  "LightGBM, from prepared numbers",
] as const;

export const bench: Bench = {
  name: "onnx",
  title: "the exported ONNX file against LightGBM's own C library, 300 trees, one thread each",
  async run(note) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    const connection = await connect(await openDuckDB());
    try {
      note("training 300 trees");
      const { preparation } = await trainModel({
        node,
        connection,
        relation,
        directory,
        progress: { report: () => undefined },
        signal: new AbortController().signal,
      });
      const { features } = await readTrainingData(connection, relation, node);
      const library = await loadLightGBM(await lightgbmFile());
      const booster = library.load(await readFile(join(directory, "model.lightgbm.txt"), "utf8"));
      const onnx = await onnxPredictor(await readFile(join(directory, "model.onnx")));
      const most = Math.max(...batches.map(({ rows }) => rows));
      const matrix = prepare(preparation, features, 0, most);
      const columns = matrix.length / most;
      const trees = (prepared: Float32Array, rows: number) =>
        library.predict(booster, prepared, rows, columns, "num_threads=1 verbosity=-1");
      const ways: Readonly<Record<string, (from: number, to: number) => unknown>> = {
        [onnxName]: (from, to) => onnx.predict(features, from, to),
        [wholeName]: (from, to) => trees(prepare(preparation, features, from, to), to - from),
        [treesName]: (from, to) => trees(matrix.subarray(from * columns, to * columns), to - from),
      };
      const measurements: Measurement[] = [];
      const findings: Finding[] = [];
      for (const { size, rows } of batches) {
        note(`batches of ${size}, ${rounds} rounds and one to warm up`);
        const variants = Object.entries(ways).map(([name, predict]) => ({
          name,
          measure: () =>
            timed(async () => {
              for (let from = 0; from < rows; from += size) await predict(from, from + size);
            }),
        }));
        const samples = await alternate(variants, { rounds, discarded: 1 });
        const subject = `${rows.toLocaleString("en-US")} rows in batches of ${size.toLocaleString("en-US")}`;
        measurements.push(...[...samples].map(([variant, taken]) => ({ subject, variant, samples: taken })));
        findings.push(...findingsOf(`batches of ${size.toLocaleString("en-US")}`, rows, samples));
      }
      const difference = largestDifference(await onnx.predict(features, 0, most), trees(matrix, most));
      findings.push({
        what: `largest difference of probability in ${most.toLocaleString("en-US")} rows`,
        unit: "",
        value: spreadOf([difference]),
        cpu: null,
        limit: 1e-5,
      });
      library.freeBooster(booster);
      await onnx.close();
      return { measurements, findings, versions: { lightgbm: lightgbmVersion, "onnxruntime-node": await onnxVersion() } };
    } finally {
      connection.closeSync();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

function findingsOf(what: string, rows: number, samples: ReadonlyMap<string, readonly Sample[]>): Finding[] {
  const taken = (name: string) => samples.get(name) ?? [];
  const perSecond = [onnxName, treesName].map((name): Finding => ({
    what: `${what}: ${name}`,
    unit: "rows/s",
    value: spreadOf(taken(name).map(({ wall }) => rows / wall)),
    cpu: null,
    limit: null,
  }));
  const ratios = [wholeName, treesName].map((name): Finding => ({
    what: `${what}: time of ONNX Runtime against ${name}`,
    unit: "times",
    value: ratioOf(taken(onnxName), taken(name), "wall"),
    cpu: ratioOf(taken(onnxName), taken(name), "cpu"),
    limit: null,
  }));
  return [...perSecond, ...ratios];
}

function largestDifference(a: Float32Array, b: Float64Array): number {
  let most = 0;
  for (const [row, value] of b.entries()) most = Math.max(most, Math.abs(value - (a[row] ?? Number.NaN)));
  return most;
}

async function onnxVersion(): Promise<string> {
  const { env } = await import("onnxruntime-node");
  return env.versions.node ?? env.versions.common;
}
