import { setTimeout as sleep } from "node:timers/promises";
import { contentHash } from "../define/canonical.ts";
import type { BindingNode, EnvironmentNode } from "../define/node.ts";
import { connectRole, resolveOptions } from "../run/bind.ts";
import type { Journal } from "../run/journal.ts";
import type { Tracker } from "../systems/roles.ts";
import type { Session } from "../run/session.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { failedRun, publishedModel, trackedRuns } from "./tracked.ts";

/** What a tracker is told with. */
type Teller = Pick<Tracker, "record" | "publish" | "close">;

export interface SendOptions {
  readonly environment: Pick<EnvironmentNode, "bindings">;
  /** The platform file's folder. */
  readonly directory: string;
  readonly registry: Registry;
  readonly journal: Journal;
  /** Null where no run sends. */
  readonly run: string | null;
  readonly models: readonly string[];
  note(text: string): void;
  /** How long the tracker may take for one thing, in milliseconds. @default two minutes */
  readonly patience?: number;
  /** @default the tracker that the environment binds */
  readonly connect?: () => Promise<Teller>;
}

/** Something for the tracker, and what it says: sent anew when that has changed. */
interface Item {
  readonly item: string;
  readonly state: string;
  send(tracker: Teller): Promise<void>;
}

/**
 * Sends to the tracker that an environment binds, if it binds one, what it does not have yet: trainings, trials, versions and where
 * their aliases point. The journal keeps what was sent, so that nothing goes twice; what fails is noted there and goes with the next
 * call. Never throws: what was trained stands whether a tracker knows it or not.
 */
export async function sendToTracker(options: SendOptions): Promise<void> {
  const binding = options.environment.bindings["tracker"];
  if (binding === undefined) return;
  const { journal, run, note } = options;
  const place = { tracker: binding.system, place: contentHash({ system: binding.system, options: binding.options }) };
  const append = (type: "tracker.recorded" | "tracker.failed", model: string, body: object): void =>
    journal.append({ type, asset: model, ...(run === null ? {} : { run }), body: { ...place, ...body } });
  for (const model of options.models) {
    const sent = new Map(
      journal
        .events({ type: "tracker.recorded", asset: model })
        .filter(({ body }) => body["place"] === place.place)
        .map(({ body }) => [body["item"], body["state"]]),
    );
    const due = itemsOf(options, model).filter(({ item, state }) => sent.get(item) !== state);
    if (due.length === 0) continue;
    try {
      await withTracker(binding, options, async (tracker) => {
        for (const { item, state, send } of due) {
          await inTime(send(tracker), options.patience ?? 120_000);
          append("tracker.recorded", model, { item, state });
        }
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      append("tracker.failed", model, { reason });
      note(`${model} could not be told to ${binding.system}, the next run tries again: ${reason}`);
      return;
    }
  }
}

/** The same within a run, when a model's step is done. */
export async function sendModel(session: Session, model: string): Promise<void> {
  const registry = openRegistry(session.paths.models);
  try {
    const { environment, journal, run, paths, reporter } = session;
    await sendToTracker({
      environment,
      directory: paths.directory,
      registry,
      journal,
      run,
      models: [model],
      note: (text) => reporter.note(text),
    });
  } finally {
    registry.close();
  }
}

async function withTracker(binding: BindingNode, options: SendOptions, work: (tracker: Teller) => Promise<void>): Promise<void> {
  const connect = options.connect ?? (() => connectBound(binding, options.directory));
  const tracker = await connect();
  try {
    await work(tracker);
  } finally {
    await tracker.close();
  }
}

function connectBound(binding: BindingNode, directory: string): Promise<Teller> {
  return connectRole(binding, "tracker", (roles) => roles.tracker)(resolveOptions(binding), { directory });
}

/** Everything of a model in the order in which a tracker takes it: trainings before what they made. */
function itemsOf({ registry, journal }: SendOptions, model: string): Item[] {
  // What came from a tracker does not go back.
  const versions = registry.list(model).filter(({ description }) => description.imported == null);
  const failed = journal.events({ type: "asset.failed", asset: model }).flatMap((event) => failedRun(event) ?? []);
  const trainings = [...failed, ...versions.flatMap(trackedRuns)].map((run): Item => ({
    item: `run ${run.id}`,
    // Where the folder lies is no part of what is said.
    state: contentHash({ ...run, files: run.files?.names ?? null }),
    send: (tracker) => tracker.record(run),
  }));
  const published = versions.map((version): Item => {
    const said = publishedModel(version);
    return {
      item: `version ${version.version}`,
      state: contentHash({ ...said, directory: null }),
      send: (tracker) => tracker.publish(said),
    };
  });
  return [...trainings, ...published];
}

async function inTime(work: Promise<void>, milliseconds: number): Promise<void> {
  const clock = new AbortController();
  try {
    await Promise.race([
      work,
      sleep(milliseconds, null, { signal: clock.signal }).then(() =>
        Promise.reject(new Error(`no answer within ${milliseconds / 1000} s`)),
      ),
    ]);
  } finally {
    clock.abort();
  }
}
