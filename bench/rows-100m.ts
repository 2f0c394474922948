import { copyFile, mkdir, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, BenchOptions, BenchReport, Measurement } from "./bench.ts";
import { built, commandLine, root } from "./built.ts";
import { toldCommand } from "./command.ts";
import { writeFlights } from "./many-flights.ts";
import { memoryBytes, memoryGroup, residentBytes } from "./memory.ts";

const { connect, openDuckDB }: typeof import("../src/systems/duckdb/connection.ts") = await import(built("systems/duckdb/connection"));

const platform = fileURLToPath(new URL("rows-100m/platform.ts", import.meta.url));

export const bench: Bench = {
  name: "rows-100m",
  title: "100 million rows in files through extract, clean and load on two threads within 4 GiB, by one run of the command line",
  async run(note, options) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      return await through(directory, note, options);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** What one run of the platform took. */
export interface Passage {
  /** Wall and processor time of the whole command. */
  readonly wall: number;
  readonly cpu: number;
  /** Seconds of each step by its name. */
  readonly steps: Readonly<Record<string, number>>;
  /** The most that all processes held at once, as sampled, in bytes. */
  readonly peak: number;
  /** How the limit was kept. */
  readonly limited: string;
}

/** Writes the raw files and the platform file of a passage into an empty folder. */
export async function preparePassage(directory: string, rows: number): Promise<void> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  await writeFlights(connection, join(directory, "raw"), rows);
  connection.closeSync();
  instance.closeSync();
  await mkdir(join(directory, "node_modules"));
  await symlink(root, join(directory, "node_modules/millwright"));
  await copyFile(platform, join(directory, "platform.ts"));
}

/** Runs the platform once with all its processes within `memory` bytes. DuckDB is told half of it: the rest is for what it does not count, and for Node. */
export async function passage(directory: string, memory: number): Promise<Passage> {
  const group = memoryGroup(memory);
  let peak = 0;
  let sampling: NodeJS.Timeout | undefined;
  try {
    const { sample, output } = await toldCommand([...(group?.prefix ?? []), process.execPath, commandLine, "run", "--json"], {
      cwd: directory,
      env: { BENCH_MEMORY: `${Math.floor(memory / 2 / 2 ** 20)} MiB` },
      started: (pid) => (sampling = setInterval(() => (peak = Math.max(peak, residentBytes(pid))), 500)),
    });
    const result: { readonly results: readonly { readonly asset: string; readonly seconds: number }[] } = JSON.parse(output);
    const steps = Object.fromEntries(result.results.map(({ asset, seconds }) => [asset, seconds]));
    return { ...sample, steps, peak, limited: group === null ? "DuckDB's own limit, memory sampled" : "a control group of the kernel" };
  } finally {
    clearInterval(sampling);
    await group?.remove();
  }
}

async function through(directory: string, note: (text: string) => void, options: BenchOptions): Promise<BenchReport> {
  const { rows = 100_000_000, memory = "4 GiB" } = options;
  const limit = memoryBytes(memory);
  const subject = `${rows.toLocaleString("en-US")} flights within ${memory}`;
  note(`writing ${rows.toLocaleString("en-US")} flights`);
  await preparePassage(directory, rows);
  const { limited, steps, peak, ...sample } = await passage(directory, limit);
  const loaded = (await stat(join(directory, ".millwright/local/warehouse.duckdb"))).size;
  note(`limited by ${limited}; the warehouse has ${Math.round(loaded / 1e6)} MB`);
  const figure = (value: number) => ({ median: value, least: value, most: value });
  return {
    measurements: [
      { subject, variant: `the whole run, limited by ${limited}`, samples: [sample] },
      ...Object.entries(steps).map(([name, seconds]): Measurement => ({ subject, variant: name, samples: [{ wall: seconds, cpu: 0 }] })),
    ],
    findings: [
      { what: `${subject}: rows a second through all steps`, unit: "rows/s", value: figure(rows / sample.wall), cpu: null, limit: null },
      { what: `${subject}: the most that all processes held`, unit: "MB", value: figure(peak / 1e6), cpu: null, limit: limit / 1e6 },
    ],
  };
}
