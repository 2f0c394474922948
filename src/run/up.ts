import { tmpdir } from "node:os";
import { Registry } from "prom-client";
import type { EndpointNode } from "../define/node.ts";
import { driftRuleText } from "../define/quantity.ts";
import { createCostMeter, type CostFigures } from "../monitor/cost.ts";
import { performanceGauges } from "../monitor/performance-gauges.ts";
import { createPredictionLog } from "../monitor/prediction-log.ts";
import { watchDrift, type DriftWatch } from "../monitor/watch.ts";
import { readModelFile } from "../registry/files.ts";
import { championOf } from "../registry/champion.ts";
import { openRegistry, type Registry as ModelRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { openEdge, type Edge } from "../serve/edge.ts";
import { modelSource } from "../serve/release.ts";
import { startInference, type InferenceServer } from "../serve/server.ts";
import { edgeSettings } from "../systems/embedded/settings.ts";
import type { FeatureProfile } from "../train/profile.ts";
import { resolveOptions } from "./bind.ts";
import { startHelpers } from "./helper.ts";
import { openJournal, type Journal } from "./journal.ts";
import { openLakehouse } from "./lakehouse.ts";
import { silent } from "./report.ts";
import { runPlatform } from "./run.ts";
import { startScheduler, type SchedulerOptions } from "./scheduler.ts";
import { appendPredictions } from "./predictions.ts";
import type { Session, SessionOptions } from "./session.ts";
import { followRegistry, servedRepository } from "./served.ts";
import { newRunId } from "./session.ts";
import { statePaths } from "./state.ts";

export interface UpOptions extends Pick<SessionOptions, "definition" | "environment" | "directory" | "signal"> {
  /** Instead of the environment's. */
  readonly host?: string;
  readonly port?: number;
  /** Of gRPC; 0 for a free one. @default no gRPC */
  readonly grpcPort?: number;
  /** Clients may load and unload versions by request. @default false */
  readonly control?: boolean;
  /** Serve other machines even without keys and TLS. @default false */
  readonly insecure?: boolean;
  /** Told of what happens while it serves. */
  note(text: string): void;
  /** Does what is due by a schedule. @default a run in this process; the command line gives it one of its own */
  readonly perform?: SchedulerOptions["perform"];
}

/** Where a running platform can be reached. */
export interface Doors {
  readonly inference: { readonly http: string; /** `host:port`, where gRPC is offered. */ readonly grpc?: string };
  readonly catalog: string;
  /** Opens the catalog; inference has keys of its own. */
  readonly token: string;
}

export interface Up {
  readonly doors: Doors;
  /** Answers what has been asked, stores what was predicted, and ends what was started. */
  stop(): Promise<void>;
}

const championPoll = 2000;

/** A run that is due, beside what is served. */
async function runHere(options: UpOptions, assets: readonly string[], signal: AbortSignal): Promise<void> {
  const { outcome, results } = await runPlatform({ ...options, assets, signal, wait: true, reporter: { ...silent, note: options.note } });
  for (const { asset, outcome: how, detail } of results)
    if (how === "failed" || (how !== "unchanged" && assets.includes(asset)))
      options.note(`${asset} ${how}${detail === null ? "" : `: ${detail}`}`);
  if (outcome === "failed") throw new Error("the run failed");
}

/**
 * Starts what lives long: the catalog as a child process, the endpoints with their prediction log and drift watch, and the scheduler.
 * A new champion is taken over without losing a request.
 */
export async function up(options: UpOptions): Promise<Up> {
  const { definition, environment, directory, note } = options;
  const paths = statePaths(directory, environment.name);
  const endpoints = definition.assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint");
  await using stack = new AsyncDisposableStack();
  const metrics = new Registry();
  const edge = edgeOf(options, metrics);
  stack.defer(() => edge.stop());
  const helpers = await startHelpers(environment, directory, options.signal, note);
  stack.defer(() => helpers.stop());
  const journal = openJournal(paths.journal);
  stack.defer(() => journal.close());
  const registry = openRegistry(paths.models);
  stack.defer(() => registry.close());
  // Other programs may bring tables of their own, into the lake or the system's temporary folder.
  const lakehouse = await openLakehouse({ environment, paths, namespace: definition.name, locations: [tmpdir()] });
  stack.defer(() => lakehouse.close());
  const { catalog, engine } = lakehouse;

  const run = newRunId();
  const watches = new Map<string, DriftWatch>();
  const log = createPredictionLog({
    registry: metrics,
    rules: Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpoint.log])),
    write: (write) => appendPredictions({ engine, paths, namespace: definition.name, run }, write),
    onLoss: ({ endpoint, rows, reason }) => {
      journal.append({ type: "predictions.dropped", asset: endpoint, run, body: { rows, reason } });
      note(`${rows} predictions of ${endpoint} were not stored (${reason})`);
    },
    onFailure: (endpoint, error) =>
      note(`predictions of ${endpoint} could not be stored, trying again: ${error instanceof Error ? error.message : String(error)}`),
  });
  const cost = createCostMeter({
    registry: metrics,
    prices: Object.fromEntries(endpoints.map(({ name, monitor }) => [name, monitor?.processorHour ?? null])),
  });
  stack.defer(() => tellCost(journal, run, cost.figures()));
  performanceGauges(metrics, () => journal.latest("performance.measured"));
  const served = endpoints.map((endpoint) => ({ endpoint, version: championOf(registry, endpoint) }));
  const server = await startInference({
    ...edge.options,
    models: served.map(({ endpoint, version }) => modelSource(endpoint.name, version)),
    ...(options.grpcPort === undefined ? {} : { grpcPort: options.grpcPort }),
    ...(options.control === true ? { repository: servedRepository(registry, endpoints) } : {}),
    onPrediction(batch) {
      log.add(batch);
      cost.add(batch.endpoint, batch.rows);
      watches.get(batch.endpoint)?.add(batch);
    },
  });
  // The server stops first, so that the log sees the last predictions; deferred work runs in reverse.
  stack.defer(() => log.stop());
  stack.defer(() => server.stop());
  for (const { endpoint, version } of served) {
    if (endpoint.drift === null) continue;
    const watch = watchDrift({
      endpoint: endpoint.name,
      version: String(version.version),
      profile: await profileOf(version),
      rule: endpoint.drift,
      registry: metrics,
      onDrift: (event) => tellDrift(journal, run, event, note),
    });
    watches.set(endpoint.name, watch);
    stack.defer(() => {
      watch.evaluate();
      watch.stop();
    });
  }
  const poll = setInterval(() => {
    followChampions({ registry, server, watches, endpoints, note }).catch((error: unknown) =>
      note(`could not take over a new version: ${error instanceof Error ? error.message : String(error)}`),
    );
  }, championPoll);
  stack.defer(() => clearInterval(poll));

  const scheduler = startScheduler({
    definition,
    journal,
    note,
    perform: options.perform ?? ((assets, signal) => runHere(options, assets, signal)),
  });
  stack.defer(() => scheduler.stop());

  const owned = stack.move();
  return {
    doors: {
      inference: { http: server.url, ...(server.grpc === null ? {} : { grpc: server.grpc }) },
      catalog: catalog.url,
      token: catalog.token,
    },
    stop: () => owned.disposeAsync(),
  };
}

