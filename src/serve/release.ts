import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { EndpointNode } from "../define/node.ts";
import { championOf } from "../registry/champion.ts";
import { openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { StepResult } from "../run/commit.ts";
import type { Session } from "../run/session.ts";
import type { ModelSource } from "./deployment.ts";
import { startInference } from "./server.ts";
import { secondsSince } from "../run/seconds.ts";

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
 * Releases a model's champion at an endpoint: loads it as the server will, and only when it loads says so in the journal.
 * A running `up` then switches to it.
 */
export async function releaseEndpoint(session: Session, node: EndpointNode): Promise<StepResult> {
  const began = performance.now();
  const registry = openRegistry(session.paths.models);
  try {
    const version = championOf(registry, node, "train a better model, or change its gate");
    const definition = contentHash(node);
    const last = session.latest("endpoint.released").get(node.name)?.body;
    const detail = `${node.model} version ${version.version}`;
    if (last?.["content"] === version.content && last["definition"] === definition) return { outcome: "unchanged", rows: null, detail };
    const server = await startInference({ models: [modelSource(node.name, version)], workers: 1 });
    await server.stop();
    const seconds = secondsSince(began);
    session.journal.append({
      type: "endpoint.released",
      asset: node.name,
      run: session.run,
      body: { definition, model: node.model, version: version.version, content: version.content, seconds },
    });
    return { outcome: last === undefined ? "created" : "updated", rows: null, detail };
  } finally {
    registry.close();
  }
}
