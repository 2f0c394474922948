import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { stdout } from "node:process";
import { MillwrightError } from "../error.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { readPlan } from "../plan/read-plan.ts";
import { feedbackFile, readFeedback } from "../present/review/feedback.ts";
import { operations } from "../present/steps/monitoring.ts";
import { summaryFile } from "../present/steps/reflection.ts";
import { stepsOf } from "../present/steps/steps.ts";
import type { Folder, Step, StepsInput } from "../present/steps/vocabulary.ts";
import { exitCodes } from "./exit.ts";
import { loadPlatform, type LoadedPlatform } from "./platform.ts";

interface StepsOptions {
  readonly env?: string | undefined;
  readonly file?: string | undefined;
  readonly json: boolean;
  /** The first version's folder. */
  readonly out?: string | undefined;
}

/** `millwright design --steps`: exits with 0 when all ten are done, with 1 while something is missing. */
export async function runSteps(options: StepsOptions): Promise<number> {
  const loaded = await loadedOrNone(options);
  const directory = loaded?.directory ?? (options.file === undefined ? process.cwd() : dirname(resolve(options.file)));
  const steps = stepsOf({
    platform: loaded === null ? null : platformOf(loaded),
    folder: folderOf(directory, resolve(directory, options.out ?? "design")),
    feedback: readFeedback(join(directory, feedbackFile)),
  });
  const open = steps.filter(({ state }) => state === "open").length;
  stdout.write(options.json ? `${JSON.stringify({ steps, done: steps.length - open, open })}\n` : stepsText(steps));
  return open === 0 ? exitCodes.done : exitCodes.failed;
}

/** The platform in the environment that was asked for, or else the first that says where it stands; null where there is no platform file yet. */
async function loadedOrNone({ env, file }: StepsOptions): Promise<LoadedPlatform | null> {
  try {
    const loaded = await loadPlatform({ file, env });
    if (env !== undefined) return loaded;
    const placed = Object.values(loaded.definition.environments).find(({ place }) => place !== null);
    return placed === undefined ? loaded : { ...loaded, environment: placed };
  } catch (error) {
    if (file === undefined && error instanceof MillwrightError && error.problem.code === "no-platform" && error.problem.where === undefined)
      return null;
    throw error;
  }
}

function platformOf({ definition, environment, directory }: LoadedPlatform): StepsInput["platform"] {
  const input = planInputOf({ definition, environment, directory });
  return { definition, plan: planPlatform(input), columns: input.columns };
}

function folderOf(directory: string, first: string): Folder {
  const files = readdirSync(directory);
  const under = join(directory, operations);
  const summary = join(directory, summaryFile);
  return {
    files: [...files, ...(existsSync(under) ? readdirSync(under).map((name) => `${operations}/${name}`) : [])],
    summary: existsSync(summary) ? readFileSync(summary, "utf8") : null,
    design: designOf(directory, first),
  };
}

/** The newest version: `design`, or the last of `design-2`, `design-3` ... that is there. */
function designOf(directory: string, first: string): Folder["design"] {
  const version = (number: number) => (number === 1 ? first : `${first}-${number}`);
  let number = 1;
  while (existsSync(join(version(number + 1), "plan.json"))) number++;
  const newest = version(number);
  const there = existsSync(newest);
  const named = (path: string) => relative(directory, path) || ".";
  return {
    directory: named(newest),
    before: number === 1 ? null : named(version(number - 1)),
    next: named(version(number + 1)),
    files: there ? readdirSync(newest, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/")) : [],
    plan: existsSync(join(newest, "plan.json")) ? readPlan(newest) : null,
  };
}

/** The steps for people: what is done in a line each, and below what is missing the command or the lines of the platform file that complete it. */
export function stepsText(steps: readonly Step[]): string {
  const open = steps.filter(({ state }) => state === "open");
  const texts = steps.map(({ number, title, why, state, done, missing }) =>
    [
      `${String(number).padStart(2)}  ${state.padEnd(4)}  ${title}`,
      `          ${why}`,
      ...done.map((text) => `          + ${text}`),
      ...missing.flatMap(({ what, command, lines }) => [
        `          - ${what}`,
        ...(command === null ? [] : [`            $ ${command}`]),
        ...lines.map(
          ({ text, after }) => `            platform.ts, ${after === null ? "above export default" : `behind \`${after}\``}: ${text}`,
        ),
      ]),
    ].join("\n"),
  );
  const last =
    open.length === 0
      ? "all ten steps are done"
      : `${steps.length - open.length} of ${steps.length} steps are done; next: step ${open[0]?.number}`;
  return `${[...texts, last].join("\n\n")}\n`;
}
