import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { BindingNode, EndpointNode } from "../define/node.ts";
import { championOf } from "../registry/champion.ts";
import { openRegistry, type Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { StepResult } from "../run/commit.ts";
import type { EventBody, Journal, NewEvent } from "../run/journal.ts";
import { boundServer, placeOf, withServer } from "../run/model-server.ts";
import { secondsSince } from "../run/seconds.ts";
import type { Session } from "../run/session.ts";
import type { ModelSource } from "./deployment.ts";
import { divisionText } from "./division.ts";
import { placeEndpoint } from "./place.ts";
import { rehearse, type Rehearsal } from "./rehearsal/rehearse.ts";
import { startInference } from "./server.ts";

/** The version that an endpoint is to serve, as the inference server takes it. */
export function modelSource(endpoint: string, version: ModelVersion): ModelSource {
  const sha256 = version.files["model.onnx"]?.sha256;
  return {
    name: endpoint,
    version: String(version.version),
    file: join(version.directory, "model.onnx"),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/**
 * Releases a model's champion at an endpoint and says so in the journal: brings it to the server that the environment binds, or else
 * loads it as our own server will, and only when it loads. A running `up` then switches to it.
 */
export async function releaseEndpoint(session: Session, node: EndpointNode): Promise<StepResult> {
  const began = performance.now();
  const { paths, journal, environment, run } = session;
  const registry = openRegistry(paths.models);
  try {
    const version = championOf(registry, node, "train a better model, or change its gate");
    const binding = boundServer(environment);
    const last = session.latest("endpoint.released").get(node.name)?.body;
    if (binding !== null) return await releaseThere({ registry, journal, directory: paths.directory }, binding, node, { run, last });
    const detail = `${node.model} version ${version.version}`;
    if (isReleased(last, node, version, null)) return { outcome: "unchanged", rows: null, detail };
    const measured = await tryServing(node, version);
    const more = measured === null ? {} : { measured };
    journal.append(releasedEvent(node, version, { run, seconds: secondsSince(began), more }));
    return { outcome: last === undefined ? "created" : "updated", rows: null, detail };
  } finally {
    registry.close();
  }
}

/** Loads a version as our own server will, and measures how it answers; what cannot be measured says why. */
async function tryServing({ name }: EndpointNode, version: ModelVersion): Promise<Rehearsal | { readonly failed: string } | null> {
  const server = await startInference({ models: [modelSource(name, version)] });
  try {
    return await rehearse(server.url, name, version);
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  } finally {
    await server.stop();
  }
}

/**
 * Brings an endpoint to the server that an environment binds, and tells the journal where that changed anything.
 *
 * @param run null where a person's decision does it
 * @param last the newest telling of a release
 */
export function releaseThere(
  { registry, journal, directory }: { readonly registry: Registry; readonly journal: Journal; readonly directory: string },
  binding: BindingNode,
  node: EndpointNode,
  { run, last }: { readonly run: string | null; readonly last: EventBody | undefined },
): Promise<StepResult> {
  const began = performance.now();
  const place = placeOf({ bindings: { server: binding } });
  return withServer(binding, directory, async (server) => {
    const { champion, division, deployed, removed, divided } = await placeEndpoint(server, node, { registry, journal });
    const parts = Object.keys(division).length > 1 ? `: ${divisionText(division)}` : "";
    const detail = `${node.model} version ${champion.version} on ${binding.system}${parts}`;
    if (isReleased(last, node, champion, place) && !divided && deployed.length === 0) return { outcome: "unchanged", rows: null, detail };
    const { url, protocol } = server.address(node.name);
    const more = { server: binding.system, place, url, protocol, shares: division, deployed, removed };
    journal.append(releasedEvent(node, champion, { run, seconds: secondsSince(began), more }));
    return { outcome: last === undefined ? "created" : "updated", rows: null, detail };
  });
}

function isReleased(last: EventBody | undefined, node: EndpointNode, { content }: ModelVersion, place: string | null): boolean {
  return last?.["content"] === content && last["definition"] === contentHash(node) && (last["place"] ?? null) === place;
}

function releasedEvent(
  node: EndpointNode,
  { version, content }: ModelVersion,
  { run, seconds, more = {} }: { readonly run: string | null; readonly seconds: number; readonly more?: object },
): NewEvent {
  return {
    type: "endpoint.released",
    asset: node.name,
    ...(run === null ? {} : { run }),
    body: { definition: contentHash(node), model: node.model, version, content, seconds, ...more },
  };
}
