import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { grid } from "../../../src/index.ts";
import { openProcessLauncher } from "../../../src/systems/process/launcher.ts";
import { gateFigures } from "../../../src/train/accept.ts";
import { pythonTrainer } from "../../../src/train/python/trainer.ts";
import { readTrainingData } from "../../../src/train/read.ts";
import { withParameters } from "../../../src/train/search/check.ts";
import { cutFold, foldsOf } from "../../../src/train/search/folds.ts";
import { here, openWorkbench, sgdNode, type Workbench } from "../python/workbench.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 }); // a first run downloads uv and the packages

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const search = grid({ steps: [1, 5] }, { folds: 2, metric: "logLoss", parallel: 2 });

test("a script's parameters are searched as any trainer's, each fold as it would be trained by hand, and nothing of the trials is left", async () => {
  const node = sgdNode({}, {}, { search });
  const kept = bench.folder();
  const steps: number[] = [];
  const trained = await bench.train(node, { kept, report: ({ done, unit }) => void (unit === "trials" && steps.push(done)) });
  expect(steps).toEqual([0, 1, 2]);
  expect(trained.search?.trials.map(({ parameters }) => parameters)).toEqual([{ steps: 1 }, { steps: 5 }]);
  const [one, five] = trained.search?.trials.map(({ value }) => value ?? Number.NaN) ?? [];
  expect(five).toBeLessThan(one ?? Number.NaN);
  expect(trained.parameters).toEqual({ steps: 5, seed: 1 });
  expect(existsSync(join(trained.directory, "trials", "1-1-1"))).toBe(false);
  expect(
    existsSync(join(kept, "trials"))
      ? readdirSync(join(kept, "trials"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      : [],
  ).toEqual([]);
  expect(JSON.parse(readFileSync(join(trained.directory, "search.json"), "utf8"))).toMatchObject({ best: 2, parameters: { steps: 5 } });

  const data = await readTrainingData(bench.connection, "examples", node);
  const [, second] = foldsOf(node, data, 2);
  if (second === undefined) throw new Error("no second fold");
  const launcher = await openProcessLauncher();
  const { metrics } = await pythonTrainer.train({
    node: withParameters(node, { steps: 1 }),
    data: cutFold(data, second),
    directory: bench.folder(),
    metadata: {},
    threads: 1,
    workshop: { directory: here, kept: bench.folder(), launcher: async () => launcher },
    progress: { report: () => undefined },
    signal: new AbortController().signal,
  });
  await launcher.close();
  expect(trained.search?.trials[0]?.folds[1]).toEqual(gateFigures(metrics));
});

test("a script that fails in a trial ends the search and says in which", async () => {
  const node = sgdNode({}, {}, { search: grid({ fault: ["", "fails"] }, { folds: 1, parallel: 1 }) });
  await expect(bench.train(node)).rejects.toMatchObject({
    problem: { code: "python-script", where: node.origin },
    message: expect.stringMatching(/^trial 2 of the search \(fault fails\): /),
  });
});
