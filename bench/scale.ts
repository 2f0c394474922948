import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EnginePoint, EngineRates } from "../src/plan/engine-rates.ts";
import type { Bench, BenchOptions, BenchReport } from "./bench.ts";
import { commandLine } from "./built.ts";
import { timedCommand, toldCommand } from "./command.ts";
import { thisMachine } from "./machine.ts";
import { memoryBytes, memoryGroup, residentBytes } from "./memory.ts";
import { preparePassage } from "./rows-100m.ts";
import { writeScale } from "./scale/page.ts";

const script = fileURLToPath(new URL("scale/build.ts", import.meta.url));
const sizes = [1_000_000, 3_000_000, 10_000_000, 30_000_000];

export const bench: Bench = {
  name: "scale",
  title: "rows against time: the cleaning job by DuckDB and by Spark on two threads within 4 GiB, cold and warm",
  async run(note, options) {
    const points: EnginePoint[] = [];
    const report = await measured(points, note, options);
    const rates: EngineRates = {
      date: new Date().toISOString().slice(0, 10),
      machine: { processor: thisMachine().processor, cores: 2, memory: options.memory ?? "4 GiB" },
      points,
    };
    // Only what was measured at the benchmark's own sizes is advice.
    if (options.rows === undefined) await writeScale(rates);
    return report;
  },
};

async function measured(points: EnginePoint[], note: (text: string) => void, options: BenchOptions): Promise<BenchReport> {
  const measurements: BenchReport["measurements"][number][] = [];
  const findings: BenchReport["findings"][number][] = [];
  for (const rows of options.rows === undefined ? sizes : [options.rows]) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      const subject = `${rows.toLocaleString("en-US")} flights, 1% twice`;
      note(`${subject}: writing and extracting them`);
      await preparePassage(directory, rows);
      await timedCommand([process.execPath, commandLine, "run", "flights"], { cwd: directory });
      const state = join(directory, ".millwright");
      await rename(state, join(directory, "extracted"));
      for (const engine of ["duckdb", "spark"] as const) {
        await rm(state, { recursive: true, force: true });
        await cp(join(directory, "extracted"), state, { recursive: true });
        note(`${subject}: ${engine}`);
        const { cold, warm, cpu, peak } = await build(directory, engine, memoryBytes(options.memory ?? "4 GiB"));
        points.push({ engine, state: "cold", rows, seconds: cold }, { engine, state: "warm", rows, seconds: warm });
        measurements.push(
          { subject, variant: `${engine}, cold; processor time of both builds`, samples: [{ wall: cold, cpu }] },
          { subject, variant: `${engine}, warm`, samples: [{ wall: warm, cpu: 0 }] },
        );
        const value = peak / 1e6;
        findings.push({
          what: `${subject}: the most that ${engine} held`,
          unit: "MB",
          value: { median: value, least: value, most: value },
          cpu: null,
          limit: null,
        });
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return { measurements, findings };
}

interface Built {
  readonly cold: number;
  readonly warm: number;
  readonly cpu: number;
  readonly peak: number;
}

async function build(directory: string, engine: EnginePoint["engine"], memory: number): Promise<Built> {
  const group = memoryGroup(memory);
  const mebibytes = Math.floor(memory / 2 ** 20);
  let peak = 0;
  let sampling: NodeJS.Timeout | undefined;
  try {
    const { sample, output } = await toldCommand([...(group?.prefix ?? []), process.execPath, script, engine, String(mebibytes)], {
      cwd: directory,
      env: { BENCH_MEMORY: `${Math.floor(mebibytes / 2)} MiB` },
      started: (pid) => (sampling = setInterval(() => (peak = Math.max(peak, residentBytes(pid))), 500)),
    });
    const { cold, warm }: { cold: number; warm: number } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    return { cold, warm, cpu: sample.cpu, peak };
  } finally {
    clearInterval(sampling);
    await group?.remove();
  }
}
