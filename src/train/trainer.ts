import type { ModelNode } from "../define/node.ts";
import type { Launcher, Progress } from "../systems/roles.ts";
import type { TrainingData } from "./columns.ts";
import type { TestMetrics } from "./metrics.ts";
import type { ModelInput } from "./onnx/inputs.ts";
import type { PreparedFeature } from "./preparation.ts";
import type { FeatureProfile } from "./profile.ts";

/** Where a trainer that is a program of its own runs. */
export interface Workshop {
  /** The platform file's folder, where scripts are named from. */
  readonly directory: string;
  /** A folder that outlives a killed run: checkpoints, by what is trained. It need not exist; remove it once the model is registered. */
  readonly kept: string;
  /** Opened when it is first needed; its opener closes it. */
  readonly launcher: () => Promise<Launcher>;
}

/** What a trainer is given. */
export interface TrainRequest {
  readonly node: ModelNode;
  /** Taken over: its arrays may be moved to another thread and are then gone here. */
  readonly data: TrainingData;
  /** An existing folder for the model's files. */
  readonly directory: string;
  /** Written into the ONNX file's metadata_props. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Threads that the training may use; they change its speed, not its result. */
  readonly threads: number;
  readonly workshop: Workshop;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a trainer gives back, besides the files that it wrote. */
export interface Fitted {
  /** Names inside the directory. `model.onnx` is always one of them. */
  readonly files: readonly string[];
  /** The library that trained: `lightgbm 4.7.0`. */
  readonly trainer: string;
  /** All parameters, with defaults filled in. */
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly inputs: readonly ModelInput[];
  readonly preparation: readonly PreparedFeature[];
  readonly metrics: ModelMetrics;
  /** What a trainer's environment held; null where it is Millwright's own. */
  readonly environment: TrainingEnvironment | null;
  /** What the trainer said, for people; it is no part of what makes a version. */
  readonly log: string | null;
  readonly profile: FeatureProfile;
}

/** An isolated environment, as it was resolved. */
export interface TrainingEnvironment {
  /** Python's version: `3.11.7`. */
  readonly python: string;
  /** Every package with its version, `name==version`, sorted. */
  readonly packages: readonly string[];
}

/** Figures that a training reported as it went, by name. */
export type History = Readonly<Record<string, readonly { readonly step: number; readonly value: number }[]>>;

/** The figures on the test rows, and how the model came about. */
export interface ModelMetrics extends TestMetrics {
  /** Null where the model has none, or that is not known. */
  readonly trees: number | null;
  /** Log loss on the validation rows after each tree; empty without early stopping. */
  readonly validationLoss: readonly number[];
  readonly history: History;
  /** The ONNX file against the trainer's own prediction, on every test row. */
  readonly parity: { readonly rows: number; readonly maximumDifference: number };
}

/** A way of training: pure in what it gives for a request, whatever the machine's load or number of threads. */
export interface Trainer {
  readonly train: (request: TrainRequest) => Promise<Fitted>;
}
