import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { hashes, here, openWorkbench, sgdNode, type Trained, type Workbench } from "./workbench.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 }); // a first run downloads uv and the packages

const steps = 12;
const parameters = { steps, seconds: 0.05 };

let bench: Workbench;
let undisturbed: Trained;
beforeAll(async () => {
  bench = await openWorkbench();
  undisturbed = await bench.train(sgdNode(parameters));
});
afterAll(() => bench.close());

/** A step that is not the last, so that the kill comes before the end. */
function randomStep(): number {
  return 1 + Math.floor(Math.random() * (steps - 4));
}

/** The script's process, as it noted it beside its checkpoint. */
function scriptOf(kept: string): number | null {
  const [key] = existsSync(kept) ? readdirSync(kept) : [];
  const file = join(kept, key ?? "none", "checkpoint", "process");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : null;
}

test("a script that is killed at random steps goes on from its checkpoint, and comes to the same bytes", async () => {
  const kept = bench.folder();
  const reached: number[] = [];
  for (let kill = 0; kill < 4; kill++) {
    const step = randomStep();
    let killed = false;
    const running = bench.train(sgdNode(parameters), {
      kept,
      report: ({ done }) => {
        reached.push(done);
        const script = scriptOf(kept);
        if (done < step || done > steps - 2 || killed || script === null) return;
        killed = true;
        process.kill(script, "SIGKILL");
      },
    });
    const outcome = await running.then(
      () => "trained",
      (error: unknown) => error,
    );
    if (outcome === "trained") break; // it was beyond the last step at which it may be killed
    expect(outcome).toMatchObject({ problem: { code: "python-script" } });
  }
  const trained = await bench.train(sgdNode(parameters), { kept });
  expect(hashes(trained)).toEqual(hashes(undisturbed));
  expect(trained.log).toContain("goes on from step");
  // Each step that had a checkpoint was done once: a script that began anew would have reported step 1 again.
  expect(reached.filter((done) => done === 1)).toEqual([1]);
});

test("when Millwright is killed at random steps the script ends with it, and the next one goes on, to the same bytes", async () => {
  const kept = bench.folder();
  let last = "";
  let kills = 0;
  while (!last.startsWith("done ")) {
    const kill = kills < 3 ? randomStep() : Number.POSITIVE_INFINITY;
    const child = spawn(process.execPath, [join(here, "train-once.ts"), kept, String(parameters.seconds), String(steps)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: bench.folder() }, // what a killed process leaves goes with the rest
    });
    let killed = false;
    for await (const line of createInterface({ input: child.stdout })) {
      last = line;
      if (killed || !(Number(/^step (\d+)$/.exec(line)?.[1]) >= kill)) continue;
      killed = child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    if (!killed) expect(child.exitCode).toBe(0);
    kills++;
    const script = scriptOf(kept);
    while (script !== null && existsSync(`/proc/${script}`)) await sleep(20);
  }
  expect(JSON.parse(last.slice("done ".length))).toEqual(hashes(undisturbed));
});

test("another seed, other parameters and other rows begin at the beginning", async () => {
  const kept = bench.folder();
  const first = await bench.train(sgdNode({ steps: 2 }), { kept });
  for (const [node, relation] of [
    [sgdNode({ steps: 2 }, { seed: 5 }), "examples"],
    [sgdNode({ steps: 3 }), "examples"],
    [sgdNode({ steps: 2 }), "SELECT * FROM examples WHERE month IS NOT NULL"],
  ] as const) {
    expect((await bench.train(node, { kept, relation })).log).not.toContain("goes on");
  }
  const again = await bench.train(sgdNode({ steps: 2 }), { kept });
  expect(again.log).toContain("goes on from step 2");
  expect(hashes(again)).toEqual(hashes(first));
});
