import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError, type Origin } from "../../error.ts";
import { cacheDirectory } from "../../fetch/wheel.ts";
import type { TrainingEnvironment } from "../trainer.ts";
import { indexVariables } from "./package-index.ts";
import { uvProgram } from "./uv.ts";

const execute = promisify(execFile);

/** A Python with exactly the packages that were asked for and what they need; the machine's own packages are not seen. */
export interface PythonEnvironment extends TrainingEnvironment {
  /** The interpreter. */
  readonly program: string;
}

export interface EnvironmentOptions {
  readonly requirements: readonly string[];
  /** Whose requirements they are. */
  readonly where: Origin;
  readonly signal: AbortSignal;
}

/**
 * The environment of these requirements, from the cache; made by uv on the machine's own `python3` when the cache lacks it. It is kept by the
 * hash of the requirements and of Python's version, as it was resolved the first time: later runs download nothing and get the same packages.
 *
 * @throws MillwrightError `no-python` without Python 3.9 or newer; `python-requirements` with uv's words when they cannot be met.
 */
export async function pythonEnvironment({ requirements, where, signal }: EnvironmentOptions): Promise<PythonEnvironment> {
  const base = await basePython(where);
  const hash = createHash("sha256")
    .update(JSON.stringify([base, ...requirements.toSorted()]))
    .digest("hex");
  const folder = join(cacheDirectory(), `python-environment-${hash.slice(0, 16)}`);
  if (!existsSync(folder)) await makeEnvironment(folder, base.program, { requirements, where, signal });
  const packages = (await readFile(join(folder, lock), "utf8")).split("\n").filter((line) => line !== "");
  return { program: join(folder, "bin", "python"), python: base.version, packages };
}

/** Beside the environment's own files: what was resolved. */
const lock = "packages.txt";

interface BasePython {
  readonly program: string;
  readonly version: string;
  readonly machine: string;
}

async function basePython(where: Origin): Promise<BasePython> {
  const question =
    "import os, platform, sys, sysconfig; print(os.path.realpath(sys.executable)); print(platform.python_version()); print(sysconfig.get_platform()); sys.exit(sys.version_info < (3, 9))";
  try {
    const { stdout } = await execute("python3", ["-c", question]);
    const [program = "", version = "", machine = ""] = stdout.split("\n");
    return { program, version, machine };
  } catch (error) {
    throw new MillwrightError(
      {
        code: "no-python",
        what: `a Python script trains here, and there is no Python 3.9 or newer: ${firstLines(error)}`,
        where,
        fix: "install Python 3 (Debian: apt install python3 python3-pip), and see that python3 is on the PATH",
      },
      { cause: error },
    );
  }
}

/** Made aside and then renamed, so that a folder of that name is whole; of two that make it at once the last one's work is thrown away. */
async function makeEnvironment(
  folder: string,
  program: string,
  { requirements, where, signal }: Pick<EnvironmentOptions, "requirements" | "where" | "signal">,
): Promise<void> {
  const uv = await uvProgram();
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(join(cacheDirectory(), "environment-"));
  const made = join(aside, "made");
  const inside = join(made, "bin", "python");
  const env = {
    ...process.env,
    ...(await indexVariables()),
    UV_CACHE_DIR: join(cacheDirectory(), "uv"),
    UV_PYTHON_DOWNLOADS: "never",
    UV_NO_PROGRESS: "1",
  };
  const run = async (...args: readonly string[]): Promise<string> =>
    (await execute(uv, [...args], { cwd: aside, env, signal, maxBuffer: 2 ** 26 })).stdout;
  try {
    await run("venv", "--quiet", "--relocatable", "--python", program, made);
    if (requirements.length > 0) await run("pip", "install", "--quiet", "--python", inside, ...requirements);
    const frozen = await run("pip", "freeze", "--quiet", "--python", inside);
    await writeFile(join(made, lock), frozen);
    await rename(made, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new MillwrightError(
      {
        code: "python-requirements",
        what: `the packages ${requirements.join(", ")} could not be installed: ${firstLines(error)}`,
        where,
        fix: "correct the requirements, or check that this machine reaches a package index (PIP_INDEX_URL or UV_DEFAULT_INDEX)",
      },
      { cause: error },
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** What a program said when it failed, without the command that was run. */
function firstLines(error: unknown): string {
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  const text = said !== "" ? said : error instanceof Error ? error.message : String(error);
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(0, 8)
    .join(" ");
}
