import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { checkPlatform } from "../define/check.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { requirementLines, tally } from "./plan-text.ts";
import { loadPlatform } from "./platform.ts";
import { colour, plural } from "./text.ts";

/** `millwright check`: 2 when the platform file is wrong, 1 when a requirement is missed. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parsing(() =>
    parseArgs({ args: [...args], options: { ...commonOptions, offline: { type: "boolean", default: false } } }),
  );
  const { definition, directory, environment } = await loadPlatform(values);
  const { problems, changes } = await checkPlatform({ definition, directory, environment: environment.name, offline: values.offline });
  const errors = problems.filter((problem) => problem.severity === "error").length;
  // What is wrong cannot be planned, and without requirements there is nothing to hold.
  const requirements =
    errors > 0 || definition.requirements.length === 0
      ? []
      : planPlatform(planInputOf({ definition, directory, environment })).requirements;
  const missed = requirements.filter(({ outcome }) => outcome === "missed");
  if (values.json) stdout.write(`${JSON.stringify({ problems, changes, requirements })}\n`);
  else {
    for (const { severity, code, what, where, fix } of problems) {
      stderr.write(
        `${colour(severity === "error" ? "red" : severity === "hint" ? "grey" : "yellow", severity)} ${code}: ${what}\n${where === undefined ? "" : `  at ${where}\n`}${fix === undefined ? "" : `  to fix: ${fix}\n`}`,
      );
    }
    for (const change of changes) stdout.write(`schema.lock.json: ${change}\n`);
    for (const line of requirementLines(missed, { stream: stderr })) stderr.write(`${line}\n`);
    if (requirements.length > 0) stdout.write(`${tally(requirements)}: see millwright plan\n`);
    stdout.write(
      errors === 0
        ? `${definition.name} is right: ${plural(definition.assets.length, "asset")}, ${plural(Object.keys(definition.environments).length, "environment")}\n`
        : `${plural(errors, "error")}\n`,
    );
  }
  if (errors > 0) return exitCodes.badInput;
  return missed.length === 0 ? exitCodes.done : exitCodes.failed;
}
