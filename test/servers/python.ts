import { spawn, execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../../src/error.ts";
import { cacheDirectory } from "../../src/fetch/wheel.ts";

export interface PythonResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PythonOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input. */
  readonly input?: string;
  readonly cwd?: string;
}

export interface PythonEnvironment {
  /** The interpreter. It sees the packages through `env`. */
  readonly python: string;
  /** What a process needs to see the packages. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `python ARGS`; resolves whatever the exit code is. */
  run(args: readonly string[], options?: PythonOptions): Promise<PythonResult>;
}

/**
 * Python with packages from PyPI for code that nobody here wrote, by the machine's own `python3` and pip: no venv, which a fresh Debian
 * lacks. Packages are kept in the cache by the hash of the requirements and Python's version, so that the second run downloads nothing.
 *
 * @param requirements pinned, `name==version`
 */
export async function pythonEnvironment(requirements: readonly string[]): Promise<PythonEnvironment> {
  const loose = requirements.find((requirement) => !/^[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+$/.test(requirement));
  if (loose !== undefined)
    throw new MillwrightError({ code: "python-requirement", what: `the requirement '${loose}' is not pinned`, fix: "write name==version" });
  const python = "python3";
  const version = await execute(
    python,
    ["-c", "import sys, platform; print(sys.implementation.cache_tag, platform.machine())"],
    requirements,
  );
  const hash = createHash("sha256")
    .update(JSON.stringify([version.trim(), ...requirements.toSorted()]))
    .digest("hex");
  const folder = join(cacheDirectory(), `python-${hash.slice(0, 16)}`);
  if (!existsSync(folder)) await install(python, requirements, folder);
  const env = { PYTHONPATH: folder, PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1" };
  return { python, env, run: (args, options = {}) => run(python, args, { ...options, env: { ...env, ...options.env } }) };
}

async function install(python: string, requirements: readonly string[], folder: string): Promise<void> {
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    const target = join(aside, "packages");
    await execute(
      python,
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--target", target, ...requirements],
      requirements,
    );
    await rename(target, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its packages are the same.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function execute(python: string, args: string[], requirements: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(python, args, { maxBuffer: 2 ** 24 })).stdout;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n").slice(0, 6).join(" ") : String(error);
    throw new MillwrightError(
      {
        code: "python-packages",
        what: `could not get ${requirements.join(", ")}: ${reason}`,
        fix: "install Python 3 with pip, and check that pip reaches its package index (PIP_INDEX_URL)",
      },
      { cause: error },
    );
  }
}

function run(python: string, args: readonly string[], options: PythonOptions): Promise<PythonResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [...args], {
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr }));
    // A program that ends without reading its input closes the pipe; its exit code tells more than that.
    child.stdin.on("error", () => undefined).end(options.input ?? "");
  });
}
