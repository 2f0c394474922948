import { expect, test } from "vitest";
import { environment, platform, table } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform } from "../../src/run/run.ts";
import { temporaryFolder } from "./temporary.ts";

const endless = table.sql(
  "endless",
  {},
  { duckdb: "select sum(a.range * b.range) as total from range(10000000) as a, range(10000000) as b" },
  { total: "double" },
);
const quick = table.sql("quick", {}, { duckdb: "select 1 as one" }, { one: "integer" });

test("a step that takes longer than it may is interrupted and says so; the others are done", async () => {
  const definition = platform({
    name: "slow",
    steps: { timeout: "8 seconds" },
    assets: [endless, quick],
    environments: { local: environment({}) },
  });
  const began = performance.now();
  const result = await runPlatform({
    definition,
    environment: environmentOf(definition, "local"),
    directory: temporaryFolder(),
    assets: [],
    signal: new AbortController().signal,
    reporter: silent,
  });
  expect(performance.now() - began).toBeLessThan(60_000);
  expect(result.outcome).toBe("failed");
  const outcomes = Object.fromEntries(result.results.map(({ asset, outcome, detail }) => [asset, { outcome, detail }]));
  expect(outcomes["quick"]?.outcome).toBe("created");
  expect(outcomes["endless"]).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(/endless took longer than 8 s\n {2}at .*timeout\.test\.ts:\d+\n {2}to fix: /),
  });
});

test("a cancelled run interrupts what it computes", async () => {
  const definition = platform({ name: "slow", assets: [endless], environments: { local: environment({}) } });
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(new Error("cancelled by the test")), 1000);
  const result = await runPlatform({
    definition,
    environment: environmentOf(definition, "local"),
    directory: temporaryFolder(),
    assets: [],
    signal: cancel.signal,
    reporter: silent,
  });
  expect(result.outcome).toBe("cancelled");
});
