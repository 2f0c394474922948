// The main job on all flights, killed at random moments and resumed each time; whenever it has come to its end, tables, models and journal
// are compared with those of undisturbed runs. Takes hours.
import { chaosRound, undisturbedRuns } from "../test/crash/chaos.ts";
import { randomNumbers } from "../src/random.ts";
import { flightsWorld } from "../test/crash/world.ts";

export interface SoakKills {
  readonly kills: string;
  readonly seed: string;
  /** All when absent. */
  readonly flights?: string | undefined;
}

export async function soakKills(values: SoakKills): Promise<void> {
  const wanted = Number(values.kills);
  const random = randomNumbers(Number(values.seed));
  const began = performance.now();
  const minutes = () => `${((performance.now() - began) / 60_000).toFixed(1)} min`;

  const sample = values.flights === undefined ? {} : { flights: Number(values.flights), weather: Math.ceil(Number(values.flights) / 5) };
  await using world = await flightsWorld({
    ...sample,
    shares: [0.8, 0.9, 1],
    model: { trees: 20, days: values.flights === undefined ? 30 : 1 },
  });
  console.log(`sources prepared after ${minutes()}; seed ${values.seed}`);
  const undisturbed = await undisturbedRuns(world, 3);
  console.log(`undisturbed runs took ${undisturbed.durations.map((duration) => `${(duration / 1000).toFixed(1)} s`).join(", ")}`);

  let kills = 0;
  let rounds = 0;
  try {
    while (kills < wanted) {
      let here = 0;
      await chaosRound(world, undisturbed, random, (after) => {
        here += 1;
        console.log(`${minutes()}: kill ${kills + here} after ${(after / 1000).toFixed(2)} s`);
      });
      kills += here;
      rounds += 1;
      console.log(`${minutes()}: round ${rounds} ended after ${here} kills; everything equals undisturbed runs`);
    }
    console.log(
      `${kills} kills in ${rounds} rounds, ${minutes()}: tables, quarantines, warehouse, models and journal were equal every time`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error(`FAILED after ${kills} kills in ${rounds} full rounds; the folder stays at ${world.keep()}`);
    process.exitCode = 1;
  }
}
