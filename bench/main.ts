/**
 * Benchmarks, on the built JavaScript:
 *
 *     npm run bench              lists them
 *     npm run bench -- NAME      builds, measures one, prints it, keeps it in bench/results/NAME.json and docs/benchmarks.md
 *
 * `--as-built` measures what stands in dist/ and keeps nothing. `--rows N --rounds N --minutes N --rate "24 MB/s" --memory "4 GB"` set
 * a benchmark's size, where it has one; what was not measured at the benchmark's own size is kept only with `--keep`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./built.ts";
import type { Bench, BenchOptions } from "./bench.ts";
import { thisMachine, versions } from "./machine.ts";
import { keep, resultText, summary, type Result } from "./result.ts";

const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  clean: () => import("./clean.ts"),
  assets: () => import("./assets.ts"),
  onnx: () => import("./onnx.ts"),
  "clean-10m": () => import("./clean-10m.ts"),
  "commit-10m": () => import("./commit-10m.ts"),
  "rows-100m": () => import("./rows-100m.ts"),
  scale: () => import("./scale.ts"),
  sustained: () => import("./sustained.ts"),
  drift: () => import("./drift.ts"),
  serving: () => import("./serving.ts"),
};

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      "as-built": { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      rows: { type: "string" },
      rounds: { type: "string" },
      minutes: { type: "string" },
      rate: { type: "string" },
      memory: { type: "string" },
    },
  });
  const [name] = positionals;
  if (Number(process.versions.node.split(".")[0]) < 24) {
    process.stderr.write(`the benchmarks need Node 24, this is ${process.version}: run them with npm run bench\n`);
    return 2;
  }
  const load = name === undefined || !Object.hasOwn(benches, name) ? undefined : benches[name];
  if (load === undefined) {
    if (name !== undefined) process.stderr.write(`there is no benchmark '${name}'\n`);
    for (const other of Object.values(benches)) {
      const { bench } = await other();
      process.stdout.write(`${bench.name.padEnd(10)}${bench.title}\n`);
    }
    return name === undefined ? 0 : 2;
  }
  if (!values["as-built"] && !build()) {
    process.stderr.write("the build failed: nothing was measured\n");
    return 1;
  }
  const machine = thisMachine();
  const { bench } = await load();
  const given = sizes.flatMap((size) => (values[size] === undefined ? [] : [[size, values[size]] as const]));
  const report = await bench.run((text) => process.stderr.write(`  ${text}\n`), sizesOf(given));
  const result: Result = {
    name: bench.name,
    title: bench.title,
    date: new Date().toISOString().slice(0, 10),
    versions: { ...(await versions()), ...report.versions },
    machine,
    ...summary(report),
  };
  process.stdout.write(resultText(result));
  if (values.keep || (!values["as-built"] && given.length === 0)) keep(result);
  return 0;
}

const sizes = ["rows", "rounds", "minutes", "rate", "memory"] as const;

function sizesOf(given: readonly (readonly [(typeof sizes)[number], string])[]): BenchOptions {
  return Object.fromEntries(
    given.map(([size, text]) => {
      if (size === "memory") return [size, text];
      const number = size === "rate" ? bytesOf(text) : Number(text);
      if (!(number > 0)) throw new RangeError(`--${size} ${text} is no positive number`);
      return [size, number];
    }),
  );
}

/** `24 MB/s` in bytes a second. */
function bytesOf(text: string): number {
  const [, number, unit] = /^([\d.]+) ?([kMG]?)B\/s$/.exec(text) ?? [];
  return Number(number) * ({ "": 1, k: 1e3, M: 1e6, G: 1e9 }[unit ?? ""] ?? NaN);
}

function build(): boolean {
  return (
    spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
      cwd: root,
      stdio: "inherit",
    }).status === 0
  );
}

main().then(
  // DuckDB's and ONNX Runtime's threads may outlive their owners.
  (code) => process.stdout.write("", () => process.exit(code)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
