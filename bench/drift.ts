import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonEnvironment } from "../test/servers/python.ts";
import type { Bench, Finding, Measurement } from "./bench.ts";
import { built } from "./built.ts";
import { alternate, ratioOf, spreadOf, type Sample, type Variant } from "./measure.ts";

const { connect, openDuckDB }: typeof import("../src/systems/duckdb/connection.ts") = await import(built("systems/duckdb/connection"));

const folder = fileURLToPath(new URL("drift/", import.meta.url));
const execute = promisify(execFile);
const peers = [
  ["NannyML, estimated KS and chi-squared only", ["nannyml==0.13.1", "statsmodels==0.14.6"], "with-nannyml.py", "tests"],
  ["NannyML, exact KS, chi-squared, Jensen-Shannon, Wasserstein", ["nannyml==0.13.1", "statsmodels==0.14.6"], "with-nannyml.py", "all"],
  ["Evidently", ["evidently==0.7.21", "pandas==2.3.3", "numpy==2.2.6"], "with-evidently.py", ""],
] as const;
const [binned, exactly, sql] = ["millwright", "millwright, exactly", "plain DuckDB SQL"] as const;

interface Ran {
  readonly sample: Sample;
  readonly peak: number;
  readonly found: Readonly<Record<string, Found>>;
}

interface Found {
  readonly ks: { readonly statistic: number; readonly error: number; readonly pValue: number } | null;
  readonly wasserstein: { readonly distance: number; readonly error: number } | null;
  readonly chiSquared: { readonly statistic: number; readonly pValue: number } | null;
}

/** Figures of SciPy; the Wasserstein distance of numbers only. */
type Truth = Readonly<Record<string, { readonly statistic: number; readonly pValue: number; readonly wasserstein?: number }>>;

export const bench: Bench = {
  name: "drift",
  title: "drift of 20 columns (12 numbers, 8 texts) between two tables: PSI, Kolmogorov-Smirnov, chi-squared",
  async run(note, options) {
    const rows = options.rows ?? 1_000_000;
    const rounds = options.rounds ?? 5;
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      note(`writing ${rows.toLocaleString("en-US")} rows twice`);
      const files = [join(directory, "reference.parquet"), join(directory, "current.parquet")] as const;
      await writeTables(files, rows);
      const last = new Map<string, Ran>();
      const ours = (name: string, way: string): Variant => ({
        name,
        async measure() {
          const { stdout } = await execute(process.execPath, [join(folder, "compare.ts"), ...files, way, options.memory ?? "2GB"], {
            maxBuffer: 2 ** 26,
          });
          const ran: Ran = JSON.parse(stdout);
          last.set(name, ran);
          return ran.sample;
        },
      });
      note(`${rounds} rounds`);
      const samples = new Map(await alternate([ours(binned, "binned"), ours(exactly, "exact"), ours(sql, "sql")], { rounds }));
      // More rows than these only take the peers' memory and time: their figures are of the benchmark's own size.
      for (const [name, requirements, script, way] of rows > 1_000_000 ? [] : peers) {
        note(`${name}: one round`);
        const python = await pythonEnvironment(requirements);
        const { code, stdout, stderr } = await python.run([join(folder, script), ...files, way]);
        if (code !== 0) throw new Error(`${name} failed: ${stderr}`);
        const sample: Sample = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
        samples.set(name, [sample]);
      }
      note("SciPy, for equality");
      const truth = await scipy(files);
      return {
        measurements: [...samples].map(([variant, taken]): Measurement => ({
          subject: `2 x ${rows.toLocaleString("en-US")} rows`,
          variant,
          samples: taken,
        })),
        findings: [...times(rows, samples), ...equality(last, truth), ...memory(rows, last)],
        versions: Object.fromEntries(peers.map(([, [requirement]]) => requirement.split("=="))),
      };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function writeTables(files: readonly [string, string], rows: number): Promise<void> {
  const instance = await openDuckDB({ memoryLimit: "2GB" });
  const connection = await connect(instance);
  const normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())";
  for (const [index, file] of files.entries()) {
    await connection.run(`SELECT setseed(${index === 0 ? 0.1 : 0.7})`);
    const columns = [
      ...[0, 1, 2, 3, 4, 5].map((n) => `${normal} + ${n % 2 === 1 ? 0.02 * index : 0} AS level_${n}`),
      ...[0, 1, 2].map((n) => `exp(${normal}) * 100 AS amount_${n}`),
      ...[24, 1000, 1_000_000].map((values, n) => `floor(random() * ${values})::INTEGER AS count_${n}`),
      ...[3, 10, 20, 50, 100, 300, 1000, 5000].map((values, n) => `'kind ' || floor(pow(random(), 2) * ${values})::INTEGER AS kind_${n}`),
    ];
    await connection.run(`COPY (SELECT ${columns.join(", ")} FROM range(${rows})) TO '${file}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
}

async function scipy(files: readonly string[]): Promise<Truth> {
  const python = await pythonEnvironment(["scipy==1.17.1", "numpy==2.4.6", "pyarrow==26.0.1"]);
  const { code, stdout, stderr } = await python.run([join(folder, "with-scipy.py"), ...files]);
  if (code !== 0) throw new Error(stderr);
  const truth: Truth = JSON.parse(stdout);
  return truth;
}

function times(rows: number, samples: ReadonlyMap<string, readonly Sample[]>): Finding[] {
  const taken = samples.get(binned) ?? [];
  const own: Finding = {
    what: "millwright's time",
    unit: "s",
    value: spreadOf(taken.map(({ wall }) => wall)),
    cpu: spreadOf(taken.map(({ cpu }) => cpu)),
    limit: rows === 1_000_000 ? 3 : null,
  };
  const ratios = [...samples].flatMap(([name, others]): Finding[] => {
    if (name === binned) return [];
    // A peer's one round is set against each of ours.
    const against =
      others.length === 1 && others[0] !== undefined ? taken.map(() => others[0]).filter((each) => each !== undefined) : others;
    return [
      {
        what: `time of ${name} against millwright's`,
        unit: "times",
        value: ratioOf(against, taken, "wall"),
        cpu: ratioOf(against, taken, "cpu"),
        limit: null,
      },
    ];
  });
  return [own, ...ratios];
}

