import { isDeepStrictEqual } from "node:util";
import type { Contents } from "../run/contents.ts";
import type { FlightsEnvironment, World } from "./world.ts";

/** An undisturbed run of each state of the sources: how long each took, in milliseconds, and what stands at the end. */
export async function undisturbedRuns(
  world: World,
  states: number,
): Promise<{ readonly durations: readonly number[]; readonly contents: Contents }> {
  const environment = world.environment();
  const durations: number[] = [];
  for (let state = 0; state < states; state += 1) {
    world.become(state);
    const began = performance.now();
    await environment.complete();
    durations.push(performance.now() - began);
  }
  return { durations, contents: await environment.contents() };
}

/** Runs again and again, killed at a random moment each time, until a run ends by itself; gives the number of kills. Every other kill spares the children. */
export async function killUntilDone(
  environment: FlightsEnvironment,
  duration: number,
  random: () => number,
  onKill: (after: number) => void = () => undefined,
): Promise<number> {
  for (let kills = 0; ;) {
    const run = environment.start();
    const after = random() * duration;
    const sparing = random() < 0.5;
    const timer = setTimeout(() => (sparing ? run.process.kill("SIGKILL") : run.killAll()), after);
    const { code, signal, output } = await run.ended;
    clearTimeout(timer);
    if (code === 0) return kills;
    if (signal !== "SIGKILL") throw new Error(`after ${kills} kills a run ended with ${code ?? signal}: ${output}`);
    kills += 1;
    onKill(after);
  }
}

/** A new environment goes through all states of the sources under kills; gives their number. @throws Error when anything is not as in an undisturbed one. */
export async function chaosRound(
  world: World,
  undisturbed: Awaited<ReturnType<typeof undisturbedRuns>>,
  random: () => number,
  onKill?: (after: number) => void,
): Promise<number> {
  const environment = world.environment();
  let kills = 0;
  for (const [state, duration] of undisturbed.durations.entries()) {
    world.become(state);
    kills += await killUntilDone(environment, duration, random, onKill);
  }
  const faults = [...environment.faults(), ...differences(await environment.contents(), undisturbed.contents)];
  if (faults.length > 0) throw new Error(`after ${kills} kills in ${environment.directory}:\n${faults.join("\n")}`);
  return kills;
}

function differences(found: Contents, wanted: Contents): string[] {
  const parts = ["lake", "warehouse", "models"] as const;
  return parts.flatMap((part) => {
    const names = new Set([...Object.keys(found[part]), ...Object.keys(wanted[part])]);
    return [...names]
      .filter((name) => !isDeepStrictEqual(found[part][name], wanted[part][name]))
      .map((name) => `${part} ${name}: ${found[part][name] ?? "missing"}\n  wanted: ${wanted[part][name] ?? "nothing"}`);
  });
}
