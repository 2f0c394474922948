import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { hashes, here, openWorkbench, sgdNode, type Trained, type Workbench } from "./workbench.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 }); // a first run downloads uv and the packages

const steps = 12;
const parameters = { steps, seconds: 0.02 };

let bench: Workbench;
let undisturbed: Trained;
/** The name of the task's folder, the same for the same training. */
let key: string;
beforeAll(async () => {
  bench = await openWorkbench();
  const kept = bench.folder();
  undisturbed = await bench.train(sgdNode(parameters), { kept });
  key = readdirSync(kept)[0] ?? "";
});
afterAll(() => bench.close());

/** Steps at random, rising, each with a place in it: before its checkpoint, in the middle of writing it, after it, after telling of it. */
function randomPlaces(count: number): readonly string[] {
  const places = ["computed", "half saved", "saved", "told"];
  const drawn = Array.from({ length: count }, (_, kill) => 1 + kill * 3 + Math.floor(Math.random() * 3));
  return drawn.map((step) => `${step} ${places[Math.floor(Math.random() * places.length)]}`);
}

/** Asks the script of the next training to wait at a place; what is given resolves to its process when it is there. */
async function holdAt(kept: string, place: string): Promise<() => Promise<number>> {
  const checkpoint = join(kept, key, "checkpoint");
  mkdirSync(checkpoint, { recursive: true });
  writeFileSync(join(checkpoint, "hold"), place);
  rmSync(join(checkpoint, "held"), { force: true });
  return async () => {
    for (;;) {
      const held = existsSync(join(checkpoint, "held")) ? readFileSync(join(checkpoint, "held"), "utf8") : "";
      if (held !== "") return Number(held);
      await sleep(20);
    }
  };
}

function holdNowhere(kept: string): void {
  rmSync(join(kept, key, "checkpoint", "hold"));
}

/** The script's process, as it noted it beside its checkpoint. */
function scriptOf(kept: string): number {
  return Number(readFileSync(join(kept, key, "checkpoint", "process"), "utf8"));
}

test("a script that is killed at random steps goes on from its checkpoint, and comes to the same bytes", async () => {
  const kept = bench.folder();
  const reached: number[] = [];
  const report = ({ done }: { readonly done: number }): void => void reached.push(done);
  for (const place of randomPlaces(4)) {
    const held = await holdAt(kept, place);
    const running = bench.train(sgdNode(parameters), { kept, report });
    running.catch(() => undefined); // it is looked at below
    process.kill(await held(), "SIGKILL");
    await expect(running, place).rejects.toMatchObject({ problem: { code: "python-script", what: expect.stringContaining("SIGKILL") } });
  }
  holdNowhere(kept);
  const trained = await bench.train(sgdNode(parameters), { kept, report });
  expect(hashes(trained)).toEqual(hashes(undisturbed));
  expect(trained.log).toContain("goes on from step");
  // What had a checkpoint was done once.
  expect(reached).toEqual([...new Set(reached)].toSorted((a, b) => a - b));
});

test("when Millwright is killed at random steps the script ends with it, and the next one goes on, to the same bytes", async () => {
  const kept = bench.folder();
  const start = (): ChildProcess =>
    spawn(process.execPath, [join(here, "train-once.ts"), kept, String(parameters.seconds), String(steps)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: bench.folder() }, // what a killed process leaves goes with the rest
    });
  for (const place of randomPlaces(3)) {
    const held = await holdAt(kept, place);
    const child = start();
    const script = await held();
    child.kill("SIGKILL");
    await once(child, "close");
    while (existsSync(`/proc/${script}`)) await sleep(20);
  }
  holdNowhere(kept);
  const child = start();
  if (child.stdout === null) throw new Error("no output");
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) last = line;
  expect(last).toMatch(/^done /);
  // The line that Millwright was about to read went with it: metrics.json may lack one step.
  const { "metrics.json": _, ...wanted } = hashes(undisturbed);
  expect(JSON.parse(last.slice("done ".length))).toMatchObject(wanted);
});

test("a script that still runs when Millwright begins again is waited for, and not started a second time", async () => {
  const kept = bench.folder();
  const dies = bench.train(sgdNode(parameters), {
    kept,
    report: ({ done }) => {
      if (done === 2) throw new Error("Millwright is no more");
    },
  });
  await expect(dies).rejects.toThrow("Millwright is no more"); // and leaves the script to its launcher
  const script = scriptOf(kept);
  const trained = await bench.train(sgdNode(parameters), { kept });
  expect(scriptOf(kept)).toBe(script);
  expect(trained.log).toBe(undisturbed.log);
  expect(hashes(trained)).toEqual(hashes(undisturbed));
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
