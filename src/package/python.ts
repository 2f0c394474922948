import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MillwrightError, type Origin } from "../error.ts";
import { pythonEnvironment } from "../train/python/environment.ts";

/** A program of another project that packaging asks for help, in an environment of its own. */
export interface PythonProgram {
  /** As it is told to people: `ONNX Runtime's quantiser`. */
  readonly title: string;
  /** Pinned, what they need too: `onnx==1.23.2`. */
  readonly requirements: readonly string[];
  /** Reads the JSON file named by its first argument, writes its answer as JSON to the file named by the second. */
  readonly script: string;
}

export interface PythonRequest {
  readonly program: PythonProgram;
  readonly request: Readonly<Record<string, unknown>>;
  /** Whose wish it is, for errors. */
  readonly where: Origin;
  readonly signal: AbortSignal;
}

/**
 * Runs a program's script on one request. It reads and writes files named in the request; what it answers is returned as parsed JSON.
 * The packages are installed once, into the cache.
 *
 * @throws MillwrightError `package-program` with the program's own last words; `no-python`, `python-requirements` where there is no environment for it.
 */
export async function askPython({ program, request, where, signal }: PythonRequest): Promise<unknown> {
  const { title, requirements, script } = program;
  const environment = await pythonEnvironment({ requirements, where, signal });
  const folder = await mkdtemp(join(tmpdir(), "millwright-package-"));
  const [question, answer] = [join(folder, "question.json"), join(folder, "answer.json")];
  try {
    await writeFile(question, JSON.stringify(request));
    const { code, said } = await runScript(environment.program, script, [question, answer], signal);
    signal.throwIfAborted();
    if (code !== 0)
      throw new MillwrightError({
        code: "package-program",
        what: `${title} failed: ${lastWords(said)}`,
        where,
        fix: `try it by hand with: pip install ${requirements.join(" ")}; or leave this kind of packaging out`,
      });
    return JSON.parse(await readFile(answer, "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runScript(
  python: string,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ["-I", "-", ...args], { signal, stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-20_000)));
    child.once("error", (error) => (signal.aborted ? resolve({ code: null, said }) : reject(error)));
    child.once("close", (code) => resolve({ code, said }));
    // An interpreter that ends before it has read all closes the pipe; its exit code tells more than that.
    child.stdin.on("error", () => undefined).end(script);
  });
}

/** Python's traceback ends with what went wrong. */
function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  return lines.at(-1)?.trim() ?? "it said nothing";
}
