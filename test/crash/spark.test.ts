import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHistory } from "../../src/lake/catalog/heads.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openJournal } from "../../src/run/journal.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform, type RunResult } from "../../src/run/run.ts";
import { statePaths } from "../../src/run/state.ts";
import { contentsOf, type Contents } from "../run/contents.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { startSpark, type Spark } from "../servers/spark.ts";
import { readingsPlatform, writeReadings, type ReadingsSettings } from "./spark-platform.ts";

let data: string;
let spark: Spark;
let settings: ReadingsSettings;
/** What DuckDB makes of the same sources. */
let expected: Contents;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "millwright-readings-"));
  writeReadings(data);
  spark = await startSpark({ workers: 2, settings: { "spark.connect.progress.reportInterval": "200ms" } });
  settings = { data, url: spark.url, effort: 4000 };
  expect((await run(data, "local")).outcome).toBe("succeeded");
  expected = await contentsOf(data, "readings", "local");
}, 600_000);

afterAll(async () => {
  await spark.stop();
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
});

function run(
  directory: string,
  environment: string,
  onTask: (done: number, total: number | null) => void = () => undefined,
): Promise<RunResult> {
  const definition = readingsPlatform(settings);
  return runPlatform({
    definition,
    environment: environmentOf(definition, environment),
    directory,
    assets: [],
    signal: new AbortController().signal,
    reporter: {
      ...silent,
      progress: (asset, { done, total, unit }) => void (asset === "scored" && unit === "tasks" && onTask(done, total)),
    },
  });
}

/** A run on Spark in which something is done while the tasks of `scored` are at work. */
async function runThrough(directory: string, act: () => Promise<void>): Promise<RunResult> {
  let acted: Promise<void> | null = null;
  const result = await run(directory, "cluster", (done, total) => {
    if (done > 0 && total !== null && done < total) acted ??= act();
  });
  expect(acted).not.toBeNull();
  await acted;
  return result;
}

/** The tables are what they would have been, each committed once, and nothing is left to do. */
async function expectWhole(directory: string): Promise<void> {
  expect(await contentsOf(directory, "readings", "cluster")).toEqual(expected);
  const paths = statePaths(directory, "cluster");
  for (const table of ["readings", "clean", "scored", "stations"])
    expect({ table, commits: readHistory(paths.state, "readings", table).length }).toEqual({ table, commits: 1 });
  const again = await run(directory, "cluster");
  expect(again.results.filter(({ outcome }) => outcome !== "unchanged")).toEqual([]);
  using journal = openJournal(paths.journal);
  expect(journal.verify()).toBeNull();
}

test("a Spark driver that is killed in mid-job and comes back: the run waits for it, and its tables are whole", async () => {
  const directory = temporaryFolder();
  const { outcome, results } = await runThrough(directory, () => spark.restartDriver());
  expect({ outcome, failed: results.filter((one) => one.outcome === "failed") }).toEqual({ outcome: "succeeded", failed: [] });
  await expectWhole(directory);
}, 600_000);

test("a worker that is killed in mid-job with its executor: the other one does its tasks", async () => {
  const directory = temporaryFolder();
  try {
    const { outcome, results } = await runThrough(directory, () => spark.killWorker(0));
    expect({ outcome, failed: results.filter((one) => one.outcome === "failed") }).toEqual({ outcome: "succeeded", failed: [] });
    await expectWhole(directory);
  } finally {
    await spark.restartWorker(0);
  }
}, 600_000);

test("Millwright that is killed in mid-job: the next run goes on, whether the job has gone on in the cluster or not", async () => {
  const directory = temporaryFolder();
  const script = fileURLToPath(new URL("./spark-once.ts", import.meta.url));
  const child = spawn(process.execPath, [script, directory, JSON.stringify(settings)], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    const steps = [...said.matchAll(/^scored (\d+) of (\d+) tasks$/gm)];
    if (steps.some(([, done, total]) => Number(done) > 0 && Number(done) < Number(total))) child.kill("SIGKILL");
  });
  const [, signal]: unknown[] = await once(child, "exit");
  expect({ signal, said: signal === "SIGKILL" ? "" : said }).toEqual({ signal: "SIGKILL", said: "" });
  const { outcome, results } = await run(directory, "cluster");
  expect({ outcome, failed: results.filter((one) => one.outcome === "failed") }).toEqual({ outcome: "succeeded", failed: [] });
  expect(results.find(({ asset }) => asset === "clean")?.outcome).toBe("unchanged");
  await expectWhole(directory);
}, 600_000);
