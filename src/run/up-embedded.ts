import type { EndpointNode } from "../define/node.ts";
import { createCostMeter, type CostFigures } from "../monitor/cost.ts";
import { createPredictionLog } from "../monitor/prediction-log.ts";
import { championOf } from "../registry/champion.ts";
import { divisionOf } from "../serve/division.ts";
import { modelSource } from "../serve/release.ts";
import { startInference, type InferenceServer } from "../serve/server.ts";
import type { Journal } from "./journal.ts";
import { appendPredictions } from "./predictions.ts";
import { followRegistry, servedRepository } from "./served.ts";
import { newRunId } from "./session.ts";
import type { Serving, ServingContext } from "./serving.ts";
import { startMonitoring, type Monitoring } from "./up-monitoring.ts";

const poll = 2000;

/**
 * Serves the endpoints in this process, with their prediction log, watched by their monitoring. A new champion, and another division of the requests, are
 * taken over without losing a request.
 */
export async function serveHere(context: ServingContext): Promise<Serving> {
  const { definition, edge, metrics, endpoints, registry, journal, paths, engine, note } = context;
  await using stack = new AsyncDisposableStack();
  const run = newRunId();
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
  const served = endpoints.map((endpoint) => ({ endpoint, version: championOf(registry, endpoint) }));
  const monitoring = await startMonitoring({ ...context, state: paths.state, served, run });
  stack.defer(() => monitoring.stop());
  const server = await startInference({
    ...edge.options,
    models: served.map(({ endpoint, version }) => modelSource(endpoint.name, version)),
    ...(context.grpcPort === undefined ? {} : { grpcPort: context.grpcPort }),
    ...(context.control ? { repository: servedRepository(registry, endpoints) } : {}),
    onPrediction(batch) {
      log.add(batch);
      cost.add(batch.endpoint, batch.rows);
      monitoring.add(batch);
    },
  });
  // The server stops first, so that the log sees the last predictions; deferred work runs in reverse.
  stack.defer(() => log.stop());
  stack.defer(() => server.stop());
  const follow = async (): Promise<void> => {
    for (const endpoint of endpoints) await followEndpoint(context, server, monitoring, endpoint);
  };
  const told = (error: unknown): void =>
    note(`could not take over a new version: ${error instanceof Error ? error.message : String(error)}`);
  // Before anybody is told where it is: what else has a part of the requests.
  await follow().catch(told);
  const timer = setInterval(() => void follow().catch(told), poll);
  stack.defer(() => clearInterval(timer));

  const owned = stack.move();
  return { http: server.url, ...(server.grpc === null ? {} : { grpc: server.grpc }), stop: () => owned.disposeAsync() };
}

async function followEndpoint(
  { registry, journal, note }: ServingContext,
  server: InferenceServer,
  monitoring: Monitoring,
  endpoint: EndpointNode,
): Promise<void> {
  const version = championOf(registry, endpoint);
  const division = divisionOf(journal, endpoint.name, version.version);
  if (!(await followRegistry(registry, server, endpoint, version, division))) return;
  await monitoring.replace(endpoint.name, version);
  note(`${endpoint.name} now serves ${endpoint.model} version ${version.version}`);
}

/** What the inferences of this serving took, once it ends; nothing where there were none. */
function tellCost(journal: Journal, run: string, { inferences, cpuSecondsPerThousand, dollarsPerThousand }: CostFigures): void {
  for (const [asset, dollars] of Object.entries(inferences === 0 ? {} : dollarsPerThousand))
    journal.append({ type: "inference.costed", asset, run, body: { inferences, cpuSecondsPerThousand, dollarsPerThousand: dollars } });
}
