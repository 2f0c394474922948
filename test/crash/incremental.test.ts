import { afterAll, beforeAll, expect, test } from "vitest";
import { flightsWorld, type FlightsEnvironment, type World } from "./world.ts";

// The sources grow from state to state; in one environment each run is killed once and resumed, in the other none is.

const points = [
  "rows-staged:2",
  "data-written",
  "position-noted:2",
  "catalog-committed:3",
  "journal-written:2",
  "warehouse-loaded",
  "model-registered",
];

let world: World;
let disturbed: FlightsEnvironment;
let undisturbed: FlightsEnvironment;

beforeAll(async () => {
  world = await flightsWorld({
    flights: 5000,
    weather: 1000,
    shares: [0.65, ...points.map((_, index) => 0.7 + 0.05 * index)],
    model: { trees: 2, days: 1 },
  });
  [disturbed, undisturbed] = [world.environment(), world.environment()];
  await disturbed.complete();
  await undisturbed.complete();
}, 240_000);

afterAll(() => world[Symbol.asyncDispose]());

test.each(points.map((crash, index) => [crash, index + 1] as const))(
  "after new rows, killed at %s and resumed, everything equals undisturbed runs",
  async (crash, state) => {
    world.become(state);
    const { signal, output } = await disturbed.start({ crash }).ended;
    expect(signal, output).toBe("SIGKILL");
    await disturbed.complete();
    await undisturbed.complete();
    expect(await disturbed.contents()).toEqual(await undisturbed.contents());
    expect(disturbed.faults()).toEqual([]);
  },
);
