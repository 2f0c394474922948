import type { ModelNode } from "../define/node.ts";
import type { Progress } from "../systems/roles.ts";
import type { TrainingData } from "./columns.ts";
import type { TestMetrics } from "./metrics.ts";
import type { ModelInput } from "./onnx/inputs.ts";
import type { PreparedFeature } from "./preparation.ts";
import type { FeatureProfile } from "./profile.ts";

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
  readonly profile: FeatureProfile;
}

/** The figures on the test rows, and how the model came about. */
export interface ModelMetrics extends TestMetrics {
  readonly trees: number;
  /** Log loss on the validation rows after each tree; empty without early stopping. */
  readonly validationLoss: readonly number[];
  /** The ONNX file against the trainer's own prediction, on every test row. */
  readonly parity: { readonly rows: number; readonly maximumDifference: number };
}

/** A way of training: pure in what it gives for a request, whatever the machine's load or number of threads. */
export interface Trainer {
  readonly train: (request: TrainRequest) => Promise<Fitted>;
}
