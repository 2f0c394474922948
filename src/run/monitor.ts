import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DriftRule } from "../define/quantity.ts";
import type { EndpointNode, ModelNode, MonitorNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { readHead } from "../lake/catalog/heads.ts";
import { driftByWindow } from "../monitor/by-window.ts";
import { scoreBins, type ScoreBins } from "../monitor/estimate.ts";
import { performanceByWindow, type WindowPerformance } from "../monitor/performance.ts";
import type { MonitorReport } from "../monitor/report/html.ts";
import { readModelFile } from "../registry/files.ts";
import { champion, openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { connect, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { onnxPredictor } from "../train/onnx/predict.ts";
import { readTrainingData } from "../train/read.ts";
import { openJournal, type Journal } from "./journal.ts";
import { openLakehouse, type Lakehouse } from "./lakehouse.ts";
import { newRunId, type SessionOptions } from "./session.ts";
import { statePaths } from "./state.ts";

const daily: MonitorNode = { window: { seconds: 86_400 }, season: null, labels: null, processorHour: null };
const usual: DriftRule = { figure: "psi", limit: 0.2 };
const score = "probabilities_1";

/**
 * Looks at an endpoint's stored predictions of the version that it serves: drift against the training rows and performance, window by window.
 * Figures from labels that the journal does not have yet are told to it.
 *
 * @throws MillwrightError `unknown-endpoint`, `no-champion`, `no-predictions`, `no-reference`
 */
export async function monitorEndpoint(
  options: Pick<SessionOptions, "definition" | "environment" | "directory" | "signal"> & { readonly endpoint: string },
): Promise<MonitorReport> {
  const { definition, environment, directory, signal } = options;
  const paths = statePaths(directory, environment.name);
  const endpoint = definition.assets.find((asset): asset is EndpointNode => asset.kind === "endpoint" && asset.name === options.endpoint);
  if (endpoint === undefined)
    throw new MillwrightError({
      code: "unknown-endpoint",
      what: `the platform has no endpoint '${options.endpoint}'`,
      fix: `name one of: ${definition.assets.flatMap(({ kind, name }) => (kind === "endpoint" ? [name] : [])).join(", ")}`,
    });
  const model = definition.assets.find((asset): asset is ModelNode => asset.kind === "model" && asset.name === endpoint.model);
  if (model === undefined)
    throw new MillwrightError({
      code: "no-reference",
      what: `the endpoint ${endpoint.name} serves a model of another registry, whose training rows are not known here`,
      where: endpoint.origin,
      fix: "monitor an endpoint whose model is trained by this platform",
    });
  const registry = openRegistry(paths.models);
  const version = registry.get(model.name, champion);
  registry.close();
  if (version === null)
    throw new MillwrightError({
      code: "no-champion",
      what: `no version of ${model.name} has passed its gate`,
      where: model.origin,
      fix: "run millwright run first",
    });
  if (readHead(paths.state, definition.name, `${endpoint.name}_predictions`) === null)
    throw new MillwrightError({
      code: "no-predictions",
      what: `the endpoint ${endpoint.name} has stored no prediction yet`,
      where: endpoint.origin,
      fix: "serve it with millwright up, and ask it something",
    });
  const lakehouse = await openLakehouse({ environment, paths, namespace: definition.name });
  const staging = await mkdtemp(join(paths.state, "monitor-"));
  const instance = await openDuckDB({ temporaryDirectory: staging });
  const connection = await connect(instance);
  try {
    const report = await look({ endpoint, model, version, lakehouse, connection, staging, signal });
    const journal = openJournal(paths.journal);
    tellPerformance(journal, endpoint.name, report);
    journal.close();
    return report;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await lakehouse.close();
    await rm(staging, { recursive: true, force: true });
  }
}

async function look(subject: {
  readonly endpoint: EndpointNode;
  readonly model: ModelNode;
  readonly version: ModelVersion;
  readonly lakehouse: Lakehouse;
  readonly connection: DuckDBConnection;
  readonly staging: string;
  readonly signal: AbortSignal;
}): Promise<MonitorReport> {
  const { endpoint, model, version, lakehouse, connection, staging, signal } = subject;
  const { window, season, labels } = endpoint.monitor ?? daily;
  const fetched = async (table: string, snapshot: string | null): Promise<string> => {
    const file = join(staging, `${table}.parquet`);
    await lakehouse.engine.exportParquet(`SELECT * FROM ${lakehouse.engine.relation(table, snapshot)}`, file);
    return `read_parquet(${quoteLiteral(file)})`;
  };
  const features = await fetched(model.from, version.provenance.inputs[model.from] ?? null);
  const predictions = `SELECT * FROM ${await fetched(`${endpoint.name}_predictions`, null)} WHERE model_version = ${quoteLiteral(String(version.version))}`;
  const { training } = version.description.periods;
  const time = quoteIdentifier(model.split.by);
  const drift = await driftByWindow(connection, {
    reference: `SELECT * FROM ${features} WHERE CAST(${time} AS TIMESTAMP) BETWEEN CAST(${quoteLiteral(training.from)} AS TIMESTAMPTZ) AND CAST(${quoteLiteral(training.to)} AS TIMESTAMPTZ)`,
    current: predictions,
    time: "predicted_at",
    referenceTime: model.split.by,
    window,
    season,
    columns: await storedInputs(connection, predictions, version),
    rule: endpoint.drift ?? usual,
    signal,
  });
  const performance = await performanceByWindow(connection, {
    predictions,
    time: "predicted_at",
    score,
    window,
    reference: await testScores(connection, features, model, version),
    ...(labels === null ? {} : { labels: { ...labels, table: await fetched(labels.table, null) } }),
  });
  const size = "rows" in window ? `${window.rows.toLocaleString("en-US")} predictions` : `${window.seconds / 3600} hours`;
  const against = { week: "the training rows of the same hours of the week", year: "the training rows of the same months" };
  return {
    endpoint: endpoint.name,
    version: String(version.version),
    time: new Date(),
    rule: endpoint.drift ?? usual,
    windows: `Each window of ${size} is compared with ${season === null ? "the training rows" : against[season]}.`,
    drift,
    performance,
  };
}

/** The inputs that the log keeps. */
async function storedInputs(connection: DuckDBConnection, predictions: string, version: ModelVersion): Promise<string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE ${predictions}`);
  const stored = new Set(described.getRows().map(([name]) => String(name)));
  return version.description.inputs.map(({ name }) => name).filter((name) => stored.has(name));
}

/** How often the scores of the test rows came true: they were not trained on. */
async function testScores(connection: DuckDBConnection, features: string, model: ModelNode, version: ModelVersion): Promise<ScoreBins> {
  const data = await readTrainingData(connection, features, model);
  const predictor = await onnxPredictor(await readModelFile(version, "model.onnx"));
  try {
    const scores = await predictor.predict(data.features, data.trainingRows, data.rows);
    return scoreBins(data.labels.subarray(data.trainingRows), scores);
  } finally {
    await predictor.close();
  }
}

/** One event a window, again only when more of its labels have come. */
function tellPerformance(journal: Journal, endpoint: string, { version, performance }: MonitorReport): void {
  const told = new Set(
    journal
      .events({ type: "performance.measured", asset: endpoint })
      .map(({ body }) => `${String(body["version"])} ${String(body["from"])} ${String(body["labelled"])}`),
  );
  const run = newRunId();
  const events = performance
    .filter(({ from, labelled }) => labelled > 0 && !told.has(`${version} ${from.toISOString()} ${labelled}`))
    .map((window) => ({ type: "performance.measured" as const, asset: endpoint, run, body: performanceBody(version, window) }));
  journal.appendAll(events);
}

function performanceBody(
  version: string,
  { from, to, rows, labelled, realised, estimated }: WindowPerformance,
): Readonly<Record<string, unknown>> {
  const { auc, logLoss, brier, calibrationError, accuracy } = realised ?? {};
  return {
    version,
    from: from.toISOString(),
    to: to.toISOString(),
    rows,
    labelled,
    figures: { auc, logLoss, brier, calibrationError, accuracy },
    estimated: estimated === null ? null : { auc: estimated.auc, logLoss: estimated.logLoss, accuracy: estimated.accuracy },
  };
}
