import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnType } from "../define/column.ts";
import type { ModelNode } from "../define/node.ts";
import { figureChanges, lostTooMuch } from "../package/judge.ts";
import type { FigureChange } from "../package/outcome.ts";
import { readModelFile } from "../registry/files.ts";
import type { ModelVersion } from "../registry/version.ts";
import { columnTypeOf } from "../systems/duckdb/connection.ts";
import type { TrainingColumn, TrainingData } from "./columns.ts";
import { evaluate } from "./evaluate.ts";
import type { TestMetrics } from "./metrics.ts";
import { modelInput, type ModelInput } from "./onnx/inputs.ts";
import { onnxPredictor } from "./onnx/predict.ts";
import { readTrainingData } from "./read.ts";

/** A new model and its champion, asked for the same rows. */
export interface Against {
  /** The champion's version. */
  readonly champion: number;
  /** Test rows of the new model that are later than all that the champion was trained on. */
  readonly rows: number;
  /** How much worse each figure may be. */
  readonly margin: number;
  /** `before` the champion's, `after` the new model's. */
  readonly figures: readonly FigureChange[];
  /** What is worse, in words; null where nothing is. */
  readonly lost: string | null;
  /** Why they were not compared; null where they were. */
  readonly reason: string | null;
}

export interface AgainstOptions {
  readonly node: ModelNode;
  readonly margin: number;
  readonly champion: ModelVersion;
  /** The new model's file and what it takes. */
  readonly candidate: { readonly onnx: Uint8Array; readonly inputs: readonly ModelInput[] };
  readonly connection: DuckDBConnection;
  /** What the new model was trained on: a `SELECT`. */
  readonly relation: string;
  readonly signal: AbortSignal;
}

/** What is compared where the gate bounds nothing. */
const usual = ["logLoss"] as const;

/**
 * Whether a new model is worse than the champion, by the figures of its gate on rows that neither was trained on: the new model's test rows
 * that are later than the champion's training. Where there are none, or the table has not what the champion takes, nothing is compared, and
 * the reason is said: the gate alone decides then.
 */
export async function compareWithChampion(options: AgainstOptions): Promise<Against> {
  const { node, margin, champion, candidate, connection, relation, signal } = options;
  const nothing = (reason: string): Against => ({ champion: champion.version, rows: 0, margin, figures: [], lost: null, reason });
  const { inputs, periods, imported } = champion.description;
  if (imported != null) return nothing("the champion was trained elsewhere");
  const types = await columnTypes(connection, relation);
  const lacking = inputs.find(({ name, datatype }) => datatypeOf(name, types.get(name)) !== datatype);
  if (lacking !== undefined) return nothing(`${node.from} has no column '${lacking.name}' of type ${lacking.type} any more`);
  const features = [...new Set([...candidate.inputs, ...inputs].map(({ name }) => name))];
  const data = await readTrainingData(connection, relation, { ...node, features, slices: [], prepare: {} }, signal);
  const from = firstNew(data, Date.parse(periods.training.to));
  if (from === data.rows) return nothing("the champion was trained on all of the new test rows");
  const metrics = Object.keys(node.accept).length === 0 ? usual : Object.keys(node.accept);
  const before = await metricsOf(await readModelFile(champion, "model.onnx"), inputs, data, from);
  signal.throwIfAborted();
  const after = await metricsOf(candidate.onnx, candidate.inputs, data, from);
  const figures = figureChanges(metrics, before, after, Object.fromEntries(metrics.map((metric) => [metric, margin])))
    // What neither has, an AUC of rows of one kind say, tells nothing.
    .filter(({ before: was }) => was !== null);
  return { champion: champion.version, rows: data.rows - from, margin, figures, lost: lostTooMuch(figures), reason: null };
}

async function columnTypes(connection: DuckDBConnection, relation: string): Promise<ReadonlyMap<string, ColumnType>> {
  const described = await connection.runAndReadAll(`DESCRIBE ${relation}`);
  return new Map(described.getRows().map(([name, type]) => [String(name), columnTypeOf(String(type))]));
}

function datatypeOf(name: string, type: ColumnType | undefined): ModelInput["datatype"] | null {
  return type === undefined || type === "binary" ? null : modelInput(name, type).datatype;
}

/** The first test row that is later than an instant in milliseconds, which is rounded down from microseconds. */
function firstNew({ times, rows, trainingRows }: TrainingData, after: number): number {
  let row = trainingRows;
  while (row < rows && (times[row] ?? 0) < (after + 1) * 1000) row++;
  return row;
}

async function metricsOf(onnx: Uint8Array, inputs: readonly ModelInput[], data: TrainingData, from: number): Promise<TestMetrics> {
  const columns = inputs.flatMap(({ name }): TrainingColumn[] => data.features.filter((column) => column.name === name));
  const predictor = await onnxPredictor(onnx);
  try {
    const probabilities = Float64Array.from(await predictor.predict(columns, from, data.rows));
    return evaluate(data.labels.subarray(from), probabilities, [], from);
  } finally {
    await predictor.close();
  }
}

/** `not worse than version 2 on 480 rows that are new to both`, or what is worse. */
export function describeAgainst({ champion, rows, margin, lost, reason }: Against): string {
  if (reason !== null) return `not compared with version ${champion}: ${reason}`;
  if (lost !== null) return `worse than version ${champion} on ${rows} rows that are new to both: ${lost}`;
  return `not worse than version ${champion} by more than ${margin} on ${rows} rows that are new to both`;
}
