import { afterAll, beforeAll, expect, test } from "vitest";
import type { Contents } from "../run/contents.ts";
import { flightsWorld, type World } from "./world.ts";

// A run is killed as by a power cut at every point where something has just become durable, or is just about to;
// the next run goes on from there. All that it leaves must be equal to what an undisturbed run leaves.

let world: World;
let undisturbed: Contents;

beforeAll(async () => {
  world = await flightsWorld({ flights: 5000, weather: 1000, shares: [1], model: { trees: 5, days: 1 } });
  const environment = world.environment();
  await environment.complete();
  undisturbed = await environment.contents();
  expect(environment.faults()).toEqual([]);
}, 120_000);

afterAll(() => world[Symbol.asyncDispose]());

test("an undisturbed run gives tables, quarantines, warehouse tables and a model, and a second one the same", async () => {
  expect(Object.keys(undisturbed.lake)).toEqual([
    "airlines",
    "airports",
    "carrier_month",
    "delay_features",
    "departing",
    "departures",
    "events",
    "events_quarantine",
    "flights",
    "flights_clean",
    "planes",
    "weather",
  ]);
  expect(undisturbed.lake["flights"]).toMatch(/^5000 rows/);
  expect(Object.keys(undisturbed.warehouse)).toEqual(["carrier_month", "flights_clean"]);
  expect(Object.keys(undisturbed.models)).toEqual(["arrival_delay 1"]);
  const environment = world.environment();
  await environment.complete();
  expect(await environment.contents()).toEqual(undisturbed);
});

test.each([
  "rows-staged",
  "rows-staged:5",
  "data-written",
  "data-written:8",
  "position-noted",
  "position-noted:6",
  "catalog-committed",
  "catalog-committed:3",
  "catalog-committed:9",
  "journal-written",
  "journal-written:7",
  "warehouse-loaded",
  "warehouse-loaded:2",
  "model-files",
  "model-registered",
])("killed at %s and resumed, everything equals an undisturbed run", async (crash) => {
  const environment = world.environment();
  const { signal, output } = await environment.start({ crash }).ended;
  expect(signal, output).toBe("SIGKILL");
  await environment.complete();
  expect(await environment.contents()).toEqual(undisturbed);
  expect(environment.faults()).toEqual([]);
});

test.each([
  "catalog-before-metadata:4",
  "catalog-after-metadata:2",
  "catalog-after-metadata:9",
  "catalog-after-commit",
  "catalog-after-commit:6",
])("when the catalog is killed at %s the run fails, and the next one makes everything equal to an undisturbed run", async (crash) => {
  const environment = world.environment();
  const { code, output } = await environment.start({ crash }).ended;
  expect(code, output).toBe(1);
  await environment.complete();
  expect(await environment.contents()).toEqual(undisturbed);
  expect(environment.faults()).toEqual([]);
});
