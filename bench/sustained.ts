import { spawn, type ChildProcess } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, BenchReport, Finding } from "./bench.ts";
import { root } from "./built.ts";
import { spreadOf } from "./measure.ts";
import { memoryBytes, memoryGroup, residentBytes } from "./memory.ts";

const scripts = fileURLToPath(new URL("sustained", import.meta.url));

export const bench: Bench = {
  name: "sustained",
  title:
    "raw CSV files arriving at 24 MB/s (2 TB a day) through extract, clean and load on 2 cores within 4 GiB for 30 minutes, by one process that runs again and again",
  async run(note, options) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      return await sustain(directory, note, options);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** What the loop tells of a run that did something. */
interface Run {
  /** Milliseconds since 1970. */
  readonly ended: number;
  readonly seconds: number;
  /** Processor time of the process that runs; the catalog's is not in it. */
  readonly cpu: number;
  /** Name, bytes, and when it appeared. */
  readonly files: readonly (readonly [string, number, number])[];
  readonly steps: Readonly<Record<string, number>>;
}

/** What the writer tells at its end. */
interface Wrote {
  readonly next: number;
  readonly files: number;
}

interface Memory {
  readonly at: number;
  readonly bytes: number;
}

async function sustain(directory: string, note: (text: string) => void, options: BenchOptions): Promise<BenchReport> {
  const { minutes = 30, rate = 24e6, memory = "4 GiB" } = options;
  const limit = memoryBytes(memory);
  await mkdir(join(directory, "node_modules"));
  await symlink(root, join(directory, "node_modules/millwright"));
  await copyFile(join(scripts, "platform.ts"), join(directory, "platform.ts"));
  const group = memoryGroup(limit);
  const limited = group === null ? "by DuckDB's own limit, memory sampled" : "by a control group of the kernel";
  note(`${minutes} minutes at ${rate / 1e6} MB/s within ${memory}, limited ${limited}`);
  const runs: Run[] = [];
  const held: Memory[] = [];
  // Writer and loop share the same two processors.
  const pinned = availableParallelism() > 2 ? ["taskset", "-c", "0,1"] : [];
  const loop = start([...(group?.prefix ?? []), ...pinned, process.execPath, join(scripts, "loop.ts")], directory, {
    BENCH_MEMORY: `${Math.floor(limit / 2 / 2 ** 20)} MiB`,
  });
  const told = createInterface({ input: loop.child.stdout ?? process.stdin });
  told.on("line", (line) => {
    const run: Run = JSON.parse(line);
    runs.push(run);
    note(`${run.files.length} files in ${run.seconds.toFixed(1)} s, the oldest ${lagOf(run).toFixed(0)} s after it came`);
  });
  const sampling = setInterval(() => held.push({ at: Date.now(), bytes: residentBytes(loop.child.pid ?? 0) }), 1000);
  const write = async (seconds: number, first: number, ...burst: readonly "burst"[]): Promise<Wrote> => {
    const writer = start(
      [
        ...pinned,
        process.execPath,
        join(scripts, "write.ts"),
        join(directory, "incoming"),
        String(rate),
        String(seconds),
        String(first),
        ...burst,
      ],
      directory,
      {},
    );
    let text = "";
    writer.child.stdout?.on("data", (data: Buffer) => (text += data.toString()));
    await Promise.race([writer.ended, loop.ended]);
    if (loop.child.exitCode !== null) throw new Error(`the loop ended: ${loop.said()}`);
    return JSON.parse(text);
  };
  try {
    const steady = await write(minutes * 60, 1);
    await drained(runs, loop, steady.files);
    const kept = [...runs];
    // The backlog that follows is worked off in larger pieces: how memory goes over time is told by what came steadily.
    const steadily = [...held];
    note("the highest rate: a backlog is written, then worked off");
    const backlog = await write(Math.min(120, minutes * 15), steady.next, "burst");
    await drained(runs, loop, steady.files + backlog.files);
    loop.child.kill("SIGTERM");
    await loop.ended;
    return report({ minutes, rate, memory, limit, limited }, kept, runs.slice(kept.length), { held, steadily });
  } finally {
    clearInterval(sampling);
    told.close();
    if (loop.child.exitCode === null && loop.child.signalCode === null) {
      loop.child.kill("SIGKILL");
      await loop.ended;
    }
    await group?.remove();
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** The end of what it wrote as errors. */
  said(): string;
}

function start([command = "", ...args]: readonly string[], directory: string, env: Readonly<Record<string, string>>): Started {
  const child = spawn(command, args, { cwd: directory, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr?.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  return { child, ended, said: () => said };
}

/** Waits until so many files have been loaded. */
async function drained(runs: readonly Run[], loop: Started, wanted: number): Promise<void> {
  while (runs.reduce((sum, { files }) => sum + files.length, 0) < wanted) {
    if (loop.child.exitCode !== null || loop.child.signalCode !== null) throw new Error(`the loop ended: ${loop.said()}`);
    await sleep(200);
  }
}

/** Seconds from the arrival of a run's oldest file until it was loaded. */
function lagOf({ ended, files }: Run): number {
  return files.length === 0 ? 0 : (ended - Math.min(...files.map(([, , arrived]) => arrived))) / 1000;
}

function report(
  {
    minutes,
    rate,
    memory,
    limit,
    limited,
  }: { readonly minutes: number; readonly rate: number; readonly memory: string; readonly limit: number; readonly limited: string },
  runs: readonly Run[],
  burst: readonly Run[],
  { held, steadily }: { readonly held: readonly Memory[]; readonly steadily: readonly Memory[] },
): BenchReport {
  const subject = `${minutes} minutes at ${rate / 1e6} MB/s within ${memory}`;
  const third = Math.floor(runs.length / 3);
  const [middle, last] = [runs.slice(third, 2 * third), runs.slice(2 * third)];
  const figure = (value: number) => ({ median: value, least: value, most: value });
  const bytes = (of: readonly Run[]) => of.reduce((sum, { files }) => sum + files.reduce((total, [, size]) => total + size, 0), 0);
  const most = (samples: readonly Memory[], from: number, to: number) =>
    Math.max(0, ...samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to)).map((sample) => sample.bytes));
  const plain = (what: string, unit: Finding["unit"], value: number, bound: number | null): Finding => ({
    what: `${subject}: ${what}`,
    unit,
    value: figure(value),
    cpu: null,
    limit: bound,
  });
  const trends = [
    // Who falls behind lags more and more.
    plain("that lag in the last third of the time against the middle one", "times", medianLag(last) / medianLag(middle), 1.5),
    plain("memory in the last third against the middle one", "times", most(steadily, 2 / 3, 1) / most(steadily, 1 / 3, 2 / 3), 1.2),
  ];
  return {
    measurements: [
      { subject, variant: `a run, limited ${limited}`, samples: runs.map(({ seconds, cpu }) => ({ wall: seconds, cpu })) },
      ...Object.keys(runs[0]?.steps ?? {}).map((step) => ({
        subject,
        variant: step,
        samples: runs.map(({ steps }) => ({ wall: steps[step] ?? 0, cpu: 0 })),
      })),
    ],
    findings: [
      { what: `${subject}: from a file's arrival until it is loaded`, unit: "s", value: spreadOf(runs.map(lagOf)), cpu: null, limit: null },
      ...(third < 2 ? [] : trends),
      plain("the most that all processes held", "MB", most(held, 0, 1) / 1e6, limit / 1e6),
      {
        ...plain(
          "the highest rate: a backlog worked off",
          "MB/s",
          bytes(burst) / 1e6 / burst.reduce((sum, { seconds }) => sum + seconds, 0),
          rate / 1e6,
        ),
        atLeast: true,
      },
    ],
  };
}

function medianLag(runs: readonly Run[]): number {
  return runs.length === 0 ? Number.NaN : spreadOf(runs.map(lagOf)).median;
}
