import { MillwrightError } from "../error.ts";
import { maximumDifference } from "../train/onnx/parity.ts";
import type { PackageCheck } from "./manifest.ts";

export interface Comparison {
  /** As people write it: `OpenVINO`. */
  readonly runtime: string;
  readonly found: Float32Array;
  /** ONNX Runtime's. */
  readonly expected: Float32Array;
  readonly tolerance: number;
  readonly rows: number;
  readonly from: PackageCheck["from"];
  /** The model's file. */
  readonly where: string;
}

/**
 * Holds another runtime's probabilities against ONNX Runtime's.
 *
 * @throws MillwrightError `package-differs` where one differs by more than the tolerance, is no number, or is missing.
 */
export function agreement({ runtime, found, expected, tolerance, rows, from, where }: Comparison): PackageCheck {
  const difference = found.length === expected.length ? maximumDifference(found, expected) : Number.POSITIVE_INFINITY;
  if (difference <= tolerance)
    return { what: `${runtime} against ONNX Runtime, probabilities`, rows, from, tolerance, maximumDifference: difference };
  const what =
    difference === Number.POSITIVE_INFINITY
      ? "are not all there or no numbers"
      : `differ from ONNX Runtime's by ${difference}, more than ${tolerance}`;
  throw new MillwrightError({
    code: "package-differs",
    what: `${runtime}'s probabilities for ${rows} rows ${what}`,
    where,
    fix: "serve it with ONNX Runtime (--for onnx), and report the difference",
  });
}
