import type { PackagingOutcome } from "../package/outcome.ts";
import type { Gate } from "../train/accept.ts";
import type { Against } from "../train/against.ts";
import type { Period } from "../train/train.ts";
import type { Signature } from "../serve/signature.ts";
import type { TestMetrics } from "../train/metrics.ts";
import type { ModelInput } from "../train/onnx/inputs.ts";
import type { PreparedFeature } from "../train/preparation.ts";
import type { SearchReport } from "../train/search/report.ts";
import type { ModelMetrics, TrainingEnvironment } from "../train/trainer.ts";

/** A file of a model, found again only with this content. */
export interface ModelFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Which version of another registry a model is, and what it takes and gives. */
export interface ImportedFrom {
  readonly system: string;
  readonly model: string;
  readonly reference: string;
  readonly version: string;
  readonly signature: Signature;
}

/** What is known of a model besides its files; kept with its version and shown on its card. */
export interface ModelDescription {
  readonly model: string;
  readonly target: string;
  readonly trainer: string;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly inputs: readonly ModelInput[];
  readonly preparation: readonly PreparedFeature[];
  readonly periods: { readonly training: Period; readonly test: Period };
  readonly leftOut: { readonly withoutLabel: number; readonly withoutTime: number };
  readonly metrics: TestMetrics & Pick<ModelMetrics, "trees" | "parity"> & Partial<Pick<ModelMetrics, "validationLoss" | "history">>;
  readonly gate: Gate;
  /** How it did beside the champion, where its declaration says when it is trained anew; null or absent otherwise. */
  readonly against?: Against | null;
  /** Whether a person has to approve it before it can be the champion; absent in versions from before there were approvals. */
  readonly approval?: "required" | null;
  /** What was tried to find its parameters; null or absent without a search. */
  readonly search?: SearchReport | null;
  /** How the served file came about; null or absent where it is the trainer's own. */
  readonly packaging?: PackagingOutcome | null;
  /** What the trainer's environment held; null or absent where it is Millwright's own. */
  readonly environment?: TrainingEnvironment | null;
  /** Where it was trained if not here: then nothing else is known of it, and its figures are of no rows. */
  readonly imported?: ImportedFrom | null;
}

/** Whether a version may be served: its gate accepted it, and it is not worse than the champion that it was held against. */
export function isAccepted({ gate, against }: Pick<ModelDescription, "gate" | "against">): boolean {
  return gate.accepted && (against?.lost ?? null) === null;
}

/** Where a model comes from: enough to train it again. */
export interface ModelProvenance {
  /** Table to the snapshot that was read. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Hash of the model's definition. */
  readonly definitionHash: string;
  /** Hash of the code that trained; of an imported model, of the binding of the registry that it came from. */
  readonly codeHash: string;
  readonly run: string;
  readonly environment: string;
  /** Wall time of reading, training and judging; null where it was not measured. */
  readonly seconds: number | null;
}

export type ModelStatus = "accepted" | "rejected";

/** One registered version of a model. */
export interface ModelVersion {
  readonly model: string;
  /** From 1, without gaps. */
  readonly version: number;
  readonly status: ModelStatus;
  /** SHA-256, cut to 128 bits, over files, inputs and hashes: what makes two registrations the same version. */
  readonly content: string;
  /** Absolute path of the folder with the files. */
  readonly directory: string;
  readonly files: Readonly<Record<string, ModelFile>>;
  readonly description: ModelDescription;
  readonly provenance: ModelProvenance;
  /** ISO 8601 in UTC. */
  readonly created: string;
  /** Names that point to this version now. */
  readonly aliases: readonly string[];
}
