import type { Progress } from "../../systems/roles.ts";

type ProgressStep = Parameters<Progress["report"]>[0];

/** What a line of a script's output says. */
export type ScriptLine =
  | { readonly kind: "progress"; readonly step: ProgressStep }
  | { readonly kind: "metric"; readonly name: string; readonly step: number; readonly value: number }
  | { readonly kind: "log" };

const units: readonly ProgressStep["unit"][] = ["rows", "bytes", "pages", "trees", "steps", "trials", "tasks", "parts"];

/**
 * Reads a line: `{"progress": {"done": 3, "total": 10, "unit": "steps"}}`, `{"metric": {"name": "loss", "step": 3, "value": 0.4}}`; everything
 * else, and what only looks like one of these, is the log.
 */
export function readLine(line: string): ScriptLine {
  const said = parse(line);
  const progress = partOf(said, "progress");
  if (progress !== null) {
    const { done, total = null, unit = "steps" } = progress;
    const known = units.find((each) => each === unit);
    if (isFinite(done) && (total === null || isFinite(total))) return { kind: "progress", step: { done, total, unit: known ?? "steps" } };
  }
  const metric = partOf(said, "metric");
  if (metric !== null) {
    const { name, step, value } = metric;
    if (typeof name === "string" && name !== "" && isFinite(step) && isFinite(value)) return { kind: "metric", name, step, value };
  }
  return { kind: "log" };
}

function parse(line: string): unknown {
  if (!line.startsWith("{")) return null;
  try {
    const said: unknown = JSON.parse(line);
    return said;
  } catch {
    return null; // a line of the log that begins with a brace
  }
}

function partOf(said: unknown, name: string): Readonly<Record<string, unknown>> | null {
  if (typeof said !== "object" || said === null || !(name in said)) return null;
  const part: unknown = Object.getOwnPropertyDescriptor(said, name)?.value;
  return typeof part === "object" && part !== null ? Object.fromEntries(Object.entries(part)) : null;
}

function isFinite(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
