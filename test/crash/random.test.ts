import { expect, test } from "vitest";
import { chaosRound, undisturbedRuns } from "./chaos.ts";
import { randomNumbers } from "../../src/random.ts";
import { flightsWorld } from "./world.ts";

test("killed twenty times at random moments, of first runs and of runs after new rows came, everything equals undisturbed runs", async () => {
  await using world = await flightsWorld({ flights: 5000, weather: 1000, shares: [0.9, 1], model: { trees: 5, days: 1 } });
  const undisturbed = await undisturbedRuns(world, 2);
  const random = randomNumbers(20_130_101);
  let kills = 0;
  while (kills < 20) kills += await chaosRound(world, undisturbed, random);
  expect(kills).toBeGreaterThanOrEqual(20);
}, 280_000);
