import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import type { Job, Launcher, RunningJob, TaskEnd } from "../../src/systems/roles.ts";

export interface LauncherUnderTest {
  /** A new connection to the running system. */
  open(): Promise<Launcher>;
  /** A folder that every node sees. */
  readonly directory: string;
  stop(): Promise<void>;
}

export interface LauncherContract {
  readonly name: string;
  /** Jobs outlive the process that submitted them, and are found again by their id. */
  readonly outlives: boolean;
  /** It ends a task that takes too much memory, and says so. */
  readonly endsForMemory: boolean;
  /** It counts time limits in seconds, so that one can wait for one to pass. */
  readonly endsInSeconds: boolean;
  /** What it cannot give, and what its refusal says. */
  readonly refused: readonly { readonly resources: Partial<Job["resources"]>; readonly says: RegExp }[];
  start(): Promise<LauncherUnderTest>;
}

const shell = (script: string): Job["command"] => ["/bin/sh", "-c", script];

/** Waits until a file has content, for as long as the test may take. */
async function written(file: string): Promise<string> {
  for (;;) {
    const text = existsSync(file) ? await readFile(file, "utf8") : "";
    if (text.endsWith("\n")) return text.trim();
    await sleep(20);
  }
}

async function linesOf(job: RunningJob, task: number = 0): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of job.lines(task)) lines.push(line);
  return lines;
}

/** Processes of this machine whose arguments hold a text. */
function withArgument(text: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text);
    } catch (error) {
      // It has ended meanwhile.
      if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return false;
      throw error;
    }
  });
}

