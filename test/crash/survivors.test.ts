import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../run/script.ts";
import { flightsWorld, type World } from "./world.ts";

// A helper that starts another process, as a shell would that runs a server in the background.
const helpers = [`node -e 'setInterval(() => {}, 1000)' & node -e 'console.log("ready"); setInterval(() => {}, 1000)'`];

let world: World;

beforeAll(async () => {
  world = await flightsWorld({ flights: 2000, weather: 400, shares: [1], model: { trees: 2, days: 1 } });
});

afterAll(() => world[Symbol.asyncDispose]());

test("a run has its catalog and its helpers as processes, and none of them when it has ended", async () => {
  const environment = world.environment();
  const run = environment.start({ helpers });
  // The run, the catalog, and a shell, its guard and two programs of the helper.
  expect(await eventually(() => environment.processes().length >= 6, 30)).toBe(true);
  expect((await run.ended).code).toBe(0);
  expect(environment.processes()).toEqual([]);
});

test.each(["rows-staged", "data-written:3", "catalog-committed:5", "model-files"])(
  "no process outlives a run that was killed at %s",
  async (crash) => {
    const environment = world.environment();
    const { signal } = await environment.start({ crash, helpers }).ended;
    expect(signal).toBe("SIGKILL");
    expect(await eventually(() => environment.processes().length === 0, 10), environment.processes().join()).toBe(true);
  },
);

test.each([
  ["SIGTERM", 1],
  ["SIGINT", -1],
] as const)("%s cancels a run: it ends by itself, consistent, and leaves no process", async (signal, sign) => {
  const environment = world.environment();
  const run = environment.start({ helpers });
  expect(await eventually(() => environment.processes().length >= 6, 30)).toBe(true);
  // A terminal sends its Ctrl-C to the whole group.
  process.kill(sign * (run.process.pid ?? 0), signal);
  const { code } = await run.ended;
  expect([0, 1]).toContain(code);
  expect(await eventually(() => environment.processes().length === 0, 10)).toBe(true);
  await environment.complete();
  expect(environment.faults()).toEqual([]);
});
