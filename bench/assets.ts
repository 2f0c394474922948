import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Finding, Measurement } from "./bench.ts";
import { commandLine, root } from "./built.ts";
import { timedCommand } from "./command.ts";
import { alternate, ratioOf, spreadOf, type Sample, type Variant } from "./measure.ts";

const metrics = `import { count, environment, metric, platform, table } from "millwright";
const one = table.sql("one", {}, { duckdb: "select 1 as a" });
const assets = Array.from({ length: 1000 }, (_, index) => metric(\`m\${index + 1}\`, one, () => count()));
export default platform({ name: "metrics", assets: [one, ...assets], environments: { local: environment({}) } });
`;

const tables = `import { environment, platform, table } from "millwright";
const assets = Array.from({ length: 1000 }, (_, index) => table.sql(\`t\${index + 1}\`, {}, { duckdb: "select 1 as a" }));
export default platform({ name: "tables", assets, environments: { local: environment({}) } });
`;

/** The most that each whole process may take, in seconds. */
const limits: Readonly<Record<string, number>> = {
  "1,000 metrics, first run": 5,
  "1,000 metrics, unchanged": 0.5,
  "1,000 tables of one row, first run": 20,
  "1,000 tables of one row, unchanged": 0.5,
  "millwright --help": 0.15,
};

const bareTables = "1,000 tables of one row, DuckDB alone";
const rounds = 3;

export const bench: Bench = {
  name: "assets",
  title: "whole processes of the command line: a thousand assets, first run and unchanged rerun; --help",
  async run(note) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      await mkdir(join(directory, "node_modules"));
      await symlink(root, join(directory, "node_modules/millwright"));
      await writeFile(join(directory, "metrics.ts"), metrics);
      await writeFile(join(directory, "tables.ts"), tables);
      note(`${rounds} rounds, each from nothing`);
      const samples = await alternate(variants(directory), { rounds });
      const measurements = [...samples].map(([variant, taken]): Measurement => ({ subject: "", variant, samples: taken }));
      return { measurements, findings: findings(samples) };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

function variants(directory: string): Variant[] {
  const command = (...args: string[]) => timedCommand([process.execPath, commandLine, ...args], { cwd: directory });
  const clear = () => rm(join(directory, ".millwright"), { recursive: true, force: true });
  return [
    { name: "node, an empty script", measure: () => timedCommand([process.execPath, "-e", ""], { cwd: directory }) },
    { name: "millwright --help", measure: () => command("--help") },
    ...["metrics", "tables"].flatMap((file): Variant[] => {
      const subject = file === "metrics" ? "1,000 metrics" : "1,000 tables of one row";
      return [
        { name: `${subject}, first run`, measure: () => command("run", "--file", `${file}.ts`) },
        { name: `${subject}, unchanged`, measure: () => command("run", "--file", `${file}.ts`), after: clear },
      ];
    }),
    {
      name: bareTables,
      measure: () =>
        timedCommand([process.execPath, fileURLToPath(new URL("assets-duckdb.ts", import.meta.url)), join(directory, ".bare")], {
          cwd: directory,
        }),
      after: () => rm(join(directory, ".bare"), { recursive: true }),
    },
  ];
}

function findings(samples: ReadonlyMap<string, readonly Sample[]>): Finding[] {
  const absolute = Object.entries(limits).map(([variant, limit]): Finding => {
    const taken = samples.get(variant) ?? [];
    return { what: variant, unit: "s", value: spreadOf(taken.map(({ wall }) => wall)), cpu: spreadOf(taken.map(({ cpu }) => cpu)), limit };
  });
  const [run, bare] = ["1,000 tables of one row, first run", bareTables].map((variant) => samples.get(variant) ?? []);
  if (run === undefined || bare === undefined) return absolute;
  const what = "1,000 tables: a run against DuckDB alone, one after the other through the same catalog";
  return [...absolute, { what, unit: "times", value: ratioOf(run, bare, "wall"), cpu: ratioOf(run, bare, "cpu"), limit: null }];
}
