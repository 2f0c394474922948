import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { memoryBytes, residentBytes } from "../../bench/memory.ts";
import { withRates, withTable } from "../../bench/scale/page.ts";
import { engineRates, type EngineRates } from "../../src/plan/engine-rates.ts";

const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** Runs a benchmark of a small size on what is built; nothing is kept. */
function run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [main, ...args, "--as-built"]);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr })));
}

test("the cleaning job makes the same table by the product and by every way of writing it in SQL", async () => {
  const { code, stdout, stderr } = await run("clean-10m", "--rows", "20000", "--rounds", "1");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("20,000 flights, 1% twice");
  expect(stdout).toMatch(/millwright against the fastest by hand: SQL, .* times/);
});

test("as many rows are committed as are copied, in as many bytes", async () => {
  const { code, stdout, stderr } = await run("commit-10m", "--rows", "200000", "--rounds", "1");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("200,000 rows of 6 columns: committed against copied");
});

test("rows in files pass extract, clean and load within a limit", async () => {
  const { code, stdout, stderr } = await run("rows-100m", "--rows", "20000", "--memory", "1 GiB");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/the most that all processes held .*1,074 MB: met/);
});

test("files that keep arriving are all loaded, those of the backlog too", async () => {
  const { code, stdout, stderr } = await run("sustained", "--minutes", "0.2", "--rate", "0.5 MB/s", "--memory", "1 GiB");
  expect({ code, stderr: code === 0 ? "" : stderr.slice(-2000) }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("0.2 minutes at 0.5 MB/s within 1 GiB: the highest rate");
});

test("the rates are written into the source and the page as they were measured", () => {
  const rates: EngineRates = {
    date: "2026-11-22",
    machine: { processor: "one", cores: 2, memory: "4 GiB" },
    points: [
      { engine: "duckdb", state: "cold", rows: 1_000_000, seconds: 2.345 },
      { engine: "spark", state: "warm", rows: 1_000_000, seconds: 8.1 },
    ],
  };
  const source = withRates("// before\nexport const engineRates: EngineRates = { old };\n", rates);
  expect(source).toBe(
    '// before\nexport const engineRates: EngineRates = {\n  date: "2026-11-22",\n  machine: { processor: "one", cores: 2, memory: "4 GiB" },\n' +
      '  points: [\n    { engine: "duckdb", state: "cold", rows: 1_000_000, seconds: 2.35 },\n    { engine: "spark", state: "warm", rows: 1_000_000, seconds: 8.1 },\n  ],\n};\n',
  );
  const page = withTable("a\n<!-- rates: written by npm run bench -- scale -->\nold\n<!-- end of rates -->\nb\n", rates);
  expect(page).toContain("| 1,000,000 | 2.35 s |  |  | 8.1 s |");
  expect(page).not.toContain("\nold\n");
  expect(engineRates.machine.cores).toBeGreaterThan(0);
});

test("memory is that of a process with all below it", () => {
  expect(residentBytes(process.pid)).toBeGreaterThan(10e6);
  expect(memoryBytes("4 GiB")).toBe(2 ** 32);
  expect(memoryBytes("500 MB")).toBe(500e6);
  expect(() => memoryBytes("plenty")).toThrow(/'plenty' is no amount/);
});
