import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "../test/servers/python.ts";
import type { Bench, BenchOptions, BenchReport, Finding } from "./bench.ts";
import { built, commandLine, root } from "./built.ts";
import { timedCommand } from "./command.ts";
import { writeFlights } from "./many-flights.ts";
import { alternate, ratioOf, spreadOf, type Sample, type Variant } from "./measure.ts";

const { connect, openDuckDB }: typeof import("../src/systems/duckdb/connection.ts") = await import(built("systems/duckdb/connection"));
const { askRows }: typeof import("../src/systems/duckdb/rows.ts") = await import(built("systems/duckdb/rows"));

/** The most that the product, into Iceberg, may take of the time of the fastest SQL by hand, into Parquet. */
const limit = 1.15;

const jobs = fileURLToPath(new URL("clean-10m", import.meta.url));
const sqlVariants = ["repeated-keys-ranked", "repeated-keys-ranked-once", "every-row-ranked"];
const polars = ["polars==2.1.0", "polars-runtime-32==2.1.0"];
const pandas = ["pandas==3.1.1", "numpy==2.4.6", "pyarrow==26.0.1", "python-dateutil==4.0.0", "tzdata==2026.6"];

export const bench: Bench = {
  name: "clean-10m",
  title:
    "cleaning 10 million rows (dedupe, medians, z-scores, one-hot, text to time, derived columns) into Iceberg, against SQL by hand into Parquet",
  async run(note, options) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      return await compare(directory, note, options);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function compare(directory: string, note: (text: string) => void, options: BenchOptions): Promise<BenchReport> {
  const { rows = 10_000_000, rounds = 5 } = options;
  const subject = `${rows.toLocaleString("en-US")} flights, 1% twice`;
  note(`writing ${subject}`);
  await prepare(directory, rows);
  const run = (...args: string[]) => timedCommand([process.execPath, commandLine, "run", ...args], { cwd: directory });
  const extracted = await run("flights");
  const state = join(directory, ".millwright");
  await rename(state, join(directory, "extracted"));
  const out = join(directory, "out.parquet");
  const raw = join(directory, "raw", "flights-*.parquet");
  const digests = new Map<string, string>();
  const by = (name: string, command: readonly string[]): Variant => ({
    name,
    measure: () => timedCommand([...command, raw, out], { cwd: directory }),
    async after(round) {
      if (round === 0) digests.set(name, await digestOf(out));
      await rm(out);
    },
  });
  const python = async (script: string, requirements: readonly string[]) => {
    const { python: interpreter, env } = await pythonEnvironment(requirements);
    return ["/usr/bin/env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), interpreter, join(jobs, script)];
  };
  const own: Variant = {
    name: "millwright",
    async measure() {
      await restore(state, join(directory, "extracted"));
      return run();
    },
    async after(round) {
      if (round === 0)
        digests.set("millwright", await digestOf(join(state, "local/lake/bench", await tableFolder(state), "data/*.parquet")));
    },
  };
  const variants = [
    own,
    ...sqlVariants.map((name) => by(`SQL, ${name.replaceAll("-", " ")}`, [process.execPath, join(jobs, "sql.ts"), name])),
  ];
  // With fewer rows only the work itself is being tried out.
  const others =
    rows < 1_000_000 ? [] : [by("Polars", await python("with-polars.py", polars)), by("pandas", await python("with-pandas.py", pandas))];
  note(`${rounds} rounds and one to warm up`);
  const samples = await alternate(variants, { rounds, discarded: 1 });
  requireEqual(digests);
  if (others.length > 0) note("Polars and pandas: one round and one to warm up");
  const further = await alternate(others, { rounds: 1, discarded: 1 });
  requireEqual(digests);
  return {
    measurements: [
      { subject, variant: "millwright, extracting them into the lake first", samples: [extracted] },
      ...[...samples, ...further].map(([variant, taken]) => ({ subject, variant, samples: taken })),
    ],
    findings: findings(samples),
    versions: Object.fromEntries([polars, pandas].flatMap((list) => list.slice(0, 1).map((each) => each.split("==")))),
  };
}

async function prepare(directory: string, rows: number): Promise<void> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  await writeFlights(connection, join(directory, "raw"), rows);
  connection.closeSync();
  instance.closeSync();
  await mkdir(join(directory, "node_modules"));
  await symlink(root, join(directory, "node_modules/millwright"));
  await copyFile(join(jobs, "platform.ts"), join(directory, "platform.ts"));
}

/** The state as it stood after the extract. Not measured. */
async function restore(state: string, kept: string): Promise<void> {
  await rm(state, { recursive: true, force: true });
  await cp(kept, state, { recursive: true });
}

async function tableFolder(state: string): Promise<string> {
  const folder = (await readdir(join(state, "local/lake/bench"))).find((name) => name.startsWith("flights_clean-"));
  if (folder === undefined) throw new Error("the run made no table");
  return folder;
}

/** The number of rows and a sum over a hash of each, whatever their order. Computed numbers differ in their last digits from one order of adding to the next. */
async function digestOf(files: string): Promise<string> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const columns = await askRows(connection, `describe select * from read_parquet('${files}')`);
    const values = columns
      .map(({ column_name: name, column_type: type }) => ({ name: String(name), type: String(type) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, type }) => (type === "DOUBLE" ? `cast(round("${name}", 6) as varchar)` : `cast("${name}" as varchar)`));
    const [row] = await askRows(
      connection,
      `select count(*) as n, sum(hash(${values.join(", ")})) as digest from read_parquet('${files}')`,
    );
    return `${columns.length} columns, ${String(row?.["n"])} rows, ${String(row?.["digest"])}`;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Who makes another table has not done the same work. */
function requireEqual(digests: ReadonlyMap<string, string>): void {
  const wanted = digests.get("millwright");
  for (const [name, digest] of digests) if (digest !== wanted) throw new Error(`${name} made ${digest}, millwright ${String(wanted)}`);
}

function findings(samples: ReadonlyMap<string, readonly Sample[]>): Finding[] {
  const own = samples.get("millwright") ?? [];
  const [fastest] = [...samples]
    .filter(([name]) => name !== "millwright")
    .toSorted(([, a], [, b]) => spreadOf(a.map(({ wall }) => wall)).median - spreadOf(b.map(({ wall }) => wall)).median);
  if (fastest === undefined) return [];
  const [name, others] = fastest;
  return [
    {
      what: `millwright against the fastest by hand: ${name}`,
      unit: "times",
      value: ratioOf(own, others, "wall"),
      cpu: ratioOf(own, others, "cpu"),
      limit,
    },
  ];
}
