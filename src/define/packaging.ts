import { MillwrightError, type Origin } from "../error.ts";
import type { PackagingNode } from "./node.ts";

/** Figures on the test rows whose loss can be bounded; the same ones that a gate can. */
const metrics = ["auc", "logLoss", "brier", "calibrationError", "accuracy", "precision", "recall", "f1"] as const;
type PackagedMetric = (typeof metrics)[number];

/** What is done with a trained model's ONNX file before its version is registered. */
export interface PackagingOptions {
  /**
   * ONNX Runtime's own graph optimiser, as far as the result holds ONNX's standard operators only, so that every server reads it.
   * Taken only where no test row's probability moves by more than 0.00001. @default false
   */
  readonly optimise?: boolean;
  /** Weights of matrix products and convolutions in eight bits. @default not done */
  readonly quantise?: {
    readonly to: "int8";
    /**
     * How the ranges of what flows between the layers are found: `dynamic` on each request, `static` once, on training rows.
     * @default "dynamic"
     */
    readonly ranges?: "dynamic" | "static";
    /** Rows that `static` looks at, the newest training rows. @default 1000 */
    readonly calibrationRows?: number;
    /**
     * How much worse each figure may become on the test rows: `{ auc: 0.002 }`. What loses more is not served, and the version says so.
     * At least one.
     */
    readonly maximumLoss: { readonly [metric in PackagedMetric]?: number };
  };
}

/**
 * The options as a node, with defaults filled in.
 *
 * @throws MillwrightError `bad-packaging` where nothing bounds the loss, a figure is unknown, or a number is out of its range.
 */
export function packagingNode(options: PackagingOptions, model: string, origin: Origin): PackagingNode {
  const { optimise = false, quantise } = options;
  if (quantise === undefined) return { optimise, quantise: null };
  const { to, ranges = "dynamic", calibrationRows = 1000, maximumLoss } = quantise;
  const losses = Object.entries(maximumLoss);
  const refuse = (what: string, fix: string): never => {
    throw new MillwrightError({ code: "bad-packaging", what: `the packaging of model '${model}' ${what}`, where: origin, fix });
  };
  if (losses.length === 0) refuse("bounds no loss", "write maximumLoss: { auc: 0.002 }");
  const unknown = losses.find(([metric]) => !metrics.some((name) => name === metric));
  if (unknown !== undefined) refuse(`bounds the loss of '${unknown[0]}'`, `use one of: ${metrics.join(", ")}`);
  for (const [metric, loss] of losses)
    if (!(loss >= 0 && Number.isFinite(loss))) refuse(`allows ${metric} to lose ${loss}`, "give a number of at least 0");
  if (!Number.isInteger(calibrationRows) || calibrationRows < 1)
    refuse(`calibrates with ${calibrationRows} rows`, "give a whole number of at least 1");
  return { optimise, quantise: { to, ranges, calibrationRows, maximumLoss: { ...maximumLoss } } };
}
