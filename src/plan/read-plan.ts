import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MillwrightError } from "../error.ts";
import type { PlatformPlan } from "./vocabulary.ts";

/** What every plan of a platform has. */
const members = [
  "platform",
  "environment",
  "requirements",
  "parts",
  "links",
  "sizing",
  "cost",
  "service",
  "compliance",
  "choices",
] as const;

/**
 * A plan from a file that `plan --json` wrote, or from a folder that `design` wrote (its plan.json).
 *
 * @throws MillwrightError `bad-plan` when there is none, or what is there is no plan
 */
export function readPlan(path: string): PlatformPlan {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "plan.json") : path;
  const bad = (what: string, cause?: unknown) =>
    new MillwrightError(
      { code: "bad-plan", what, fix: "name a file that millwright plan --json wrote, or a folder that millwright design wrote" },
      cause === undefined ? undefined : { cause },
    );
  if (!existsSync(file)) throw bad(`there is no plan ${file}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw bad(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (!isPlan(content)) throw bad(`${file} is no plan of a platform`);
  return content;
}

function isPlan(value: unknown): value is PlatformPlan {
  return typeof value === "object" && value !== null && members.every((member) => member in value);
}
