import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `millwright ARGS` in a folder to its end. */
export async function millwright(folder: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

export interface RunningUp {
  /** The inference address. */
  readonly http: string;
  stop(): Promise<void>;
}

/** `millwright up` in a folder, ready to answer. */
export async function startUp(folder: string, port: number): Promise<RunningUp> {
  const child: ChildProcess = spawn(process.execPath, [main, "up", "--json", "--port", String(port)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  if (child.stdout === null) throw new Error("up has no output");
  const [line]: unknown[] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(() => Promise.reject(new Error(`up ended before it was ready:\n${stderr}`))),
  ]);
  const doors: { readonly inference: { readonly http: string } } = JSON.parse(String(line));
  return { http: doors.inference.http, stop };
}
