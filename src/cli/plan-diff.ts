import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { readPrices } from "../plan/cost/read-prices.ts";
import { brokenRequirements, diffPlans } from "../plan/diff.ts";
import { diffText } from "../plan/diff-text.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { readPlan } from "../plan/read-plan.ts";
import type { PlanInput, PlatformPlan } from "../plan/vocabulary.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";

interface DiffOptions {
  readonly file?: string | undefined;
  readonly prices: PlanInput["prices"];
}

/**
 * `millwright plan --diff A B`: what changed from A to B, each an environment's name, a file of `plan --json`, or a folder of `design`. Exits with 1 when B misses
 * a requirement that A met.
 */
export async function runDiff(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...commonOptions, diff: { type: "boolean", default: false }, prices: { type: "string" } },
    }),
  );
  const [a, b, ...more] = positionals;
  if (a === undefined || b === undefined || more.length > 0)
    throw new MillwrightError({
      code: "bad-option",
      what: "plan --diff takes two plans: environments, files of plan --json, or folders of design",
      fix: "millwright plan --diff A B",
    });
  const options: DiffOptions = { file: values.file, prices: values.prices === undefined ? {} : readPrices(values.prices) };
  const diff = diffPlans(await planOf(a, options), await planOf(b, options));
  stdout.write(values.json ? `${JSON.stringify(diff)}\n` : diffText(diff));
  return brokenRequirements(diff).length === 0 ? exitCodes.done : exitCodes.failed;
}

/** A file, or a folder with a plan in it, is read; any other word is an environment. */
async function planOf(reference: string, { file, prices }: DiffOptions): Promise<PlatformPlan> {
  const there = existsSync(reference) && (!statSync(reference).isDirectory() || existsSync(join(reference, "plan.json")));
  if (there || /[/\\]|\.json$/.test(reference)) return readPlan(reference);
  const platform = await loadPlatform({ file, env: reference });
  return planPlatform(planInputOf({ ...platform, prices }));
}
