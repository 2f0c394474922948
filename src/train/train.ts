import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ModelNode, TrainerNode } from "../define/node.ts";
import type { Progress } from "../systems/roles.ts";
import type { PackagingOutcome } from "../package/outcome.ts";
import { packTrained } from "../package/pack.ts";
import { acceptModel, checkGate, type Gate } from "./accept.ts";
import { boostedTreesTrainer } from "./boosted-trees.ts";
import { modelOutputs } from "./onnx/export.ts";
import { pythonTrainer } from "./python/trainer.ts";
import { readTrainingData } from "./read.ts";
import { checkSearch, withParameters } from "./search/check.ts";
import { lastingReport, type SearchReport } from "./search/report.ts";
import { searchParameters, type TrialBook } from "./search/search.ts";
import type { Fitted, Trainer, Workshop } from "./trainer.ts";
import { localWorkshop } from "./workshop.ts";

export interface TrainOptions {
  readonly node: ModelNode;
  readonly connection: DuckDBConnection;
  /** The feature table at one snapshot: a `SELECT`, or a table's name as SQL writes it. */
  readonly relation: string;
  /** An existing, empty folder for the model's files. */
  readonly directory: string;
  /** Overrides the trainer's own parameter `seed`. */
  readonly seed?: number;
  /** Written into the ONNX file: the snapshot that was read, the hashes of definition and code. Nothing that changes from run to run. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** @default the machine's cores; the result does not depend on it */
  readonly threads?: number;
  /** Where a trainer that is a program of its own runs. @default this machine, with scripts named from the working directory */
  readonly workshop?: Workshop;
  /** Trials of a search that an earlier training finished, and where new ones are kept. @default none */
  readonly book?: TrialBook;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A span of the split column, both ends included, ISO 8601 in UTC. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

export interface TrainedModel extends Fitted {
  readonly model: string;
  readonly periods: { readonly training: Period; readonly test: Period };
  readonly leftOut: { readonly withoutLabel: number; readonly withoutTime: number };
  readonly gate: Gate;
  /** What was tried; null without a search. */
  readonly search: SearchReport | null;
  /** How the served file came about; null where it is the trainer's own. */
  readonly packaging: PackagingOutcome | null;
}

const trainers: Readonly<Record<TrainerNode["trainer"], Trainer>> = { "boosted-trees": boostedTreesTrainer, python: pythonTrainer };

const noBook: TrialBook = { recall: () => null, keep: () => undefined };

/**
 * Trains a model on its feature table and judges it by its gate. The folder then holds, besides the trainer's files:
 * `model.json` (inputs, outputs, preparation, parameters, periods), `metrics.json` (test figures and gate), `profile.json` (for drift), and
 * where parameters were searched `search.json`.
 * The same rows, definition, seed and metadata give the same bytes.
 *
 * @throws MillwrightError where the definition does not fit the table, or the table cannot be learnt from.
 * @throws `signal.reason` when cancelled.
 *
 * @example
 * const trained = await trainModel({ node, connection, relation: "SELECT * FROM delay_features", directory, progress, signal });
 * if (!trained.gate.accepted) console.log(trained.gate.criteria);
 */
export async function trainModel(options: TrainOptions): Promise<TrainedModel> {
  const { connection, relation, directory, metadata = {}, threads = availableParallelism(), progress, signal } = options;
  const node =
    options.seed === undefined
      ? options.node
      : { ...options.node, train: { ...options.node.train, parameters: { ...options.node.train.parameters, seed: options.seed } } };
  checkGate(node);
  checkSearch(node);
  const data = await readTrainingData(connection, relation, node, signal);
  const periods = { training: period(data.times, 0, data.trainingRows), test: period(data.times, data.trainingRows, data.rows) };
  const { leftOut } = data;
  const trainerOf = trainers[node.train.trainer];
  const workshop = options.workshop ?? localWorkshop(directory);
  const request = { data, directory, metadata: { "millwright.model": node.name, ...metadata }, threads, workshop, progress, signal };
  const search =
    node.search === null
      ? null
      : await searchParameters({ ...request, node: { ...node, search: node.search }, trainer: trainerOf, book: options.book ?? noBook });
  const trained = await trainerOf.train({ ...request, node: search === null ? node : withParameters(node, search.parameters) });
  const read = () => readTrainingData(connection, relation, node, signal);
  const { fitted, packaging } = await packTrained(trained, { node, directory, read, signal });
  const gate = acceptModel(node, fitted.metrics);
  const { trainer, parameters, inputs, preparation } = fitted;
  const documents = {
    "model.json": {
      model: node.name,
      target: node.target,
      trainer,
      parameters,
      inputs,
      outputs: modelOutputs,
      preparation,
      split: node.split,
      periods,
      leftOut,
      environment: fitted.environment,
      metadata,
    },
    "metrics.json": { ...fitted.metrics, gate },
    "profile.json": fitted.profile,
    ...(search === null ? {} : { "search.json": lastingReport(search) }),
  };
  for (const [name, content] of Object.entries(documents)) await writeFile(join(directory, name), `${JSON.stringify(content, null, 1)}\n`);
  return { ...fitted, files: [...fitted.files, ...Object.keys(documents)], model: node.name, periods, leftOut, gate, search, packaging };
}

function period(times: Float64Array, from: number, to: number): Period {
  const instant = (row: number): string => new Date((times[row] ?? 0) / 1000).toISOString();
  return { from: instant(from), to: instant(to - 1), rows: to - from };
}
