import type { Signature } from "./signature.ts";

/** What a worker thread is started with. */
export interface WorkerStart {
  /** The ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
}

/** One batch. The inputs are the tensors of `rows` rows in `buffer`, which is transferred, and in `strings`. */
export interface RunMessage {
  readonly kind: "run";
  readonly rows: number;
  readonly buffer: ArrayBuffer;
  readonly strings: readonly string[][];
}

export type ToWorker = RunMessage | { readonly kind: "stop" };

export type FromWorker =
  /** `milliseconds`: what two rows took, warm. */
  | { readonly kind: "ready"; readonly signature: Signature; readonly milliseconds: number }
  | { readonly kind: "refused"; readonly reason: string }
  | {
      readonly kind: "done";
      /** The outputs of the batch, laid out like its inputs. */
      readonly buffer: ArrayBuffer;
      readonly strings: readonly string[][];
      /** The inputs' buffer, given back. */
      readonly inputs: ArrayBuffer;
      /** When ONNX Runtime began, by `clock`, and how long it took. */
      readonly began: number;
      readonly milliseconds: number;
    }
  | { readonly kind: "failed"; readonly reason: string };
