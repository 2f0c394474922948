import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environment } from "../../src/define/environment.ts";
import { platform } from "../../src/define/platform.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { statePaths } from "../../src/run/state.ts";
import { statusOf, type PlatformStatus } from "../../src/run/status.ts";
import { sqlite } from "../../src/systems/sqlite.ts";
import { environmentNamed, openSampleState, samplePlatform, sampleRun, type SampleState } from "../govern/sample.ts";

const definition = samplePlatform();
const local = environmentNamed(definition, "local");
let directory: string;
let state: SampleState;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "status-"));
  state = openSampleState(definition, "local", directory);
  await writeFile(statePaths(directory, "local").warehouse, "");
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const status = (of = definition): PlatformStatus => statusOf({ definition: of, environment: environmentNamed(of, "local"), directory });
const words = ({ assets }: PlatformStatus): Record<string, string> => Object.fromEntries(assets.map((asset) => [asset.name, asset.status]));
const detail = ({ assets }: PlatformStatus, name: string): string | null | undefined => assets.find((asset) => asset.name === name)?.detail;
const allFresh = Object.fromEntries(
  ["flights", "flights_clean", "carrier_month", "warehouse.carrier_month", "planes", "features", "arrival_delay", "delay"].map((name) => [
    name,
    "fresh",
  ]),
);

test("what never ran is missing, and that is no failure", async () => {
  const empty = await mkdtemp(join(tmpdir(), "status-empty-"));
  const result = statusOf({ definition, environment: local, directory: empty });
  await rm(empty, { recursive: true, force: true });
  expect(new Set(result.assets.map((asset) => asset.status))).toEqual(new Set(["missing"]));
  expect(result.assets.map(({ rows, snapshot, seconds }) => [rows, snapshot, seconds])).toEqual(
    result.assets.map(() => [null, null, null]),
  );
  expect(result.healthy).toBe(true);
});

test("after a run everything is fresh, with rows, snapshot as text and seconds, a load being an entry of its own", async () => {
  await sampleRun(state, definition, "run-1");
  const result = status();
  expect(words(result)).toEqual(allFresh);
  expect(result.healthy).toBe(true);
  expect(result.assets[0]).toEqual({
    name: "flights",
    kind: "source",
    status: "fresh",
    rows: 10,
    snapshot: "9007199254741094",
    seconds: 0.5,
    detail: "1 in flights_quarantine",
  });
  expect(result.assets.find(({ name }) => name === "warehouse.carrier_month")).toMatchObject({
    kind: "load",
    rows: 2,
    snapshot: "9007199254741097",
    seconds: 0.1,
  });
  expect(result.assets.find(({ name }) => name === "arrival_delay")).toMatchObject({ kind: "model", rows: 7, snapshot: "1", seconds: 2 });
});

test("a newer input makes what reads it stale, and what reads that", async () => {
  await sampleRun(state, definition, "run-1");
  await state.commit("planes", { snapshot: "77", run: "run-2", columns: { tailnum: "text", seats: "integer" } });
  const result = status();
  expect(words(result)).toEqual({ ...allFresh, features: "stale", arrival_delay: "stale", delay: "stale" });
  expect(detail(result, "features")).toBe("planes has a newer snapshot");
  expect(detail(result, "delay")).toBe("arrival_delay is out of date");
  expect(result.healthy).toBe(true);
});

test("a changed declaration makes the table stale; moving it in the file does not", async () => {
  await sampleRun(state, definition, "run-1");
  const result = status(samplePlatform({ minimumDistance: 2 }));
  expect(detail(result, "flights_clean")).toBe("its declaration changed");
  expect(words(result)).toMatchObject({
    flights: "fresh",
    planes: "fresh",
    flights_clean: "stale",
    carrier_month: "stale",
    "warehouse.carrier_month": "stale",
  });
  expect(words(status(samplePlatform()))).toEqual(allFresh);
});

test("a failure shows with its reason until the step succeeds", async () => {
  await sampleRun(state, definition, "run-1");
  state.journal.append({ type: "run.started", run: "run-2", body: { assets: [] } });
  state.journal.append({ type: "asset.failed", asset: "planes", run: "run-2", body: { reason: "connection refused", seconds: 1 } });
  state.journal.append({ type: "run.finished", run: "run-2", body: { outcome: "failed" } });
  expect(status().assets.find(({ name }) => name === "planes")).toMatchObject({ status: "failed", detail: "connection refused", rows: 4 });
  expect(status().healthy).toBe(false);
  await state.commit("planes", { snapshot: "77", run: "run-3", columns: { tailnum: "text", seats: "integer" } });
  expect(words(status())["planes"]).toBe("fresh");
});

