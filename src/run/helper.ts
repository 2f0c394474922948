import { spawn, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../error.ts";
import type { EnvironmentNode } from "../define/node.ts";
import { shareHelper } from "./shared-helper.ts";

/** Commands that an environment declares, running. */
export interface Helpers {
  stop(): Promise<void>;
}

interface Helper {
  readonly child: ChildProcess;
  /** When it and all that holds its output has ended. */
  readonly closed: Promise<void>;
  /** Aborted when its end is asked for. */
  readonly stopping: AbortController;
}

/**
 * Runs a command and watches standard input, which this process holds open: when it closes, because this process has died,
 * however it died, the whole process group ends. The shell itself outlives a SIGTERM until the command has ended.
 */
const guard = `exec 3<&0
( read -r _ <&3; trap '' TERM; kill -TERM 0; sleep 1; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
trap : TERM
sh -c "$1"
exit $?`;

/**
 * Starts an environment's helpers in the platform file's folder and waits until each has printed its first line
 * (or ended with 0: a step that prepares something), in order. Helpers, and what they started, end with this process.
 * One that another command has started already (a `run` beside an `up`) is shared, and taken over when that command ends.
 *
 * @param note told when one that was ready fails later.
 * @throws MillwrightError `helper-failed` with what it wrote, when one ends with another code or says nothing for 60 seconds.
 */
export async function startHelpers(
  environment: EnvironmentNode,
  directory: string,
  signal: AbortSignal,
  note: (text: string) => void = () => undefined,
): Promise<Helpers> {
  const running: Helpers[] = [];
  const stop = async () => {
    await Promise.all(running.map((helper) => helper.stop()));
  };
  try {
    for (const command of environment.helpers) {
      running.push(
        await shareHelper({ command, directory, signal, note }, async () => {
          const helper = await startHelper(command, environment, directory, signal, note);
          return { ended: helper.child.exitCode !== null, stop: () => stopHelper(helper) };
        }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function startHelper(
  command: string,
  environment: EnvironmentNode,
  directory: string,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Helper> {
  const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const child = spawn("/bin/sh", ["-c", guard, "sh", command], {
    cwd: directory,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, PATH: path, MILLWRIGHT_HELPER: "1" },
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stopping = new AbortController();
  let isReady = false;
  let said = "";
  child.stderr.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-2000);
  });
  const failed = (why: string) =>
    new MillwrightError({
      code: "helper-failed",
      what: `the helper '${command}' ${why}${said.trim() === "" ? "" : `: ${said.trim()}`}`,
      where: environment.origin,
      fix: `run it by hand in ${directory}`,
    });
  const ready = Promise.withResolvers<void>();
  child.once("error", (error) => ready.reject(failed(error.message)));
  child.once("exit", (code) => {
    if (code === 0) return ready.resolve();
    // Its last words may still be on their way; something that it started may keep the pipe open.
    void Promise.race([closed, sleep(500)]).then(() => {
      const failure = failed(`ended with ${code ?? "a signal"}`);
      if (!isReady) ready.reject(failure);
      else if (!stopping.signal.aborted) note(failure.problem.what);
    });
  });
  child.stdout.once("data", () => ready.resolve());
  child.stdout.resume();
  const cancel = new AbortController();
  const late = sleep(60_000, undefined, { signal: AbortSignal.any([signal, cancel.signal]) }).then(() =>
    Promise.reject(failed("said nothing for 60 seconds")),
  );
  try {
    await Promise.race([ready.promise, late]);
    isReady = true;
  } catch (error) {
    await stopHelper({ child, closed, stopping });
    throw error;
  } finally {
    cancel.abort();
  }
  return { child, closed, stopping };
}

/** Ends a helper and whatever it started: it leads a process group of its own, in which the guard lives as long as this process. */
async function stopHelper({ child, closed, stopping }: Helper): Promise<void> {
  if (child.pid === undefined) return;
  stopping.abort();
  const group = -child.pid;
  signalGroup(group, "SIGTERM");
  const timer = setTimeout(() => signalGroup(group, "SIGKILL"), 3000);
  await closed;
  clearTimeout(timer);
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(group, signal);
  } catch (error) {
    // Nobody is left in it.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
