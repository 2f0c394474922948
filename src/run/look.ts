import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DriftRule } from "../define/quantity.ts";
import type { Definition, EndpointNode, EnvironmentNode, ModelNode, MonitorNode } from "../define/node.ts";
import { driftByWindow, type WindowDrift } from "../monitor/by-window.ts";
import { scoreBins } from "../monitor/estimate.ts";
import { performanceByWindow, type WindowPerformance } from "../monitor/performance.ts";
import type { WindowBounds } from "../monitor/windows.ts";
import { readModelFile } from "../registry/files.ts";
import type { ModelVersion } from "../registry/version.ts";
import { connect, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { onnxPredictor } from "../train/onnx/predict.ts";
import { readTrainingData } from "../train/read.ts";
import { openLakehouse, type Lakehouse } from "./lakehouse.ts";
import { newestPredictions } from "./newest-predictions.ts";
import { statePaths } from "./state.ts";

/** How an endpoint is looked at that says nothing of it. */
export const daily: MonitorNode = Object.freeze({
  window: Object.freeze({ seconds: 86_400 }),
  season: null,
  labels: null,
  performance: null,
  quality: null,
  processorHour: null,
});
export const usualRule: DriftRule = Object.freeze({ figure: "psi", limit: 0.2 });

const score = "probabilities_1";
const [time, rate, id] = ["predicted_at", "sample_rate", "prediction_id"];

/** The stored predictions of an endpoint's version, window by window. */
export interface Look {
  readonly drift: readonly WindowDrift[];
  readonly performance: readonly WindowPerformance[];
}

export interface LookOptions {
  readonly definition: Pick<Definition, "name">;
  readonly environment: Pick<EnvironmentNode, "name" | "bindings">;
  readonly directory: string;
  readonly endpoint: EndpointNode;
  readonly model: ModelNode;
  /** The version whose predictions are looked at. */
  readonly version: ModelVersion;
  /** Windows, the newest ones. @default all */
  readonly newest?: number;
  /** Which windows are compared with the training rows, of all that there are. @default all */
  readonly judged?: (windows: readonly WindowBounds[]) => readonly WindowBounds[];
  /** What it may take of the machine, beside what serves. @default DuckDB's own measure */
  readonly limits?: { readonly memoryLimit: string; readonly threads: number };
  /** An empty folder for what it needs meanwhile; whoever gave it removes it. @default one in the state folder, which goes with it */
  readonly staging?: string;
  readonly signal: AbortSignal;
}

/** Looks at an endpoint's stored predictions of one version: drift against the training rows, and performance. */
export async function look(options: LookOptions): Promise<Look> {
  const { definition, environment, directory, limits } = options;
  const paths = statePaths(directory, environment.name);
  const lakehouse = await openLakehouse({ environment, paths, namespace: definition.name });
  const staging = options.staging ?? (await mkdtemp(join(paths.state, "monitor-")));
  try {
    if (limits !== undefined && environment.bindings["engine"] === undefined)
      for (const setting of [`memory_limit = ${quoteLiteral(limits.memoryLimit)}`, `threads = ${limits.threads}`])
        await lakehouse.engine.ask(`SET GLOBAL ${setting}`);
    const instance = await openDuckDB({ temporaryDirectory: staging, ...limits });
    const connection = await connect(instance);
    try {
      return await lookWith(options, lakehouse, connection, staging);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    await lakehouse.close();
    await rm(staging, { recursive: true, force: true });
  }
}

async function lookWith(options: LookOptions, lakehouse: Lakehouse, connection: DuckDBConnection, staging: string): Promise<Look> {
  const { endpoint, model, version, newest, signal } = options;
  const { window, season, labels } = endpoint.monitor ?? daily;
  const engine = lakehouse.engine.within(signal);
  const fetched = async (name: string, query: string): Promise<string> => {
    const file = join(staging, `${name}.parquet`);
    await engine.exportParquet(query, file);
    return `read_parquet(${quoteLiteral(file)})`;
  };
  const whole = (table: string, snapshot: string | null): Promise<string> =>
    fetched(table, `SELECT * FROM ${engine.relation(table, snapshot)}`);
  const features = await whole(model.from, version.provenance.inputs[model.from] ?? null);
  const log = { table: `${endpoint.name}_predictions`, version: String(version.version) };
  const stored = await fetched(log.table, await newestPredictions(engine, log, window, newest ?? null));
  const predictions = `SELECT * FROM ${stored}`;
  const columns = await columnsOf(connection, predictions);
  const sampled = columns.has(rate) ? { sampleRate: rate } : {};
  const tested = await testScores(connection, features, model, version);
  const performance = await performanceByWindow(connection, {
    predictions,
    time,
    id,
    score,
    ...sampled,
    window,
    reference: scoreBins(tested.labels, tested.scores),
    ...(season === null ? {} : { seasonal: { season, ...tested } }),
    ...(labels === null ? {} : { labels: { ...labels, table: await whole(labels.table, null) } }),
  });
  const judged = new Set((options.judged?.(performance) ?? performance).map(({ number }) => number));
  const { training } = version.description.periods;
  const by = quoteIdentifier(model.split.by);
  const instant = (text: string): string => `CAST(${quoteLiteral(text)} AS TIMESTAMPTZ)`;
  const drift =
    judged.size === 0
      ? []
      : await driftByWindow(connection, {
          reference: `SELECT * FROM ${features} WHERE CAST(${by} AS TIMESTAMP) BETWEEN ${instant(training.from)} AND ${instant(training.to)}`,
          current: predictions,
          time,
          id,
          ...sampled,
          referenceTime: model.split.by,
          window,
          season,
          // The inputs that the log keeps.
          columns: version.description.inputs.map(({ name }) => name).filter((name) => columns.has(name)),
          rule: endpoint.drift ?? usualRule,
          only: ({ number }) => judged.has(number),
          signal,
        });
  return { drift, performance };
}

async function columnsOf(connection: DuckDBConnection, query: string): Promise<ReadonlySet<string>> {
  const described = await connection.runAndReadAll(`DESCRIBE ${query}`);
  return new Set(described.getRows().map(([name]) => String(name)));
}

/** The scores of the test rows, which were not trained on, with what came true. */
async function testScores(
  connection: DuckDBConnection,
  features: string,
  model: ModelNode,
  version: ModelVersion,
): Promise<{ readonly labels: Float32Array; readonly scores: Float32Array; readonly times: Float64Array }> {
  const { inputs } = version.description;
  const data = await readTrainingData(connection, features, {
    ...model,
    features: inputs.map(({ name }) => name),
    slices: [],
    prepare: {},
  });
  const predictor = await onnxPredictor(await readModelFile(version, "model.onnx"));
  try {
    const scores = await predictor.predict(data.features, data.trainingRows, data.rows);
    return { labels: data.labels.subarray(data.trainingRows), scores, times: data.times.subarray(data.trainingRows) };
  } finally {
    await predictor.close();
  }
}
