import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EnginePoint, EngineRates } from "../../src/plan/engine-rates.ts";
import { root } from "../built.ts";

/** Writes the rates that `check` advises by, and the table in docs/scale.md. */
export async function writeScale(rates: EngineRates): Promise<void> {
  const source = join(root, "src/plan/engine-rates.ts");
  await writeFile(source, withRates(await readFile(source, "utf8"), rates));
  const page = join(root, "docs/scale.md");
  await writeFile(page, withTable(await readFile(page, "utf8"), rates));
}

/** The source with other rates, in the project's own layout. */
export function withRates(source: string, { date, machine, points }: EngineRates): string {
  const begin = source.indexOf("export const engineRates");
  if (begin < 0) throw new Error("there is no place for the rates");
  const lines = points.map(
    ({ engine, state, rows, seconds }) =>
      `    { engine: "${engine}", state: "${state}", rows: ${grouped(rows)}, seconds: ${Number(seconds.toPrecision(3))} },\n`,
  );
  const { processor, cores, memory } = machine;
  return (
    `${source.slice(0, begin)}export const engineRates: EngineRates = {\n  date: ${JSON.stringify(date)},\n` +
    `  machine: { processor: ${JSON.stringify(processor)}, cores: ${cores}, memory: ${JSON.stringify(memory)} },\n` +
    `  points: [${lines.length === 0 ? "" : `\n${lines.join("")}  `}],\n};\n`
  );
}

/** The page with another table of what was measured. */
export function withTable(text: string, { date, machine, points }: EngineRates): string {
  const [begin, end] = ["<!-- rates: written by npm run bench -- scale -->", "<!-- end of rates -->"];
  if (!text.includes(begin) || !text.includes(end)) throw new Error("the page has no place for the rates");
  const of = (rows: number, engine: EnginePoint["engine"], state: EnginePoint["state"]) => {
    const point = points.find((each) => each.rows === rows && each.engine === engine && each.state === state);
    return point === undefined ? "" : `${Number(point.seconds.toPrecision(3))} s`;
  };
  const rows = [...new Set(points.map((point) => point.rows))].toSorted((a, b) => a - b);
  const table = [
    `${date}; ${machine.processor}, ${machine.cores} cores, ${machine.memory} for all processes of an engine.`,
    "",
    "| rows | DuckDB, cold | DuckDB, warm | Spark, cold | Spark, warm |",
    "|---:|---:|---:|---:|---:|",
    ...rows.map(
      (count) =>
        `| ${count.toLocaleString("en-US")} | ${of(count, "duckdb", "cold")} | ${of(count, "duckdb", "warm")} | ${of(count, "spark", "cold")} | ${of(count, "spark", "warm")} |`,
    ),
  ];
  return `${text.slice(0, text.indexOf(begin))}${begin}\n\n${table.join("\n")}\n\n${text.slice(text.indexOf(end))}`;
}

function grouped(rows: number): string {
  return rows.toLocaleString("en-US").replaceAll(",", "_");
}
