import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHead, readHistory } from "../../../src/lake/catalog/heads.ts";
import { startCatalog, type RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { localLake } from "../../../src/lake/local.ts";
import { MillwrightError } from "../../../src/error.ts";
import type { Engine, TableWrite } from "../../../src/systems/roles.ts";
import { startSpark, type Spark } from "../../servers/spark.ts";
import { breakingWay, type BreakingWay } from "./breaking.ts";
import { sparkEngine } from "./engine.ts";

let state: string;
let spark: Spark;
let way: BreakingWay;
let catalog: RunningCatalog;
let engine: Engine;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "millwright-spark-session-"));
  [spark, catalog] = await Promise.all([startSpark(), startCatalog({ directory: state })]);
  way = await breakingWay(Number(new URL(spark.url.replace("sc:", "http:")).port));
  engine = await sparkEngine({ url: `sc://127.0.0.1:${way.port}`, patience: 300 }, { catalog, lake: localLake(state), state });
}, 600_000);

afterAll(async () => {
  await engine?.close();
  await way?.stop();
  await Promise.all([spark?.stop(), catalog?.stop()]);
  await rm(state, { recursive: true, force: true });
}, 120_000);

const write = (table: string, query: string, options: Partial<TableWrite> = {}): TableWrite => ({
  table,
  columns: [{ name: "id", type: "bigint" }],
  mode: "append",
  key: [],
  query,
  rejected: null,
  note: { run: "run-1", definition: "d", inputs: {}, position: null, fingerprint: null, fitted: null },
  began: performance.now(),
  ...options,
});

async function problemOf(work: Promise<unknown>): Promise<{ readonly code: string; readonly what: string }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MillwrightError)) throw new Error(`it failed otherwise: ${String(error)}`);
  return error.problem;
}

test("a stream that breaks is attached to again, and every row comes once and in its order", { timeout: 300_000 }, async () => {
  const before = way.cuts;
  way.cutAfter(300_000, 4);
  // Rows that do not compress into one reply.
  const rows = await engine.ask("SELECT id, repeat(sha2(cast(id AS STRING), 256), 4) AS text FROM range(0, 30000, 1, 4) ORDER BY id");
  way.cutAfter(Infinity, 0);
  expect(way.cuts - before).toBeGreaterThan(0);
  expect(rows).toHaveLength(30_000);
  expect(rows.every(({ id }, index) => id === index)).toBe(true);
});

test("a write whose connections break all the time is one commit", { timeout: 300_000 }, async () => {
  const before = way.cuts;
  way.cutAfter(200, 6);
  const written = await engine.write(write("broken", "SELECT id FROM range(1000)"));
  way.cutAfter(Infinity, 0);
  expect(way.cuts - before).toBeGreaterThan(0);
  expect(written.note.rows).toBe(1000);
  expect(await readHistory(state, "shop", "broken")).toHaveLength(1);
});

test("Millwright killed between the quarantine's commit and the table's: what was refused comes once", { timeout: 300_000 }, async () => {
  const refused = (raw: string) => `SELECT 'o' AS origin, 'r' AS reason, '${raw}' AS raw`;
  await engine.write(write("killed", "SELECT 1 AS id", { rejected: refused("first"), columns: [{ name: "id", type: "integer" }] }));
  const script = join(import.meta.dirname, "write-once.ts");
  const argument = JSON.stringify({ url: spark.url, state, catalog: { url: catalog.url, token: catalog.token }, table: "killed" });
  const child = promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", script, argument], {
    env: { ...process.env, MILLWRIGHT_CRASH: "quarantine-committed" },
  });
  await expect(child).rejects.toMatchObject({ signal: "SIGKILL" });
  const raws = async () =>
    (await engine.ask(`SELECT raw FROM ${engine.relation("killed_quarantine", null)} ORDER BY raw`)).map(({ raw }) => raw);
  expect(await raws()).toEqual(["first", "second"]);
  expect(readHead(state, "shop", "killed")?.summary["millwright.rows"]).toBe("1");
  await engine.write(write("killed", "SELECT 2 AS id", { rejected: refused("second"), columns: [{ name: "id", type: "integer" }] }));
  expect(await raws()).toEqual(["first", "second"]);
  expect(readHead(state, "shop", "killed")?.summary["millwright.rows"]).toBe("2");
});

test("an error has Spark's name for it, and neither a stack nor a secret", { timeout: 300_000 }, async () => {
  const problem = await problemOf(engine.ask("SELECT assert_true(id < 5) FROM range(10)"));
  expect(problem).toMatchObject({ code: "spark-failed", what: expect.stringMatching(/is not true/) });
  expect(problem.what).not.toMatch(/\bat org\.|Driver stacktrace/);
  expect((await problemOf(engine.ask("SELECT 1 / cast(0 AS INT)"))).what).toContain("DIVIDE_BY_ZERO");
  const options = { url: "jdbc:mysql://127.0.0.1:1/shop?password=opensesame", dbtable: "t", password: "opensesame" };
  const seen = await problemOf(engine.see?.({ format: "jdbc", options, schema: null, paths: [] }) ?? Promise.resolve());
  expect(JSON.stringify(seen)).not.toContain("opensesame");
  const refused = await problemOf(
    sparkEngine({ url: spark.url, settings: { "spark.executor.memory": "2g" } }, { catalog, lake: localLake(state), state }),
  );
  expect(refused.what).toContain("spark.executor.memory");
});

test(
  "after Spark was started anew the first attempt fails as one that may be tried again, and the next one has a new session",
  { timeout: 600_000 },
  async () => {
    const kept = await engine.keep("SELECT id FROM range(3)");
    expect(await engine.ask(`SELECT count(*) AS n FROM ${kept.relation}`)).toEqual([{ n: 3 }]);
    await spark.restartDriver();
    for (let attempt = 1; attempt <= 2; attempt++)
      expect(await problemOf(engine.ask(`SELECT count(*) AS n FROM ${kept.relation}`))).toMatchObject({ code: "transient" });
    await kept.drop();
    const written = await engine.write(write("broken", "SELECT id FROM range(10)"));
    expect(written.note.rows).toBe(1010);
  },
);

test("a Spark that is not there is said so, without waiting for ever", { timeout: 300_000 }, async () => {
  const nowhere = sparkEngine({ url: "sc://127.0.0.1:1", patience: 1 }, { catalog, lake: localLake(state), state });
  expect(await problemOf(nowhere)).toMatchObject({ code: "transient", what: expect.stringContaining("127.0.0.1:1 does not answer") });
});
