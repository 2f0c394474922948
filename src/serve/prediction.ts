import type { Data } from "./datatype.ts";
import type { Signature } from "./signature.ts";

/** What the model answered, a batch at a time: for the prediction log and for watching drift. */
export interface PredictionBatch {
  readonly endpoint: string;
  readonly version: string;
  readonly signature: Signature;
  /** When it was answered, in milliseconds since 1970. */
  readonly time: number;
  readonly rows: number;
  /** The requests in the order of their rows. */
  readonly requests: readonly { readonly id: string; readonly rows: number }[];
  /** As the model saw them, in the order of the signature; a missing number is NaN, a missing text "". */
  readonly inputs: readonly Data[];
  readonly outputs: readonly Data[];
}
