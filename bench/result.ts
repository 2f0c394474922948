import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchReport, Finding } from "./bench.ts";
import { root } from "./built.ts";
import type { Machine } from "./machine.ts";
import { spreadOf, type Spread } from "./measure.ts";

/** What bench/results keeps of a benchmark. Times in seconds. */
export interface Result {
  readonly name: string;
  readonly title: string;
  /** `2026-11-22` */
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Machine;
  readonly measurements: readonly {
    readonly subject: string;
    readonly variant: string;
    readonly runs: number;
    readonly wall: Spread;
    readonly cpu: Spread;
  }[];
  readonly findings: readonly Finding[];
}

export function summary({ measurements, findings }: BenchReport): Pick<Result, "measurements" | "findings"> {
  return {
    measurements: measurements.map(({ subject, variant, samples }) => ({
      subject,
      variant,
      runs: samples.length,
      wall: rounded(spreadOf(samples.map(({ wall }) => wall))),
      cpu: rounded(spreadOf(samples.map(({ cpu }) => cpu))),
    })),
    findings: findings.map((finding) => ({
      ...finding,
      value: rounded(finding.value),
      cpu: finding.cpu === null ? null : rounded(finding.cpu),
    })),
  };
}

/** Keeps a result as JSON, and renews the results in docs/benchmarks.md. */
export function keep(result: Result): void {
  const folder = join(root, "bench/results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const results = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file): Result => JSON.parse(readFileSync(join(folder, file), "utf8")));
  const page = join(root, "docs/benchmarks.md");
  const text = readFileSync(page, "utf8");
  const [begin, end] = ["<!-- results: written by npm run bench -->", "<!-- end of results -->"];
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`${page} has no place for the results`);
  writeFileSync(
    page,
    `${text.slice(0, text.indexOf(begin))}${begin}\n\n${results.map(section).join("\n")}\n${text.slice(text.indexOf(end))}`,
  );
}

/** A result for the terminal. */
export function resultText(result: Result): string {
  return section(result).replaceAll(/^\|(?:---?:?\|)+\n/gm, "");
}

function section({ name, title, date, versions, machine, measurements, findings }: Result): string {
  const parts = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [
    `### ${name}: ${title}`,
    "",
    `${date}; ${machine.processor}, ${machine.cores} cores, ${machine.memory} GiB, load ${machine.load} at the start; ${parts.join(", ")}.`,
    "",
    table(
      ["", "", "rounds", "wall: median", "least to most", "processor time"],
      measurements.map((each) => [
        each.subject,
        each.variant,
        String(each.runs),
        seconds(each.wall.median),
        `${seconds(each.wall.least)} to ${seconds(each.wall.most)}`,
        seconds(each.cpu.median),
      ]),
    ),
    table(["", "median", "least to most", "by processor time", "limit"], findings.map(findingCells)),
  ].join("\n");
}

function findingCells({ what, unit, value, cpu, limit, atLeast }: Finding): string[] {
  const show = (number: number) => `${figure(number)}${unit === "" ? "" : ` ${unit}`}`;
  const met = limit !== null && (atLeast === true ? value.median >= limit : value.median <= limit);
  const judged = limit === null ? "" : `${atLeast === true ? "at least " : ""}${show(limit)}: ${met ? "met" : "MISSED"}`;
  return [what, show(value.median), `${figure(value.least)} to ${figure(value.most)}`, cpu === null ? "" : show(cpu.median), judged];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const widths = header.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const padded = (cells: readonly string[]) => line(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  return `${padded(header)}|${header.map(() => "---|").join("")}\n${rows.map(padded).join("")}`;
}

function seconds(value: number): string {
  return value < 1 ? `${figure(value * 1000)} ms` : `${figure(value)} s`;
}

/** Three digits that count, or all of a large whole number: `1.17`, `0.0123`, `336,776`. */
function figure(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return Math.abs(value) < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

function rounded({ median, least, most }: Spread): Spread {
  const round = (value: number) => Number(value.toPrecision(4));
  return { median: round(median), least: round(least), most: round(most) };
}