/** What the environment says of its embedded server; before anything is started, because a fault of it is the user's. */
function edgeOf({ definition, environment, directory, host, port, insecure = false }: UpOptions, registry: Registry): Edge {
  const binding = environment.bindings["server"];
  const own = binding?.system === "embedded" ? binding : null;
  const settings = edgeSettings(own === null ? {} : resolveOptions(own), directory);
  return openEdge(
    { ...settings, host: host ?? settings.host, port: port ?? settings.port },
    { service: definition.name, registry, insecure, ...(own === null ? {} : { where: own.origin }) },
  );
}

async function followChampions(up: {
  readonly registry: ModelRegistry;
  readonly server: InferenceServer;
  readonly watches: ReadonlyMap<string, DriftWatch>;
  readonly endpoints: readonly EndpointNode[];
  note(text: string): void;
}): Promise<void> {
  for (const endpoint of up.endpoints) {
    const version = championOf(up.registry, endpoint);
    if (!(await followRegistry(up.registry, up.server, endpoint, version))) continue;
    up.watches.get(endpoint.name)?.replace(String(version.version), await profileOf(version));
    up.note(`${endpoint.name} now serves ${endpoint.model} version ${version.version}`);
  }
}

async function profileOf(version: ModelVersion): Promise<FeatureProfile> {
  const profile: FeatureProfile = JSON.parse((await readModelFile(version, "profile.json")).toString("utf8"));
  return profile;
}

function tellDrift(
  journal: Journal,
  run: Session["run"],
  { kind, endpoint, version, rule, report }: Parameters<Parameters<typeof watchDrift>[0]["onDrift"]>[0],
  note: (text: string) => void,
): void {
  const over = report.features.filter((feature) => feature.over).map(({ name, psi, ks }) => ({ name, psi, ks }));
  journal.append({
    type: kind === "drift" ? "drift.detected" : "drift.recovered",
    asset: endpoint,
    run,
    body: { version, limit: driftRuleText(rule), rows: report.rows, features: over },
  });
  note(
    kind === "drift"
      ? `${endpoint} drifts: ${over.map(({ name, psi }) => `${name} (PSI ${psi.toFixed(2)})`).join(", ")}`
      : `${endpoint} is back within its limit`,
  );
}

/** What the inferences of this serving took, once it ends; nothing where there were none. */
function tellCost(journal: Journal, run: Session["run"], { inferences, cpuSecondsPerThousand, dollarsPerThousand }: CostFigures): void {
  for (const [asset, dollars] of Object.entries(inferences === 0 ? {} : dollarsPerThousand))
    journal.append({ type: "inference.costed", asset, run, body: { inferences, cpuSecondsPerThousand, dollarsPerThousand: dollars } });
}
