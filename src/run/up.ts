import { tmpdir } from "node:os";
import { Registry } from "prom-client";
import type { EndpointNode } from "../define/node.ts";
import { openRegistry } from "../registry/registry.ts";
import { openEdge, type Edge } from "../serve/edge.ts";
import { openHeads } from "../lake/catalog/heads.ts";
import { edgeSettings } from "../systems/embedded/settings.ts";
import { resolveOptions } from "./bind.ts";
import { startHelpers } from "./helper.ts";
import { openJournal } from "./journal.ts";
import { openLakehouse } from "./lakehouse.ts";
import { boundServer } from "./model-server.ts";
import { silent } from "./report.ts";
import { retrainDue } from "./retrain.ts";
import { runGauges } from "./run-gauges.ts";
import { runPlatform } from "./run.ts";
import { startScheduler, type SchedulerOptions } from "./scheduler.ts";
import { newRunId, type SessionOptions } from "./session.ts";
import { statePaths } from "./state.ts";
import { serveThere } from "./up-bound.ts";
import { serveHere } from "./up-embedded.ts";

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
  /** How often it sees whether something is due, or new. @default 10 */
  readonly everySeconds?: number;
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

/** A run that is due, beside what is served. */
async function runHere(options: UpOptions, assets: readonly string[], signal: AbortSignal): Promise<void> {
  const { outcome, results } = await runPlatform({ ...options, assets, signal, wait: true, reporter: { ...silent, note: options.note } });
  for (const { asset, outcome: how, detail } of results)
    if (how === "failed" || (how !== "unchanged" && assets.includes(asset)))
      options.note(`${asset} ${how}${detail === null ? "" : `: ${detail}`}`);
  if (outcome === "failed") throw new Error("the run failed");
}

/**
 * Starts what lives long: the catalog as a child process, the endpoints (in this process, or the router before the server that the
 * environment binds), and the scheduler.
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
  const heads = openHeads(paths.state, definition.name);
  stack.defer(() => heads.close());
  runGauges(metrics, { definition, journal, heads });

  const context = {
    definition,
    environment,
    directory,
    endpoints,
    edge,
    metrics,
    registry,
    journal,
    paths,
    engine,
    note,
    grpcPort: options.grpcPort,
    control: options.control === true,
    everySeconds: options.everySeconds ?? null,
  };
  const binding = boundServer(environment);
  const serving = await (binding === null ? serveHere(context) : serveThere(context, binding));
  stack.defer(() => serving.stop());

  const perform = options.perform ?? ((assets: readonly string[], signal: AbortSignal) => runHere(options, assets, signal));
  const retraining = { definition, journal, registry, metrics, run: newRunId(), perform, note };
  const scheduler = startScheduler({
    definition,
    journal,
    note,
    perform,
    ...(definition.assets.some((asset) => asset.kind === "model" && asset.retrain !== null)
      ? { also: (signal: AbortSignal) => retrainDue(retraining, signal) }
      : {}),
    ...(options.everySeconds === undefined ? {} : { interval: options.everySeconds * 1000 }),
  });
  stack.defer(() => scheduler.stop());

  const owned = stack.move();
  const { http, grpc } = serving;
  return {
    doors: { inference: { http, ...(grpc === undefined ? {} : { grpc }) }, catalog: catalog.url, token: catalog.token },
    stop: () => owned.disposeAsync(),
  };
}

/** What the environment says of its embedded server; before anything is started, because a fault of it is the user's. */
function edgeOf({ definition, environment, directory, host, port, insecure = false }: UpOptions, registry: Registry): Edge {
  const binding = environment.bindings["server"];
  const own = binding?.system === "embedded" ? binding : null;
  const settings = edgeSettings(own === null ? {} : resolveOptions(own), directory);
  const edge = openEdge(
    { ...settings, host: host ?? settings.host, port: port ?? settings.port },
    { service: definition.name, registry, insecure, ...(own === null ? {} : { where: own.origin }) },
  );
  const latencyBounds = definition.requirements.flatMap(({ name, value }) =>
    name.startsWith("latency.") && typeof value === "number" ? [value] : [],
  );
  return { ...edge, options: { ...edge.options, latencyBounds } };
}
