import { expect, test } from "vitest";
import { checkEngine } from "../../src/define/check/engine.ts";
import { collectFindings } from "../../src/define/check/diagnostic.ts";
import { environment } from "../../src/index.ts";
import { adviseEngine, expectedSeconds } from "../../src/plan/engine-advice.ts";
import { engineRates, type EnginePoint, type EngineRates } from "../../src/plan/engine-rates.ts";
import { spark } from "../../src/systems/index.ts";
import { openShop, shopPlatform } from "../run/shop.ts";

const warm = (engine: EnginePoint["engine"], ...points: readonly (readonly [number, number])[]): EnginePoint[] =>
  points.map(([rows, seconds]) => ({ engine, state: "warm", rows, seconds }));

const rates: EngineRates = {
  date: "2026-11-22",
  machine: { processor: "one", cores: 2, memory: "4 GiB" },
  points: [
    ...warm("duckdb", [1e6, 1], [1e7, 10], [3e7, 40]),
    ...warm("spark", [1e6, 8], [1e7, 40], [3e7, 100]),
    { engine: "spark", state: "cold", rows: 1e6, seconds: 30 },
  ],
};

test("an engine's time lies on lines between what was measured, and grows on beyond it", () => {
  expect(expectedSeconds(10, "duckdb", rates)).toBe(1);
  expect(expectedSeconds(1e6, "spark", rates)).toBe(8);
  expect(expectedSeconds(5.5e6, "duckdb", rates)).toBe(5.5);
  expect(expectedSeconds(2e7, "duckdb", rates)).toBe(25);
  // The last line, 1.5 s a million, is steeper than the last rate.
  expect(expectedSeconds(1e8, "duckdb", rates)).toBeCloseTo(40 + 70 * 1.5, 6);
  expect(expectedSeconds(1e8, "spark", rates)).toBeCloseTo(100 + 70 * (100 / 30), 6);
  expect(expectedSeconds(1e6, "spark", { ...rates, points: [] })).toBeNull();
});

test("a table that DuckDB takes long for is told of a cluster, with what either figure rests on", () => {
  const [advice, ...others] = adviseEngine(
    [
      { name: "delay_features", rows: 1.2e9, seconds: null },
      { name: "small", rows: 1e6, seconds: null },
    ],
    "duckdb",
    rates,
  );
  expect(others).toEqual([]);
  expect(advice).toMatchObject({ table: "delay_features", fix: expect.stringContaining("spark({ url") });
  expect(advice?.what).toBe(
    "delay_features reads 1.2 billion rows: DuckDB is expected to take about 30 min here (measured 2026-11-22: 30 million rows in 40 s on 2 cores within 4 GiB); " +
      "Spark with 8 workers of 2 cores and 4 GiB would take about 8 min, if it divides evenly (measured 2026-11-22: 30 million rows in 100 s on 2 cores within 4 GiB)",
  );
});

test("what a build took counts more than what is expected", () => {
  expect(adviseEngine([{ name: "simple", rows: 1.2e9, seconds: 60 }], "duckdb", rates)).toEqual([]);
  expect(adviseEngine([{ name: "hard", rows: 1e7, seconds: 7200 }], "duckdb", rates)[0]?.what).toContain("DuckDB took 2 h here");
});

test("a Spark for tables that the embedded engine makes at once is told so; one for large tables is not", () => {
  expect(adviseEngine([{ name: "few", rows: 1e6, seconds: null }], "spark", rates)).toMatchObject([
    { table: null, what: expect.stringContaining("expected to take 1 s where one Spark worker takes 8 s") },
  ]);
  expect(adviseEngine([{ name: "many", rows: 3e8, seconds: null }], "spark", rates)).toEqual([]);
});

test("a check hints by the lake's own numbers, where the declaration stands, and is silent where nothing stands or all is fine", async () => {
  const shop = openShop();
  const definition = shopPlatform();
  const check = (engine: Parameters<typeof environment>[0], by: EngineRates) => {
    const findings = collectFindings(shop.directory);
    checkEngine(
      { definition, environment: { ...environment(engine), name: "local", kind: "environment" }, directory: shop.directory },
      findings,
      by,
    );
    return findings.list();
  };
  const slow: EngineRates = { ...rates, points: [...warm("duckdb", [100, 1e5]), ...warm("spark", [100, 1e4])] };
  const bound = { engine: spark({ url: "sc://127.0.0.1:15002" }) };
  expect(check(bound, rates)).toEqual([]);
  await shop.run();
  // Each table was just built in no time: what is expected no longer counts.
  expect(check({}, slow)).toEqual([]);
  shop.source("UPDATE orders SET amount = 6, at = '2026-01-08T00:00:00Z' WHERE id = 2");
  await shop.run({ ...definition, assets: definition.assets.filter(({ name }) => name === "orders") });
  expect(check({}, slow)).toMatchObject([
    {
      severity: "hint",
      code: "engine-advice",
      what: expect.stringMatching(/^orders_clean reads 5 rows: DuckDB is expected to take about 28 h/),
    },
  ]);
  expect(check({}, slow)[0]?.where).toMatch(/shop\.ts:\d+$/);
  expect(check(bound, rates)).toMatchObject([{ severity: "hint", what: expect.stringContaining("no table reads more than 5 rows") }]);
  expect(check({}, engineRates)).toEqual([]);
});