/** The suite that every system of the role launcher passes. */
export function launcherContract(contract: LauncherContract): void {
  describe(`${contract.name} as a launcher`, () => {
    let tested: LauncherUnderTest;
    let launcher: Launcher;
    let jobs = 0;
    beforeAll(async () => {
      tested = await contract.start();
      launcher = await tested.open();
    });
    afterAll(async () => {
      await launcher?.close();
      await tested?.stop();
    });

    /** A job in a folder of its own. */
    const jobOf = async (command: Job["command"], more: Partial<Job> = {}): Promise<Job> => {
      const directory = join(tested.directory, `job-${++jobs}`);
      await mkdir(directory);
      return {
        name: `contract-${jobs}`,
        command,
        directory,
        variables: {},
        resources: { ...anyResources, threads: 1 },
        tasks: [{}],
        after: [],
        requeues: 0,
        ...more,
      };
    };
    const submit = async (command: Job["command"], more: Partial<Job> = {}): Promise<RunningJob> =>
      launcher.submit(await jobOf(command, more));
    const endOf = async (command: Job["command"], more: Partial<Job> = {}): Promise<TaskEnd> => (await submit(command, more)).end(0);

    test.concurrent("a program that succeeds: the lines of both its outputs in order, its exit code, what it used", async () => {
      const job = await submit(shell("echo one; echo two; printf three"));
      expect(await linesOf(job)).toEqual(["one", "two", "three"]);
      const end = await job.end(0);
      expect(end).toMatchObject({ outcome: "succeeded", exitCode: 0, reason: null });
      expect(end.usage.seconds).toBeGreaterThanOrEqual(0);
      expect(end.usage.nodes).toHaveLength(1);
      expect(await linesOf(job)).toEqual(["one", "two", "three"]);
      expect(await linesOf(await submit(shell("echo wrong >&2")))).toEqual(["wrong"]);
    });

    test.concurrent("lines come while the program runs, to every reader", async () => {
      const job = await jobOf(shell('echo first; while [ ! -e go ]; do sleep 0.05; done; echo "äöü 東京"'));
      const running = await launcher.submit(job);
      const readers = [running.lines(0)[Symbol.asyncIterator](), running.lines(0)[Symbol.asyncIterator]()];
      expect(await Promise.all(readers.map(async (reader) => (await reader.next()).value))).toEqual(["first", "first"]);
      await writeFile(join(job.directory, "go"), "");
      expect(await Promise.all(readers.map(async (reader) => (await reader.next()).value))).toEqual(["äöü 東京", "äöü 東京"]);
      expect(await Promise.all(readers.map(async (reader) => (await reader.next()).done))).toEqual([true, true]);
    });

    test.concurrent("ten thousand lines arrive, none lost and none twice", async () => {
      const lines = await linesOf(await submit(shell("i=0; while [ $i -lt 10000 ]; do echo line $i; i=$((i + 1)); done")));
      expect(lines).toEqual(Array.from({ length: 10_000 }, (_, index) => `line ${index}`));
    });

    test.concurrent("a program that fails: its exit code and the reason in words", async () => {
      expect(await endOf(shell("exit 7"))).toMatchObject({
        outcome: "failed",
        exitCode: 7,
        reason: expect.stringContaining("exit code 7"),
      });
      expect(await endOf(["no-such-program-anywhere"])).toMatchObject({ outcome: "failed", exitCode: 127 });
    });

    test.concurrent("a program that a signal ends has failed, and the signal is named", async () => {
      expect(await endOf(shell("kill -SEGV $$"))).toMatchObject({ outcome: "failed", reason: expect.stringContaining("SIGSEGV") });
    });

    test.concurrent("arguments and variables arrive as they are; no shell reads them", async () => {
      const odd = ["a b", "it's", '"$HOME"', "$(date)", "`date`", "*", "\\n", "", "zwei\nlines", "-x", "ü#;&|<>"];
      const script = "import os, sys, json; print(json.dumps([sys.argv[1:], os.environ['ODD'], os.environ['TASK'], os.getcwd()]))";
      const job = await jobOf(["python3", "-c", script, ...odd], { variables: { ODD: odd.join("|") }, tasks: [{ TASK: "it's $1 %a" }] });
      const running = await launcher.submit(job);
      expect(JSON.parse((await linesOf(running)).join(""))).toEqual([odd, odd.join("|"), "it's $1 %a", job.directory]);
    });

    test.concurrent("no variable's value stands among any process's arguments", async () => {
      const secret = `secret-${crypto.randomUUID()}`;
      const job = await jobOf(shell("echo ready; while [ ! -e go ]; do sleep 0.05; done; echo ${#SECRET}"), {
        variables: { SECRET: secret },
      });
      const submitting = launcher.submit(job);
      let submitted = false;
      void submitting.then(() => (submitted = true));
      const seen = new Set<string>();
      do {
        withArgument(secret).forEach((pid) => seen.add(pid));
        await sleep(5);
      } while (!submitted);
      const running = await submitting;
      const reader = running.lines(0)[Symbol.asyncIterator]();
      await reader.next();
      expect([...seen, ...withArgument(secret)]).toEqual([]);
      await writeFile(join(job.directory, "go"), "");
      expect((await reader.next()).value).toBe(String(secret.length));
    });

    test.concurrent("the tasks of an array have variables, lines and ends of their own", async () => {
      const tasks: Job["tasks"] = [{ NUMBER: "0" }, { NUMBER: "1" }, { NUMBER: "2" }];
      const job = await submit(shell('echo "$SHARED $NUMBER"; exit "$NUMBER"'), { tasks, variables: { SHARED: "both", NUMBER: "9" } });
      expect(await Promise.all(tasks.map((_, task) => linesOf(job, task)))).toEqual([["both 0"], ["both 1"], ["both 2"]]);
      const ends = await Promise.all(tasks.map((_, task) => job.end(task)));
      expect(ends.map(({ outcome, exitCode }) => [outcome, exitCode])).toEqual([
        ["succeeded", 0],
        ["failed", 1],
        ["failed", 2],
      ]);
    });

    test.concurrent("the threads asked for are what OpenMP and the like are told", async () => {
      const job = await submit(shell("echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $MKL_NUM_THREADS"), {
        resources: { ...anyResources, threads: 2 },
      });
      expect(await linesOf(job)).toEqual(["2 2 2"]);
    });

    test.concurrent("a job that comes after another begins when that has succeeded, and never when it has not", async () => {
      const first = await jobOf(shell("while [ ! -e go ]; do sleep 0.05; done; echo done > done"));
      const before = await launcher.submit(first);
      const after = await submit(shell(`cat '${first.directory}/done'`), { after: [before.id] });
      const failing = await submit(shell("exit 3"), { after: [before.id] });
      const never = await submit(shell("echo never"), { after: [before.id, failing.id] });
      await writeFile(join(first.directory, "go"), "");
      expect(await linesOf(after)).toEqual(["done"]);
      expect(await before.end(0)).toMatchObject({ outcome: "succeeded" });
      expect(await failing.end(0)).toMatchObject({ outcome: "failed" });
      expect(await never.end(0)).toMatchObject({ outcome: "cancelled", exitCode: null });
      expect(await linesOf(never)).toEqual([]);
    });

    test.concurrent("a cancelled job ends with all that it has started, even with what will not hear of it", async () => {
      const mark = `cancelled-${crypto.randomUUID()}`;
      const job = await jobOf([
        "/bin/sh",
        "-c",
        `trap '' TERM; (trap '' TERM; sh -c 'trap "" TERM; while :; do sleep 0.1; done' ${mark}) & echo ready; wait`,
        mark,
      ]);
      const running = await launcher.submit(job);
      await running.lines(0)[Symbol.asyncIterator]().next();
      expect(withArgument(mark).length).toBeGreaterThan(0);
      await running.cancel();
      expect(await running.end(0)).toMatchObject({ outcome: "cancelled", reason: expect.any(String) });
      expect(withArgument(mark)).toEqual([]);
      await running.cancel();
    });

    test.concurrent("a program that is cancelled may put its things in order", async () => {
      const job = await jobOf(shell("trap 'echo saved > saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done"));
      const running = await launcher.submit(job);
      await running.lines(0)[Symbol.asyncIterator]().next();
      await running.cancel();
      expect(await running.end(0)).toMatchObject({ outcome: "cancelled" });
      expect(await written(join(job.directory, "saved"))).toBe("saved");
    });

    if (contract.endsInSeconds)
      test.concurrent("a program that takes too long is ended as such", { timeout: 300_000 }, async () => {
        const end = await endOf(shell("echo begun; sleep 1000"), { resources: { ...anyResources, threads: 1, seconds: 2 } });
        expect(end).toMatchObject({ outcome: "timed-out", reason: expect.any(String) });
      });

    if (contract.endsForMemory)
      test.concurrent("a program that takes too much memory, with all that it starts, is ended as such", async () => {
        const hold = (megabytes: number): string => `held = b'x' * ${megabytes * 1_000_000}; import time; time.sleep(3)`;
        const resources = { ...anyResources, threads: 1, memory: 100_000_000 };
        const ends = await Promise.all([
          endOf(["python3", "-c", hold(200)], { resources }),
          endOf(shell(`python3 -c "${hold(60)}" & python3 -c "${hold(60)}" & wait`), { resources }),
          endOf(["python3", "-c", hold(40)], { resources }),
        ]);
        expect(ends.map(({ outcome }) => outcome)).toEqual(["out-of-memory", "out-of-memory", "succeeded"]);
        expect(ends[0]?.usage.peakMemory).toBeGreaterThan(100_000_000);
      });

    test.concurrent("what it cannot give is refused with the reason, before anything runs", async () => {
      for (const { resources, says } of contract.refused) {
        const refused = submit(shell("echo never"), { resources: { ...anyResources, ...resources } });
        await expect(refused).rejects.toMatchObject({ problem: { code: "launch-refused", what: expect.stringMatching(says) } });
      }
    });

    test.concurrent("a job is found by its id, or not at all", async () => {
      const job = await jobOf(shell("echo here; exit 4"));
      const running = await launcher.submit(job);
      await running.end(0);
      const found = await launcher.find(running.id, job);
      expect(found?.id).toBe(running.id);
      expect(await found?.end(0)).toMatchObject({ outcome: "failed", exitCode: 4 });
      expect(found === null ? null : await linesOf(found)).toEqual(["here"]);
      expect(await launcher.find("4000000", job)).toBeNull();
      // What outlives its starter is found by another; what does not is not.
      const other = await tested.open();
      const again = await other.find(running.id, job);
      expect(again === null ? null : await linesOf(again)).toEqual(contract.outlives ? ["here"] : null);
      await other.close();
    });
  });
}
