import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BindingNode } from "../../src/define/node.ts";
import { MillwrightError } from "../../src/error.ts";
import { connectRole, resolveOptions } from "../../src/run/bind.ts";
import type { PublishedModel, TrackedRun, Tracker } from "../../src/systems/roles.ts";
import { smallModel } from "../serve/model.ts";

export interface TrackerUnderTest {
  /** As the platform's file binds it; relative paths begin at `directory`. */
  readonly binding: BindingNode;
  readonly directory: string;
  /** A run as the system's own program has it; null when it has none of that name. With how many of that name there are. */
  run(experiment: string, name: string): Promise<SeenRun | null>;
  /** A version as the system's own program has it, by an alias. */
  model(name: string, alias: string): Promise<SeenModel | null>;
  stop(): Promise<void>;
}

export interface SeenRun {
  readonly count: number;
  readonly parameters: Readonly<Record<string, string>>;
  /** The last value of each; null for what is no number. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly outcome: string;
}

export interface SeenModel {
  /** How many versions there are. */
  readonly count: number;
  readonly version: string;
  readonly sha256: string;
}

/** Where a contract's further tests get at what is tested. */
export interface Tracked {
  readonly directory: string;
  readonly tracker: Tracker;
}

/** A training as `record` takes it. */
export function trackedRun(directory: string, changes: Partial<TrackedRun> = {}): TrackedRun {
  const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
  return {
    id: "run-1/delay",
    experiment: "delay",
    name: "delay of run-1",
    parent: null,
    outcome: "succeeded",
    started: at(0),
    ended: at(30),
    parameters: { trees: 300, learningRate: 0.05, refit: true, loss: "log loss" },
    metrics: {
      auc: [{ step: 0, value: 0.75, time: at(30) }],
      validation_loss: [0.7, 0.6, 0.55].map((value, step) => ({ step, value, time: at(10 + step) })),
    },
    tags: { "snapshot.delay_features": "8954597067493422955", code: "c0ffee", "millwright.environment": "local" },
    files: { directory, names: ["model.onnx", "metrics.json"] },
    ...changes,
  };
}

export function publishedModel(directory: string, changes: Partial<PublishedModel> = {}): PublishedModel {
  return {
    model: "delay",
    version: 1,
    run: "run-1/delay",
    directory,
    files: ["model.onnx", "metrics.json"],
    description: "the probability that a flight is late",
    tags: { "snapshot.delay_features": "8954597067493422955" },
    aliases: ["champion"],
    ...changes,
  };
}

/** The suite that every system of the role tracker passes. `more` are what must hold of one besides. */
export function trackerContract(contract: {
  readonly name: string;
  start(): Promise<TrackerUnderTest>;
  readonly more?: (tracked: () => Tracked & { readonly under: TrackerUnderTest }) => void;
}): void {
  describe(`${contract.name} as the tracker`, () => {
    let under: TrackerUnderTest;
    let tracker: Tracker;
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "millwright-tracked-"));
      await writeFile(join(directory, "model.onnx"), smallModel());
      await writeFile(join(directory, "metrics.json"), '{"auc": 0.75}\n');
      under = await contract.start();
      const connect = connectRole(under.binding, "tracker", (roles) => roles.tracker);
      tracker = await connect(resolveOptions(under.binding), { directory: under.directory });
    });
    afterAll(async () => {
      await tracker?.close();
      await under?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    test("a recorded run is seen with its parameters, figures and outcome; recorded twice, it is there once", async () => {
      const run = trackedRun(directory);
      await tracker.record({ ...run, outcome: "running", ended: null, metrics: {}, files: null });
      await tracker.record(run);
      await tracker.record(run);
      const seen = await under.run("delay", run.name);
      expect(seen).toMatchObject({ count: 1, outcome: "succeeded", metrics: { auc: 0.75, validation_loss: 0.55 } });
      expect(seen?.parameters).toMatchObject({ trees: "300", learningRate: "0.05", refit: "true", loss: "log loss" });
    });

    test("a run recorded anew with other figures replaces what was recorded", async () => {
      const run = trackedRun(directory, { id: "run-2/delay", name: "delay of run-2", outcome: "failed" });
      await tracker.record({ ...run, parameters: { trees: 10 } });
      const again = trackedRun(directory, {
        ...run,
        parameters: { trees: 20 },
        metrics: { auc: [{ step: 0, value: 0.8, time: run.started }] },
      });
      await tracker.record(again);
      const seen = await under.run("delay", run.name);
      expect(seen).toMatchObject({ count: 1, outcome: "failed", metrics: { auc: 0.8 } });
      expect(seen?.parameters).toEqual({ trees: "20" });
    });

    test("a published version is found by its alias; published twice, it is there once", async () => {
      await tracker.publish(publishedModel(directory));
      await tracker.publish(publishedModel(directory));
      const seen = await under.model("delay", "champion");
      expect(seen?.count).toBe(1);
      await expect(tracker.resolve("delay", "champion")).resolves.toBe(seen?.version);
    });

    test("an alias moves with the version that it names, and goes when it names none", async () => {
      const second = await mkdtemp(join(directory, "second-"));
      await writeFile(join(second, "model.onnx"), smallModel({ bias: 1 }));
      await tracker.publish(publishedModel(second, { version: 2, run: "run-2/delay", files: ["model.onnx"], aliases: ["challenger"] }));
      const challenger = await tracker.resolve("delay", "challenger");
      await expect(tracker.resolve("delay", "champion")).resolves.not.toBe(challenger);
      await tracker.publish(publishedModel(second, { version: 2, run: "run-2/delay", files: ["model.onnx"], aliases: ["champion"] }));
      await tracker.publish(publishedModel(directory, { aliases: [] }));
      await expect(tracker.resolve("delay", "champion")).resolves.toBe(challenger);
      await expect(tracker.resolve("delay", "challenger")).rejects.toThrow(MillwrightError);
    });

    test("a version comes here by alias and by number with the bytes that were published", async () => {
      const here = await mkdtemp(join(directory, "here-"));
      const { file, version } = await tracker.fetch("delay", "champion", here);
      expect(Buffer.compare(await readFile(join(here, file)), smallModel({ bias: 1 }))).toBe(0);
      await expect(tracker.fetch("delay", version, await mkdtemp(join(directory, "here-")))).resolves.toEqual({ file, version });
      await expect(tracker.resolve("delay", "987654")).rejects.toThrow(/987654/);
      await expect(tracker.resolve("nobody", "champion")).rejects.toThrow(/nobody/);
    });

    contract.more?.(() => ({ directory, tracker, under }));
  });
}
