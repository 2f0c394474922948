import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BindingNode } from "../../src/define/node.ts";
import { sendToTracker, type SendOptions } from "../../src/registry/publish.ts";
import { openRegistry, type Registry } from "../../src/registry/registry.ts";
import { openJournal, type Journal } from "../../src/run/journal.ts";
import type { PublishedModel, TrackedRun, Tracker } from "../../src/systems/roles.ts";
import { registration } from "./registration.ts";

let root: string;
let registry: Registry;
let journal: Journal;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millwright-publish-"));
  registry = openRegistry(join(root, "models"));
  journal = openJournal(join(root, "journal.sqlite"));
});

afterEach(() => {
  registry.close();
  journal.close();
  rmSync(root, { recursive: true, force: true });
});

/** A tracker that remembers what it was told; `fails` says what to do instead. */
function remembering(fails: (what: string) => Promise<void> = async () => undefined) {
  const [runs, models, notes]: [TrackedRun[], PublishedModel[], string[]] = [[], [], []];
  let open = 0;
  const tracker: Pick<Tracker, "record" | "publish" | "close"> = {
    async record(run) {
      await fails(run.id);
      runs.push(run);
    },
    async publish(model) {
      await fails(`${model.model} ${model.version}`);
      models.push(model);
    },
    close: async () => void open--,
  };
  const send = (options: Partial<SendOptions> = {}, url = "http://127.0.0.1:5000"): Promise<void> => {
    const binding: BindingNode = { kind: "binding", system: "remembering", options: { url }, origin: { file: "platform.ts", line: 3 } };
    return sendToTracker({
      environment: { bindings: { tracker: binding } },
      directory: root,
      registry,
      journal,
      run: "run-1",
      models: ["outcome"],
      note: (text) => notes.push(text),
      connect: async () => {
        open++;
        return tracker;
      },
      ...options,
    });
  };
  return { runs, models, notes, send, open: () => open };
}

const ended = "2026-11-22T10:00:00.000Z";
const search = {
  method: "random" as const,
  metric: "auc",
  better: "more" as const,
  seed: 1,
  folds: [],
  trials: [1, 2].map((trial) => ({
    trial,
    round: 1,
    parameters: { leaves: trial },
    share: 1,
    value: 0.7,
    folds: [{ auc: 0.6 }, { auc: 0.8 }],
    histories: [{ loss: [{ step: 7, value: 0.3 }] }, {}],
    seconds: 60,
    ended,
  })),
  best: 1,
  parameters: { leaves: 1 },
};

test("a stand-in tracker gets trainings, trials and versions once, and aliases anew when they have moved", async () => {
  const { description, ...rest } = registration(root, "a");
  registry.register({
    ...rest,
    description: { ...description, search, metrics: { ...description.metrics, history: { loss: [{ step: 3, value: 0.4 }] } } },
  });
  const told = remembering();
  await told.send();
  expect(told.runs.map(({ id, parent, outcome }) => [id, parent, outcome])).toEqual([
    ["run-1-outcome", null, "succeeded"],
    ["run-1-outcome-trial-1-1", "run-1-outcome", "succeeded"],
    ["run-1-outcome-trial-2-1", "run-1-outcome", "succeeded"],
  ]);
  expect(told.runs[0]).toMatchObject({
    experiment: "outcome",
    parameters: { trees: 3, refit: true },
    metrics: { loss: [{ step: 3, value: 0.4 }], auc: [{ step: 0, value: 0.75 }] },
    tags: { "millwright.snapshot.delay_features": "8954597067493422955", "millwright.code": "c1", "millwright.definition": "d1" },
    files: { names: ["metrics.json", "model.onnx", "card.md"] },
  });
  expect(told.runs[1]).toMatchObject({
    started: "2026-11-22T09:59:00.000Z",
    ended,
    parameters: { leaves: 1 },
    metrics: {
      "fold1.loss": [{ step: 7, value: 0.3 }],
      "fold.auc": [
        { step: 1, value: 0.6 },
        { step: 2, value: 0.8 },
      ],
      auc: [{ step: 0, value: 0.7 }],
    },
  });
  expect(told.models).toMatchObject([
    { model: "outcome", version: 1, run: "run-1-outcome", files: ["metrics.json", "model.onnx"], aliases: ["champion"] },
  ]);
  await told.send();
  expect([told.runs.length, told.models.length]).toEqual([3, 1]);
  registry.register(registration(root, "b", { run: "run-2" }));
  await told.send();
  expect(told.runs.map(({ id }) => id).slice(3)).toEqual(["run-2-outcome"]);
  expect(told.models.slice(1).map(({ version, aliases }) => [version, aliases])).toEqual([
    [1, []],
    [2, ["champion"]],
  ]);
  expect(told.open()).toBe(0);
  expect(told.notes).toEqual([]);
  await told.send({}, "http://127.0.0.1:6000"); // another server knows nothing yet
  expect(told.models).toHaveLength(5);
});

test("a stand-in tracker that fails is noted, and the rest goes with the next call, nothing twice", async () => {
  registry.register(registration(root, "a"));
  registry.register(registration(root, "b", { run: "run-2" }));
  let broken = true;
  const told = remembering(async (what) => {
    if (broken && what === "outcome 1") throw new Error("the server is away");
  });
  await told.send();
  expect([told.runs.length, told.models.length]).toEqual([2, 0]);
  expect(told.notes).toEqual(["outcome could not be told to remembering, the next run tries again: the server is away"]);
  expect(journal.events({ type: "tracker.failed" }).map(({ asset, run, body }) => [asset, run, body["reason"]])).toEqual([
    ["outcome", "run-1", "the server is away"],
  ]);
  broken = false;
  await told.send();
  expect([told.runs.length, told.models.length]).toEqual([2, 2]);
  expect(told.open()).toBe(0);
});

test("a stand-in tracker that does not answer holds nothing up", async () => {
  registry.register(registration(root, "a"));
  const told = remembering(() => new Promise(() => undefined));
  await told.send({ patience: 20 });
  expect(told.notes[0]).toContain("no answer within 0.02 s");
});

test("a training that failed is told to the stand-in tracker too", async () => {
  journal.append({ type: "asset.failed", asset: "outcome", run: "run-5", body: { reason: "all rows have one label", seconds: 2 } });
  const told = remembering();
  await told.send();
  expect(told.runs).toMatchObject([{ id: "run-5-outcome", outcome: "failed", tags: { "millwright.reason": "all rows have one label" } }]);
});

test("without a tracker nothing is told", async () => {
  registry.register(registration(root, "a"));
  const told = remembering();
  await told.send({ environment: { bindings: {} } });
  expect([told.runs, journal.events()]).toEqual([[], []]);
});
