import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { MillwrightError } from "../error.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { readPlan } from "../plan/read-plan.ts";
import type { PlatformPlan } from "../plan/vocabulary.ts";
import { loadPlatform, type LoadedPlatform } from "./platform.ts";

const execute = promisify(execFile);

/**
 * The plan of an earlier version: of a folder that `design` wrote or a file of `plan --json`; else of the platform's folder at a revision of git, planned with the
 * measurements of now. The revision's files are laid out in a folder of their own below `.millwright`, where their imports find what the platform file's do; the
 * working tree, git's index and its branches stay as they are.
 *
 * @throws MillwrightError `bad-plan`, `bad-reference`, and what the platform file of that revision throws
 */
export async function planAt(reference: string, platform: LoadedPlatform): Promise<PlatformPlan> {
  if (existsSync(reference) && (!statSync(reference).isDirectory() || existsSync(join(reference, "plan.json")))) return readPlan(reference);
  const { directory, file, environment } = platform;
  const git = (args: readonly string[], variables: Readonly<Record<string, string>> = {}, cwd = directory) =>
    gitOf(reference, cwd, args, variables);
  const commit = (await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${reference}^{commit}`])).trim();
  const prefix = (await git(["rev-parse", "--show-prefix"])).trim().replace(/\/$/, "");
  const repository = (await git(["rev-parse", "--absolute-git-dir"])).trim();
  const state = join(directory, ".millwright");
  const own = !existsSync(state);
  await mkdir(state, { recursive: true });
  const folder = await mkdtemp(join(state, "revision-"));
  try {
    // An index of its own, so that nothing that is staged is touched.
    const variables = { GIT_DIR: repository, GIT_INDEX_FILE: join(folder, ".index"), GIT_WORK_TREE: folder };
    await git(["read-tree", prefix === "" ? commit : `${commit}:${prefix}`], variables, folder);
    await git(["checkout-index", "--all", "--force"], variables, folder);
    const earlier = join(folder, relative(directory, file) || basename(file));
    if (!existsSync(earlier)) throw bad(reference, `${basename(file)} is not there at ${reference}`);
    const { definition, environment: then } = await loadPlatform({ file: earlier, env: environment.name });
    const input = planInputOf({ definition, environment: then, directory });
    const { columns } = planInputOf({ definition, environment: then, directory: folder });
    return placed(planPlatform({ ...input, columns }), folder, directory, reference);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    if (own) await rmdir(state);
  }
}

/** The plan as if its revision had lain where the platform file is: the same bytes each time. */
function placed(plan: PlatformPlan, folder: string, directory: string, reference: string): PlatformPlan {
  const written = JSON.stringify(plan);
  const name = (path: string) => JSON.stringify(path).slice(1, -1);
  const url = (path: string) => name(pathToFileURL(path).href);
  const content: PlatformPlan = JSON.parse(
    written
      .replaceAll(url(folder), url(directory))
      .replaceAll(`${name(folder)}/`, `${name(directory)}/${name(reference)}:`)
      .replaceAll(name(folder), name(directory)),
  );
  return content;
}

async function gitOf(
  reference: string,
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  try {
    const { stdout } = await execute("git", [...args], { cwd, env: { ...process.env, ...variables }, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    const why = said === "" ? `${reference} is no revision of it` : said.split("\n")[0];
    throw bad(reference, `git: ${why}`, error);
  }
}

function bad(reference: string, why: string, cause?: unknown): MillwrightError {
  return new MillwrightError(
    {
      code: "bad-reference",
      what: `there is no earlier version '${reference}': ${why}`,
      fix: "name a folder that millwright design wrote, or a revision of git at which the platform file was there",
    },
    cause === undefined ? undefined : { cause },
  );
}
