import type { Latency } from "./latency.ts";

/** A figure before and after a step; its loss is positive where it became worse. */
export interface FigureChange {
  readonly metric: string;
  readonly before: number | null;
  readonly after: number | null;
  /** Null where one of the two does not exist. */
  readonly loss: number | null;
  /** Null where it is not bounded. */
  readonly maximumLoss: number | null;
}

/** What one step of packaging did to the file, and whether its result is served. */
export interface PackagingStep {
  readonly step: "optimise" | "quantise";
  /** What did it: `onnxruntime 1.30.0`. */
  readonly by: string;
  readonly accepted: boolean;
  /** Why, in words. */
  readonly reason: string;
  /** Null where the step changed nothing, so that nothing was measured. */
  readonly measured: {
    readonly bytes: { readonly before: number; readonly after: number };
    /** On the machine that trained; milliseconds by rows of a request. */
    readonly latency: { readonly before: Latency; readonly after: Latency };
    readonly figures: readonly FigureChange[];
    /** The largest change of a test row's probability. */
    readonly maximumDifference: number;
    readonly testRows: number;
  } | null;
}

/** How a version's served file came about; kept with the version. */
export interface PackagingOutcome {
  /** What `model.onnx` is; where it is not the trained file, that one stands beside it as `model.trained.onnx`. */
  readonly served: "trained" | "optimised" | "quantised" | "optimised and quantised";
  readonly steps: readonly PackagingStep[];
}

/** One line for people: `optimised and quantised: 40.1 to 11.0 kB, auc loses 0.0004`. */
export function describeOutcome({ served, steps }: PackagingOutcome): string {
  const refused = steps.filter(({ accepted }) => !accepted).map(({ step, reason }) => `${step}: ${reason}`);
  const last = steps.findLast(({ accepted, measured }) => accepted && measured !== null)?.measured;
  const first = steps.find(({ measured }) => measured !== null)?.measured;
  const sizes = last && first ? `, ${first.bytes.before} to ${last.bytes.after} bytes` : "";
  return [`served as ${served}${sizes}`, ...refused].join("; ");
}
