import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { BindingNode, EndpointNode } from "../define/node.ts";
import { championOf } from "../registry/champion.ts";
import { openRegistry, type Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { StepResult } from "../run/commit.ts";
import { boundServer, withServer } from "../run/model-server.ts";
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
  const registry = openRegistry(session.paths.models);
  try {
    const version = championOf(registry, node, "train a better model, or change its gate");
    const definition = contentHash(node);
    const binding = boundServer(session.environment);
    const last = session.latest("endpoint.released").get(node.name)?.body;
    const place = binding === null ? null : contentHash({ system: binding.system, options: binding.options });
    const same = last?.["content"] === version.content && last["definition"] === definition && (last["place"] ?? null) === place;
    const brought = binding === null ? null : await bring(session, binding, node, registry);
    const detail = `${node.model} version ${version.version}${brought === null ? "" : brought.detail}`;
    if (same && brought?.changed !== true) return { outcome: "unchanged", rows: null, detail };
    const measured = brought === null ? await tryServing(node, version) : null;
    session.journal.append({
      type: "endpoint.released",
      asset: node.name,
      run: session.run,
      body: {
        definition,
        model: node.model,
        version: version.version,
        content: version.content,
        seconds: secondsSince(began),
        ...(measured === null ? {} : { measured }),
        ...(brought === null ? {} : { ...brought.told, place }),
      },
    });
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

/** Brings an endpoint to the server that the environment binds. */
function bring(
  { paths, journal }: Session,
  binding: BindingNode,
  node: EndpointNode,
  registry: Registry,
): Promise<{ readonly changed: boolean; readonly detail: string; readonly told: object }> {
  return withServer(binding, paths.directory, async (server) => {
    const { division, deployed, removed, divided } = await placeEndpoint(server, node, { registry, journal });
    const { url, protocol } = server.address(node.name);
    return {
      changed: divided || deployed.length > 0,
      detail: ` on ${binding.system}${Object.keys(division).length > 1 ? `: ${divisionText(division)}` : ""}`,
      told: { server: binding.system, url, protocol, shares: division, deployed, removed },
    };
  });
}