test("a later run that came through without anything to do makes a failure good; one that was cancelled, failed before it or left it out does not", async () => {
  await sampleRun(state, definition, "run-1");
  state.journal.append({ type: "run.started", run: "run-2", body: { assets: [] } });
  state.journal.append({ type: "asset.failed", asset: "flights_clean", run: "run-2", body: { reason: "out of memory" } });
  state.journal.append({ type: "run.finished", run: "run-2", body: { outcome: "failed" } });
  const later = (run: string, assets: string[], outcome: string, failed?: string) => {
    state.journal.append({ type: "run.started", run, body: { assets } });
    if (failed !== undefined) state.journal.append({ type: "asset.failed", asset: failed, run, body: { reason: "gone" } });
    state.journal.append({ type: "run.finished", run, body: { outcome } });
    return words(status())["flights_clean"];
  };
  expect(later("run-3", [], "cancelled")).toBe("failed");
  expect(later("run-4", [], "failed", "flights")).toBe("failed");
  expect(later("run-5", ["planes"], "succeeded")).toBe("failed");
  expect(later("run-6", ["no_longer_declared"], "succeeded")).toBe("failed");
  expect(later("run-7", ["carrier_month"], "succeeded")).toBe("fresh");
});

test("an endpoint alarms until that is resolved", async () => {
  await sampleRun(state, definition, "run-1");
  const body = { alert: "performance", version: "1", by: "labels", because: "measured performance misses its bound" };
  state.journal.append({ type: "alert.raised", asset: "delay", body });
  expect(words(status())["delay"]).toBe("alarming");
  expect(detail(status(), "delay")).toMatch(/^measured performance misses its bound, since 2/);
  expect(status().healthy).toBe(false);
  state.journal.append({ type: "alert.resolved", asset: "delay", body });
  expect(words(status())).toEqual(allFresh);
});

test("an endpoint drifts until it recovers or another version is released", async () => {
  await sampleRun(state, definition, "run-1");
  const detect = () =>
    state.journal.append({
      type: "drift.detected",
      asset: "delay",
      body: { version: "1", limit: 0.2, rows: 500, features: [{ name: "distance", psi: 0.314, ks: 0.2 }] },
    });
  detect();
  expect(words(status())["delay"]).toBe("drifting");
  expect(detail(status(), "delay")).toMatch(/^drifts since .*: distance \(PSI 0\.31\)$/);
  expect(status().healthy).toBe(false);
  state.journal.append({ type: "drift.recovered", asset: "delay", body: { version: "1" } });
  expect(words(status())["delay"]).toBe("fresh");
  detect();
  expect(status().healthy).toBe(false);
  state.journal.append({ type: "drift.recovered", asset: "delay", body: { version: "1", of: "predictions" } });
  expect(words(status())["delay"]).toBe("drifting");
  await sampleRun(state, definition, "run-2", 2);
  expect(words(status())).toEqual(allFresh);
});

test("a model that missed its gate is told, and the endpoint goes on with the accepted one", async () => {
  await sampleRun(state, definition, "run-1");
  const [accepted] = state.journal.events({ type: "model.registered" });
  state.journal.append({ type: "model.rejected", asset: "arrival_delay", body: { ...accepted?.body, version: 2, content: "content-2" } });
  const result = status();
  expect(result.assets.find(({ name }) => name === "arrival_delay")).toMatchObject({
    status: "fresh",
    snapshot: "2",
    detail: "version 2 missed its gate",
  });
  expect(words(result)["delay"]).toBe("fresh");
});

test("a lost warehouse, and a commit by another program, show", async () => {
  await sampleRun(state, definition, "run-1");
  await rm(statePaths(directory, "local").warehouse);
  expect(words(status())).toEqual({ ...allFresh, "warehouse.carrier_month": "missing" });
});

test("a thousand assets take less than 100 ms", async () => {
  const first = source("ops").table("flights", { key: "id", columns: { id: "bigint", carrier: "text" } });
  const tables = Array.from({ length: 999 }, (_, index) =>
    table(`table_${index}`, first)
      .filter((row) => row.id.greaterThan(index))
      .dedupe("id"),
  );
  const many = platform({ name: "many", assets: tables, environments: { local: environment({ ops: sqlite({ file: "ops.sqlite" }) }) } });
  await using manyState = openSampleState(many, "local", directory);
  await manyState.commit("flights", { snapshot: "1", run: "run-1", columns: { id: "bigint", carrier: "text" } });
  for (const { node } of tables)
    await manyState.commit(node.name, {
      snapshot: "2",
      run: "run-1",
      columns: { id: "bigint", carrier: "text" },
      inputs: { flights: "1" },
    });
  const { assets } = status(many);
  expect(assets).toHaveLength(1000);
  expect(assets.every((asset) => asset.status === "fresh")).toBe(true);
}, 30_000);
