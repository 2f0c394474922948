import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Definition, EndpointNode, MonitorNode } from "../define/node.ts";
import { openHeads } from "../lake/catalog/heads.ts";
import { daily } from "./look.ts";
import { grace, type LookReport } from "./look-report.ts";
import type { LookAnswer, LookTask } from "./look-process.ts";

export interface LooksOptions {
  readonly definition: Definition;
  readonly environment: string;
  /** The platform file's folder. */
  readonly directory: string;
  /** The environment's state folder. */
  readonly state: string;
  readonly endpoints: readonly EndpointNode[];
  readonly onLook: (endpoint: string, report: LookReport, seconds: number) => void;
  readonly onFailure: (endpoint: string, reason: string) => void;
  /** How often it sees whether there is something new. @default 10 */
  readonly everySeconds?: number | null;
  /** How long it rests after a look, in times of what the look took. @default 4: it takes a fifth of one processor at most */
  readonly rest?: number;
}

export interface Looks {
  /** Ends it; a look under way is broken off. */
  stop(): Promise<void>;
}

/** Windows that are looked at, from the newest back: labels may come as late as that. */
const newest = 30;
/** Seconds before a look that failed is tried again. */
const pause = 60;

/** What an endpoint's tables are. */
interface Tables {
  readonly predictions: string | null;
  /** Rows stored, of all versions. */
  readonly stored: number;
  readonly labels: string | null;
  /** The window of time that is under way. */
  readonly window: number;
}

/** What they were at the last look. */
interface Seen extends Tables {
  /** Rows in the window that was not over. */
  readonly open: number;
  readonly failed: boolean;
  /** Milliseconds since 1970: not before. */
  readonly again: number;
}

/**
 * Looks at the endpoints' stored predictions whenever a window has ended or labels have come, one endpoint after the other, each in a process of
 * its own at low priority, so that those who ask are not kept waiting.
 */
export function startLooks(options: LooksOptions): Looks {
  const { definition, state, endpoints, rest = 4 } = options;
  const everySeconds = options.everySeconds ?? 10;
  const heads = openHeads(state, definition.name);
  const seen = new Map<string, Seen>();
  const judged = new Map<string, string>();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<void> = rm(join(state, "looking"), { recursive: true, force: true });

  const lookAt = async ({ name }: EndpointNode, now: Tables): Promise<void> => {
    const began = performance.now();
    const answer = await ask(options, { endpoint: name, judgedTo: judged.get(name) ?? null }, abort.signal);
    if (abort.signal.aborted) return;
    const milliseconds = performance.now() - began;
    if ("failed" in answer) {
      seen.set(name, { ...now, open: 0, failed: true, again: Date.now() + Math.max(pause * 1000, rest * milliseconds) });
      options.onFailure(name, answer.failed);
      return;
    }
    const { report } = answer;
    const open = report.performance.reduce((sum, { over, rows }) => sum + (over ? 0 : rows), 0);
    seen.set(name, { ...now, open, failed: false, again: Date.now() + rest * milliseconds });
    const last = report.drift.at(-1);
    if (last !== undefined) judged.set(name, last.from);
    options.onLook(name, report, milliseconds / 1000);
  };
  const round = async (): Promise<void> => {
    for (const endpoint of endpoints) {
      if (abort.signal.aborted) return;
      const { window, labels } = endpoint.monitor ?? daily;
      const predictions = heads.one(`${endpoint.name}_predictions`);
      if (predictions === null) continue;
      const now: Tables = {
        predictions: predictions.snapshot,
        stored: Number(predictions.summary["total-records"] ?? Number.POSITIVE_INFINITY),
        labels: labels === null ? null : (heads.one(labels.table)?.snapshot ?? null),
        window: "rows" in window ? 0 : Math.floor((Date.now() / 1000 - grace) / window.seconds),
      };
      if (isDue(seen.get(endpoint.name), now, window)) await lookAt(endpoint, now);
    }
  };
  const next = (): void => {
    if (abort.signal.aborted) return;
    timer = setTimeout(() => {
      working = round()
        .catch((error: unknown) => options.onFailure("", error instanceof Error ? error.message : String(error)))
        .finally(next);
    }, everySeconds * 1000);
  };
  if (endpoints.length > 0) working = working.finally(next);
  return {
    async stop() {
      abort.abort();
      if (timer !== null) clearTimeout(timer);
      await working;
      heads.close();
    },
  };
}

function isDue(before: Seen | undefined, now: Tables, window: MonitorNode["window"]): boolean {
  if (before === undefined) return true;
  if (Date.now() < before.again) return false;
  if (before.failed || now.labels !== before.labels) return true;
  if ("seconds" in window) return now.window > before.window && (before.open > 0 || now.predictions !== before.predictions);
  return now.predictions !== before.predictions && !(now.stored - before.stored + before.open < window.rows);
}

/** One look, in a process of its own. */
async function ask(
  { definition, environment, directory, state }: LooksOptions,
  what: Pick<LookTask, "endpoint" | "judgedTo">,
  signal: AbortSignal,
): Promise<LookAnswer> {
  const staging = join(state, "looking", `${process.pid}-${what.endpoint}`);
  await mkdir(staging, { recursive: true });
  const script = fileURLToPath(new URL(`./look-process${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script], { stdio: ["pipe", "pipe", "pipe"] });
  // It breaks off what it does when its input ends.
  const end = (): void => {
    child.stdin.end();
    setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    // One that is gone already says so by its end.
    child.stdin.on("error", () => undefined);
    const task: LookTask = { definition, environment, directory, ...what, newest, staging };
    child.stdin.write(`${JSON.stringify(task)}\n`);
    const [said, told, how] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    const line = said.trim();
    if (line === "") return { failed: `the process that looks ended with ${how}: ${told.trim().slice(-2000)}` };
    const answer: LookAnswer = JSON.parse(line);
    return answer;
  } finally {
    signal.removeEventListener("abort", end);
    await rm(staging, { recursive: true, force: true });
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(String(code ?? signal)));
  });
}