/** Differences from SciPy; of the binned figures as a share of the error that is stated beside them. */
function equality(ran: ReadonlyMap<string, Ran>, truth: Truth): Finding[] {
  let [exactMost, statedMost, boundMost] = [0, 0, 0];
  for (const [name, { statistic, pValue, wasserstein }] of Object.entries(truth)) {
    const [fine, full] = [ran.get(binned)?.found[name], ran.get(exactly)?.found[name]];
    const test = full?.ks ?? full?.chiSquared;
    const relative = (ours: number | undefined, theirs: number) => Math.abs((ours ?? Number.NaN) - theirs) / Math.max(1, Math.abs(theirs));
    exactMost = Math.max(exactMost, relative(test?.statistic, statistic), relative(test?.pValue, pValue));
    if (wasserstein === undefined) continue;
    exactMost = Math.max(exactMost, relative(full?.wasserstein?.distance, wasserstein));
    const beyond = statistic - (fine?.ks?.statistic ?? Number.NaN);
    const away = Math.abs((fine?.wasserstein?.distance ?? Number.NaN) - wasserstein);
    const share = (difference: number, error: number) => (difference < 1e-12 ? 0 : difference / Math.max(error, 1e-15));
    statedMost = Math.max(statedMost, share(Math.abs(beyond), beyond < -1e-12 ? 0 : (fine?.ks?.error ?? 0)));
    statedMost = Math.max(statedMost, share(away, (fine?.wasserstein?.error ?? 0) + 1e-9 * wasserstein));
    boundMost = Math.max(boundMost, fine?.ks?.error ?? Number.NaN);
  }
  const finding = (what: string, value: number, limit: number | null): Finding => ({
    what,
    unit: "",
    value: spreadOf([value]),
    cpu: null,
    limit,
  });
  return [
    finding("exactly: largest difference from SciPy's figures", exactMost, 1e-7),
    finding("largest difference from SciPy's, as a share of the stated error", statedMost, 1),
    finding("largest stated error of a Kolmogorov-Smirnov statistic", boundMost, null),
  ];
}

function memory(rows: number, ran: ReadonlyMap<string, Ran>): Finding[] {
  return [binned, exactly].map((name) => ({
    what: `memory of ${name}, with Node and DuckDB`,
    unit: "MB",
    value: spreadOf([(ran.get(name)?.peak ?? Number.NaN) / 1e6]),
    cpu: null,
    limit: name === binned && rows >= 10_000_000 ? 4 * 1024 * 1.048576 : null,
  }));
}
