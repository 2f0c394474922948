import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `millwright up`, serving. */
export interface Running {
  readonly doors: { readonly inference: { readonly http: string }; readonly catalog: string; readonly token: string };
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** A copy of an example in a temporary folder, in which the built package is installed. */
export interface Workspace {
  readonly folder: string;
  /** Runs a command to its end. */
  millwright(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<CommandResult>;
  /** Runs a query; gives its rows. */
  query(sql: string, args?: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  up(args?: readonly string[]): Promise<Running>;
  remove(): Promise<void>;
}

/** Copies examples/flights without what runs left there. */
export async function flightsWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-flights-"));
  await cp(join(root, "examples", "flights"), folder, { recursive: true, filter: (path) => !/\/(\.data|\.millwright)(\/|$)/.test(path) });
  return workspaceIn(folder);
}

/** A workspace over a folder that is there. */
export async function workspaceIn(folder: string): Promise<Workspace> {
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await symlink(root, join(folder, "node_modules", "millwright"), "dir");
  const millwright: Workspace["millwright"] = (args, environment = {}) => run(folder, args, environment);
  return {
    folder,
    millwright,
    async query(sql, args = []) {
      const { code, stdout, stderr } = await millwright(["query", sql, "--json", ...args]);
      if (code !== 0) throw new Error(`query failed: ${stderr}`);
      const rows: Readonly<Record<string, unknown>>[] = JSON.parse(stdout);
      return rows;
    },
    async up(args = []) {
      const child = spawn(process.execPath, [join(root, "bin", "millwright.js"), "up", "--json", ...args], {
        cwd: folder,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(createInterface({ input: child.stdout }), "line");
      const doors: Running["doors"] = JSON.parse(String(line));
      return {
        doors,
        process: child,
        async stop() {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          await ended;
        },
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function run(folder: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(root, "bin", "millwright.js"), ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}
