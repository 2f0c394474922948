import { setTimeout as sleep } from "node:timers/promises";
import type { TaskEnd } from "../roles.ts";
import { CommandFailed, type RunCommand } from "./commands.ts";
import { accountColumns, isOver, parseAccounts, type Account } from "./state.ts";

/** Looks at the queue for all jobs of a launcher at once. */
export interface Watch {
  /** When and how each task of a job ends. */
  ends(id: string, tasks: number, requeues: number): readonly Promise<TaskEnd>[];
  /** Whether Slurm knows the job, running or not. */
  knows(id: string): Promise<boolean>;
  cancel(id: string): Promise<void>;
  /** Looks no more; ends that have not come will not. */
  close(): void;
}

interface Watched {
  readonly id: string;
  readonly task: number;
  readonly requeues: number;
  readonly end: PromiseWithResolvers<TaskEnd>;
  /** When it was first seen to be over, and the queue and the accounts did not yet agree. */
  overSince: number | null;
}

/** Milliseconds for the accounts to follow the queue, and for a task that lost its node to come back into it. */
const patience = 60_000;
/** Milliseconds without an answer from Slurm after which it is given up. */
const silence = 15 * 60_000;

export function openWatch(run: RunCommand, wait: number): Watch {
  const watched = new Set<Watched>();
  const stopping = new AbortController();
  let looking = false;
  let answered = Date.now();

  const settle = (each: Watched, end: TaskEnd): void => {
    watched.delete(each);
    each.end.resolve(end);
  };
  const look = async (): Promise<void> => {
    const queue = await statesOf(run, new Set([...watched].map(({ id }) => id)));
    const over = [...watched].filter((each) => isOver(queue.get(`${each.id}_${each.task}`) ?? "COMPLETED"));
    for (const each of watched) if (!over.includes(each)) each.overSince = null;
    if (over.length === 0) return;
    const accounts = await accountsOf(run, new Set(over.map(({ id }) => id)));
    for (const each of over) {
      each.overSince ??= Date.now();
      const late = Date.now() - each.overSince > patience;
      const account = accounts.get(each.id)?.find(({ task }) => task === each.task);
      const state = queue.get(`${each.id}_${each.task}`) ?? null;
      if (account !== undefined && isOver(account.state)) {
        const mayReturn = account.end.outcome === "lost" && account.state !== "FAILED" && each.requeues > 0;
        if (!mayReturn || late) settle(each, account.end);
      } else if (late) settle(each, withoutAccount(state, account));
    }
  };
  const loop = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    answered = Date.now();
    // Most tasks of a test and few of a training end within the first second: the first looks come sooner.
    for (let pause = Math.min(wait, 100); watched.size > 0 && !stopping.signal.aborted; pause = Math.min(wait, pause * 1.5)) {
      try {
        await look();
        answered = Date.now();
      } catch (error) {
        if (!isPassing(error) || Date.now() - answered > silence) {
          for (const each of watched) each.end.reject(error);
          watched.clear();
        }
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    looking = false;
  };

  return {
    ends(id, tasks, requeues) {
      const added = Array.from({ length: tasks }, (_, task): Watched => ({
        id,
        task,
        requeues,
        end: Promise.withResolvers(),
        overSince: null,
      }));
      for (const each of added) {
        watched.add(each);
        // Whoever asks for the end is told; nobody may have asked.
        each.end.promise.catch(() => undefined);
      }
      void loop();
      return added.map(({ end }) => end.promise);
    },
    async knows(id) {
      const queue = await statesOf(run, new Set([id]));
      return queue.size > 0 || ((await accountsOf(run, new Set([id]))).get(id)?.length ?? 0) > 0;
    },
    async cancel(id) {
      await run("scancel", "--quiet", id).catch((error: unknown) => {
        // It is over already.
        if (!(error instanceof CommandFailed) || !/invalid job|already complet/i.test(error.said)) throw error;
      });
    },
    close() {
      stopping.abort();
    },
  };
}

/** Whether it is the silence of a controller or an accounting database that restarts, or of the network to them. */
function isPassing(error: unknown): boolean {
  return error instanceof CommandFailed && /unable to contact|time|connect|socket|temporar|database|zero bytes/i.test(error.said);
}

/** The state of each task that the queue still knows, by `NUMBER_TASK`. */
async function statesOf(run: RunCommand, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const text = await run("squeue", "--noheader", "--array", "--states=all", `--jobs=${[...ids].join(",")}`, "--format=%F_%K|%T").catch(
    (error: unknown) => {
      if (error instanceof CommandFailed && /invalid job id/i.test(error.said)) return "";
      throw error;
    },
  );
  return new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const [task, state] = line.trim().split("|");
      return task === undefined || state === undefined ? [] : [[task, state]];
    }),
  );
}

/** What accounting says, by the job's number; nothing where a cluster keeps none. */
async function accountsOf(run: RunCommand, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Account[]>> {
  const text = await run("sacct", "--noheader", "--parsable2", `--jobs=${[...ids].join(",")}`, `--format=${accountColumns}`).catch(
    (error: unknown) => {
      if (error instanceof CommandFailed && /accounting storage is disabled/i.test(error.said)) return "";
      throw error;
    },
  );
  const lines = text.split("\n");
  return new Map([...ids].map((id) => [id, parseAccounts(lines.filter((line) => line.startsWith(`${id}_`)).join("\n"))]));
}

/** The end of a task of which accounting says nothing: what the queue said last. */
function withoutAccount(state: string | null, account: Account | undefined): TaskEnd {
  const usage = {
    seconds: account?.end.usage.seconds ?? 0,
    processorSeconds: null,
    peakMemory: null,
    nodes: account?.end.usage.nodes ?? [],
  };
  if (state === "COMPLETED") return { outcome: "succeeded", exitCode: 0, reason: null, usage };
  const outcome = state === "CANCELLED" ? "cancelled" : state === "TIMEOUT" ? "timed-out" : state === "FAILED" ? "failed" : "lost";
  return { outcome, exitCode: null, reason: `Slurm says ${state ?? "nothing of it any more"}, and keeps no account of it`, usage };
}
