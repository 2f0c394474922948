import type { EndpointNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { championOf } from "../registry/champion.ts";
import { readModelFile } from "../registry/files.ts";
import { readSignature } from "../serve/client/description.ts";
import type { DecisionPlace } from "../serve/decide.ts";
import { divisionOf } from "../serve/division.ts";
import { modelSource } from "../serve/release.ts";
import { startRouter } from "../serve/router.ts";
import { requestOf } from "../serve/rows.ts";
import { startInference } from "../serve/server.ts";
import { withServer } from "./model-server.ts";

/** An answer of the Open Inference Protocol. */
export interface Prediction {
  readonly model_version: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly unknown[];
  }[];
}

/**
 * Asks an endpoint once, as it would answer now: the server that the environment binds, or else the version of the registry, loaded here.
 *
 * @param version null for the one that answers most
 * @param data a row of features, several, or a request of the protocol
 * @throws MillwrightError `bad-data`; `not-answered` with what the server says
 */
export async function predictOnce(
  place: DecisionPlace,
  endpoint: EndpointNode,
  version: string | null,
  data: unknown,
): Promise<Prediction> {
  const { registry, journal, binding, directory } = place;
  const champion = championOf(registry, endpoint);
  const [[most] = [String(champion.version)]] = Object.entries(divisionOf(journal, endpoint.name, champion.version)).toSorted(
    ([, a], [, b]) => b - a,
  );
  const asked = registry.resolve(`${endpoint.model}@${version ?? most}`);
  const signature = await readSignature(await readModelFile(asked, "model.onnx"));
  const types = Object.fromEntries(asked.description.inputs.map(({ name, type }) => [name, type]));
  const request = requestOf(signature, types, data);
  const path = `/v2/models/${encodeURIComponent(endpoint.name)}${version === null ? "" : `/versions/${asked.version}`}/infer`;
  if (binding === null) {
    const server = await startInference({ models: [modelSource(endpoint.name, asked)], workers: 1 });
    return post(`${server.url}${path}`, request).finally(() => server.stop());
  }
  return withServer(binding, directory, async (server) => {
    if (server.routed === undefined) return post(`${server.address(endpoint.name).url}${path}`, request);
    const router = await startRouter({ server, endpoints: [endpoint.name] });
    return post(`${router.url}${path}`, request).finally(() => router.stop());
  });
}

async function post(url: string, request: object): Promise<Prediction> {
  const reply = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
  const text = await reply.text();
  if (reply.ok) return JSON.parse(text);
  throw new MillwrightError({
    code: "not-answered",
    what: `the server answers ${reply.status}: ${text.slice(0, 500)}`,
    fix: "correct the data",
  });
}
