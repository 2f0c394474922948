import { constants } from "node:os";
import type { TaskEnd } from "../roles.ts";
import { lostCode } from "./script.ts";

/** What accounting says of one task of an array. */
export interface Account {
  readonly task: number;
  /** `COMPLETED`, `NODE_FAIL`: without what follows it (`CANCELLED by 0`). */
  readonly state: string;
  readonly end: TaskEnd;
}

/** The columns that `sacct` is asked for. */
export const accountColumns = "JobID,State,ExitCode,ElapsedRaw,TotalCPU,MaxRSS,NodeList,Reason,ReqMem";

const outcomes: Readonly<Record<string, TaskEnd["outcome"]>> = {
  COMPLETED: "succeeded",
  FAILED: "failed",
  TIMEOUT: "timed-out",
  DEADLINE: "timed-out",
  OUT_OF_MEMORY: "out-of-memory",
  CANCELLED: "cancelled",
  NODE_FAIL: "lost",
  BOOT_FAIL: "lost",
  PREEMPTED: "lost",
  REQUEUED: "lost",
  REVOKED: "cancelled",
};

/** Whether a task in that state will not run any more, as far as the state tells. */
export function isOver(state: string): boolean {
  return state in outcomes;
}

/** `123_[0-4]`, `123_0`, `123_0.batch`: what `sacct --parsable2 --noheader` writes, by task. */
export function parseAccounts(text: string): readonly Account[] {
  const rows = text
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line) => line.split("|"));
  return rows.flatMap(([id = "", state = "", exit = "", elapsed = "", processor = "", , nodes = "", reason = "", requested = ""]) => {
    const tasks = tasksOf(id);
    if (tasks.length === 0) return [];
    const word = state.split(" ")[0] ?? "";
    const steps = rows.filter(([step = ""]) => step.startsWith(`${id}.`));
    const peak = Math.max(0, ...steps.map((step) => bytesOf(step[5] ?? "")));
    const [code = 0, signal = 0] = exit.split(":").map(Number);
    // By control groups a step is named so; where Slurm itself looks at the memory, it only ends what held more than was asked for.
    const named = [state, ...steps.map((step) => step[1] ?? "")].some((each) => each.startsWith("OUT_OF_ME"));
    const limit = bytesOf(requested);
    const outOfMemory = named || (signal === constants.signals.SIGKILL && limit > 0 && peak > limit);
    const outcome = outOfMemory ? "out-of-memory" : code === lostCode && word === "FAILED" ? "lost" : (outcomes[word] ?? "lost");
    const ran = nodes !== "" && nodes !== "None assigned";
    const end: TaskEnd = {
      outcome,
      exitCode: !ran || outcome === "cancelled" || outcome === "lost" ? null : signal > 0 ? 128 + signal : code,
      reason: outcome === "succeeded" ? null : reasonOf(state, code, signal, reason),
      usage: {
        seconds: Number(elapsed) || 0,
        processorSeconds: processor === "" ? null : secondsOf(processor),
        peakMemory: peak === 0 ? null : peak,
        nodes: ran ? hostsOf(nodes) : [],
      },
    };
    return tasks.map((task) => ({ task, state: word, end }));
  });
}

/** The tasks that a row is about: those that never began share one. */
function tasksOf(id: string): readonly number[] {
  const [, list] = /^\d+_(\d+|\[[\d,-]+(?:%\d+)?\])$/.exec(id) ?? [];
  return list === undefined ? [] : hostsOf(list.replace(/%\d+/, "")).map(Number);
}

function reasonOf(state: string, code: number, signal: number, reason: string): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  const how = name !== undefined ? `it was ended by ${name}` : code !== 0 ? `it ended with exit code ${code}` : null;
  const why = ["", "None"].includes(reason) ? null : reason;
  return [how, `Slurm says ${state}${why === null ? "" : ` (${why})`}`].filter((part) => part !== null).join("; ");
}

/** `one,node[01-03,7]` to each name. */
export function hostsOf(text: string): readonly string[] {
  return (text.match(/(?:[^,[]|\[[^\]]*\])+/g) ?? []).flatMap((part) => {
    const [, before = part, ranges, after = ""] = /^([^[]*)\[([^\]]*)\](.*)$/.exec(part) ?? [];
    if (ranges === undefined) return [part];
    return ranges.split(",").flatMap((range) => {
      const [first = "", last = first] = range.split("-");
      const count = Math.max(0, Math.min(100_000, Number(last) - Number(first) + 1));
      return Array.from({ length: count }, (_, index) => `${before}${String(Number(first) + index).padStart(first.length, "0")}${after}`);
    });
  });
}

/** `1-02:03:04`, `02:03.456` in seconds. */
function secondsOf(text: string): number {
  const [clock = "", days = "0"] = text.split("-").toReversed();
  return Number(days) * 86_400 + clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** `1234K`, `1.5M`, `0` in bytes. */
function bytesOf(text: string): number {
  const [, number, unit] = /^([\d.]+)([KMGT]?)/.exec(text) ?? [];
  return number === undefined ? 0 : Math.round(Number(number) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit ?? ""));
}
