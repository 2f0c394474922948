import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { stdout } from "node:process";
import { brokenRequirements, diffPlans } from "../plan/diff.ts";
import { diffText } from "../plan/diff-text.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { readPlan } from "../plan/read-plan.ts";
import type { PlanInput, PlatformPlan } from "../plan/vocabulary.ts";
import { exitCodes } from "./exit.ts";
import { loadPlatform } from "./platform.ts";

interface DiffOptions {
  readonly file?: string | undefined;
  readonly json: boolean;
  readonly prices?: PlanInput["prices"];
}

/**
 * `millwright plan --diff A B`: what changed from A to B, each an environment's name, a file of `plan --json`, or a folder of `design`. Exits with 1 when B misses
 * a requirement that A met.
 */
export async function runDiff(a: string, b: string, options: DiffOptions): Promise<number> {
  const diff = diffPlans(await planOf(a, options), await planOf(b, options));
  stdout.write(options.json ? `${JSON.stringify(diff)}\n` : diffText(diff));
  return brokenRequirements(diff).length === 0 ? exitCodes.done : exitCodes.failed;
}

/** A file, or a folder with a plan in it, is read; any other word is an environment. */
async function planOf(reference: string, { file, prices }: DiffOptions): Promise<PlatformPlan> {
  const there = existsSync(reference) && (!statSync(reference).isDirectory() || existsSync(join(reference, "plan.json")));
  if (there || /[/\\]|\.json$/.test(reference)) return readPlan(reference);
  const platform = await loadPlatform({ file, env: reference });
  return planPlatform(planInputOf({ ...platform, ...(prices === undefined ? {} : { prices }) }));
}
