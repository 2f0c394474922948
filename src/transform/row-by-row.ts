import type { Operation } from "../define/operation.ts";

/** Whether what an operation makes of a row depends on that row alone, so that more rows of the input change nothing of what was made before. */
export function rowByRow(operation: Operation): boolean {
  switch (operation.kind) {
    case "convert":
    case "rename":
    case "select":
    case "drop":
    case "derive":
    case "filter":
    case "onehot":
      return true;
    case "fill":
      return Object.values(operation.columns).every((filling) => filling.with === "constant");
    case "normalise":
      return Object.values(operation.columns).every((way) => way === "log");
    case "bucket":
      return !("quantiles" in operation.edges);
    case "check":
      return Object.values(operation.rules).every((rules) => rules.every(({ rule }) => rule !== "unique"));
    default:
      return false;
  }
}
