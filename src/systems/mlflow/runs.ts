import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { contentHash } from "../../define/canonical.ts";
import { MillwrightError } from "../../error.ts";
import type { JsonObject } from "../../extract/json.ts";
import { isObject } from "../../extract/json.ts";
import type { TrackedRun } from "../roles.ts";
import { proxyPath } from "./artifacts.ts";
import { objectsOf, type Client } from "./client.ts";

/** A run as MLflow has it. */
export interface MlflowRun {
  readonly id: string;
  /** `mlflow-artifacts:/1/abc/artifacts`. */
  readonly artifacts: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Our own words on a run: its id, and a hash of all that was recorded, set last. */
const tagOfId = "millwright.run";
const tagOfContent = "millwright.recorded";

const statusOf = { running: "RUNNING", succeeded: "FINISHED", failed: "FAILED", cancelled: "KILLED" } as const;

/** Signs that a parameter or tag may have: MLflow refuses longer ones. */
const longest = 5000;

/** What one request may hold, of 1,000 in all. */
const limits = { metrics: 800, parameters: 100, tags: 100 };

/** Records a run, with its parent before it. What MLflow holds of an earlier recording that is no longer true goes to its recycle bin. */
export async function recordRun(client: Client, experiment: string, run: TrackedRun): Promise<void> {
  const experimentId = await experimentOf(client, experiment);
  const content = contentHash({ ...run, files: run.files === null ? null : await hashesOf(run.files) });
  const known = await findRun(client, experimentId, run.id);
  if (known?.tags[tagOfContent] === content) return;
  const kept = known !== null && (await isPart(client, known, run)) ? known : null;
  if (known !== null && kept === null) await client.call("POST", "runs/delete", { run_id: known.id });
  const parent = run.parent === null ? null : await runOf(client, experimentId, run.parent, Date.parse(run.started));
  const target = kept ?? (await createRun(client, experimentId, run.id, run.name, Date.parse(run.started)));
  const tags = {
    ...run.tags,
    "mlflow.source.name": "millwright",
    "mlflow.source.type": "JOB",
    ...(parent === null ? {} : { "mlflow.parentRunId": parent.id }),
  };
  const metrics = Object.entries(run.metrics).flatMap(([name, points]) =>
    points.map(({ step, value, time }) => ({ key: nameOf(name), step, value: numberText(value), timestamp: Date.parse(time) })),
  );
  await logBatches(client, target.id, { params: pairs(run.parameters), tags: pairs(tags), metrics });
  for (const name of run.files?.names ?? [])
    await client.upload(`${proxyPath(target.artifacts)}/${name}`, { file: join(run.files?.directory ?? "", name) });
  await client.call("POST", "runs/update", {
    run_id: target.id,
    run_name: run.name,
    status: statusOf[run.outcome],
    ...(run.ended === null ? {} : { end_time: Date.parse(run.ended) }),
  });
  await client.call("POST", "runs/set-tag", { run_id: target.id, key: tagOfContent, value: content });
}

/** The run of that id of ours, made empty when MLflow has none yet: its recording may come later. */
export async function runOf(client: Client, experimentId: string, id: string, started: number): Promise<MlflowRun> {
  return (await findRun(client, experimentId, id)) ?? createRun(client, experimentId, id, id, started);
}

/** The experiment's id; it is made when there is none. */
export async function experimentOf(client: Client, name: string): Promise<string> {
  const find = async (): Promise<JsonObject | null> => {
    const found = await client.find("GET", "experiments/get-by-name", { experiment_name: name });
    return found !== null && isObject(found["experiment"]) ? found["experiment"] : null;
  };
  const found = await find();
  if (found !== null && found["lifecycle_stage"] === "deleted")
    throw new MillwrightError({
      code: "tracker-refused",
      what: `the experiment '${name}' was deleted in MLflow`,
      fix: `restore it (mlflow experiments restore --experiment-id ${String(found["experiment_id"])}), or choose another experimentPrefix`,
    });
  if (found !== null) return String(found["experiment_id"]);
  const created = await client.create("experiments/create", { name });
  const id = created?.["experiment_id"] ?? (await find())?.["experiment_id"];
  return String(id);
}

async function findRun(client: Client, experimentId: string, id: string): Promise<MlflowRun | null> {
  const { runs } = await client.call("POST", "runs/search", {
    experiment_ids: [experimentId],
    filter: `tags.\`${tagOfId}\` = '${id.replaceAll("'", "\\'")}'`,
    order_by: ["attributes.start_time ASC"],
    max_results: 1,
  });
  const [first] = objectsOf(runs);
  return first === undefined ? null : readRun(first);
}

async function createRun(client: Client, experimentId: string, id: string, name: string, started: number): Promise<MlflowRun> {
  const created = await client.create("runs/create", {
    experiment_id: experimentId,
    start_time: started,
    run_name: name,
    tags: [{ key: tagOfId, value: id }],
  });
  return readRun(isObject(created?.["run"]) ? created["run"] : {});
}

function readRun(run: JsonObject): MlflowRun {
  const part = (of: unknown, name: string): unknown => (isObject(of) ? of[name] : undefined);
  const record = (list: unknown): Record<string, string> =>
    Object.fromEntries(objectsOf(list).map(({ key, value }) => [String(key), String(value)]));
  const { info, data } = run;
  return {
    id: String(part(info, "run_id")),
    artifacts: String(part(info, "artifact_uri")),
    parameters: record(part(data, "params")),
    metrics: objectsOf(part(data, "metrics")).map(({ key }) => String(key)),
    tags: record(part(data, "tags")),
  };
}

/** Whether all that MLflow holds of a run is still true: it can add to parameters and points, and take none back. */
async function isPart(client: Client, known: MlflowRun, run: TrackedRun): Promise<boolean> {
  const parameters = new Map(pairs(run.parameters).map(({ key, value }) => [key, value]));
  if (Object.entries(known.parameters).some(([name, value]) => parameters.get(name) !== value)) return false;
  const ours = new Map(Object.entries(run.metrics).map(([name, points]) => [nameOf(name), points]));
  for (const metric of known.metrics) {
    const points = new Set((ours.get(metric) ?? []).map(({ step, value, time }) => `${step} ${value} ${Date.parse(time)}`));
    for (let token = ""; ;) {
      const page = await client.call("GET", "metrics/get-history", {
        run_id: known.id,
        metric_key: metric,
        max_results: 1000,
        ...(token === "" ? {} : { page_token: token }),
      });
      const told = objectsOf(page["metrics"]).map(
        ({ step, value, timestamp }) => `${String(step ?? 0)} ${String(Number(value))} ${String(timestamp)}`,
      );
      if (told.some((point) => !points.has(point))) return false;
      token = typeof page["next_page_token"] === "string" ? page["next_page_token"] : "";
      if (token === "") break;
    }
  }
  return true;
}

async function logBatches(
  client: Client,
  id: string,
  { params, tags, metrics }: { readonly params: readonly object[]; readonly tags: readonly object[]; readonly metrics: readonly object[] },
): Promise<void> {
  const requests = Math.max(
    Math.ceil(metrics.length / limits.metrics),
    Math.ceil(params.length / limits.parameters),
    Math.ceil(tags.length / limits.tags),
  );
  const slice = (list: readonly object[], size: number, index: number): readonly object[] => list.slice(index * size, (index + 1) * size);
  for (let index = 0; index < requests; index++) {
    await client.call("POST", "runs/log-batch", {
      run_id: id,
      params: slice(params, limits.parameters, index),
      tags: slice(tags, limits.tags, index),
      metrics: slice(metrics, limits.metrics, index),
    });
  }
}

function pairs(record: Readonly<Record<string, number | string | boolean>>): { readonly key: string; readonly value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key: nameOf(key), value: shortened(String(value)) }));
}

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 20)} ... (shortened)`;
}

/** MLflow allows letters, digits and `_-. :/` in names; every other sign becomes `_`. */
function nameOf(name: string): string {
  return name.replaceAll(/[^\w\-. :/]/g, "_");
}

/** As MLflow's JSON has numbers: those that JSON cannot say are texts. */
function numberText(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

async function hashesOf({ directory, names }: { readonly directory: string; readonly names: readonly string[] }): Promise<object> {
  const hashes: Record<string, string> = {};
  for (const name of names) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(directory, name)), hash);
    hashes[name] = hash.digest("hex");
  }
  return hashes;
}
