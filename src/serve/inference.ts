import { clock } from "./call.ts";
import type { Call } from "./call.ts";
import type { Data } from "./datatype.ts";
import type { Deployment } from "./deployment.ts";
import type { Deployments } from "./deployments.ts";
import type { Endpoint } from "./endpoint.ts";
import { Fault, faultOf, shown } from "./fault.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { Observer } from "./observe.ts";
import type { InferRequest } from "./request.ts";
import type { Signature } from "./signature.ts";
import { measure } from "./statistics.ts";

/** A request's answer, not yet written in the words of a protocol. */
export interface Inferred {
  readonly deployment: Deployment;
  readonly request: InferRequest;
  /** The caller's, or the server's own. */
  readonly id: string;
  /** In the order of the signature's outputs. */
  readonly outputs: readonly Data[];
}

/** What HTTP and gRPC have in common: finding the version that is asked, and asking it. */
export interface Inference {
  /** @throws Fault 404 for a model that is not served */
  endpoint(name: string): Endpoint;
  /** A version, or the default one. @throws Fault 404 */
  find(name: string, version: string | null): Deployment;
  /**
   * Asks a version, or the one whose turn it is.
   * @param read reads the request, once the version that answers it is known
   * @throws Fault
   */
  infer(name: string, version: string | null, call: Call, read: (signature: Signature) => InferRequest): Promise<Inferred>;
}

export function createInference(deployments: Deployments, metrics: ServerMetrics, observer: Observer): Inference {
  const idPrefix = `${process.pid.toString(36)}-${Date.now().toString(36)}-`;
  let requests = 0;

  function endpoint(name: string): Endpoint {
    const found = deployments.get(name);
    if (found === undefined) throw new Fault(404, "unknown-model", `there is no model ${shown(name)}; ${servedNames(deployments)}`);
    return found;
  }

  function versionOf({ name, versions, find }: Endpoint, version: string): Deployment {
    const found = find(version);
    if (found !== undefined) return found;
    const served = versions.map(({ deployment }) => deployment.version);
    throw new Fault(
      404,
      "unknown-version",
      `model '${name}' is served in version ${served.join(", ")}; there is no version ${shown(version)}`,
    );
  }

  /** A version that is tried out beside the one that answers: nobody waits for it, and its faults stand in its statistics only. */
  function copy(deployment: Deployment, id: string, { rows, inputs }: InferRequest): void {
    const begin = performance.now();
    deployment.batcher.submit(id, rows, inputs).then(
      () => measure(deployment.statistics.success, performance.now() - begin),
      () => measure(deployment.statistics.fail, performance.now() - begin),
    );
  }

  return {
    endpoint,
    find: (name, version) => (version === null ? endpoint(name).versions[0].deployment : versionOf(endpoint(name), version)),
    async infer(name, version, call, read) {
      const begin = performance.now();
      const found = endpoint(name);
      const deployment = version === null ? found.next() : versionOf(found, version);
      const { statistics } = deployment;
      let [id, rows]: [string, number] = ["", 0];
      let fault: Fault | null = null;
      try {
        const request = read(deployment.signature);
        [id, rows] = [request.id ?? idPrefix + (requests++).toString(36), request.rows];
        if (request.timeout !== null) call.expireAfter(request.timeout);
        if (version === null) for (const shadow of found.shadows(deployment)) if (sameInputs(shadow, deployment)) copy(shadow, id, request);
        call.submitted = clock();
        const outputs = await deployment.batcher.submit(id, request.rows, request.inputs, call);
        const milliseconds = performance.now() - begin;
        measure(statistics.success, milliseconds);
        metrics.succeeded(name, milliseconds / 1000);
        return { deployment, request, id, outputs };
      } catch (error) {
        fault = faultOf(error);
        measure(statistics.fail, performance.now() - begin);
        throw error;
      } finally {
        call.close();
        observer.end(call, { endpoint: name, version: deployment.version, id, rows }, fault);
      }
    },
  };
}

/** Inputs are read as one version takes them; another can be asked with them only when it takes the same. */
function sameInputs({ signature: a }: Deployment, { signature: b }: Deployment): boolean {
  return (
    a.inputs.length === b.inputs.length &&
    a.inputs.every(({ name, datatype, width }, index) => {
      const other = b.inputs[index];
      return name === other?.name && datatype === other.datatype && width === other.width;
    })
  );
}

function servedNames(deployments: Deployments): string {
  const names = deployments.endpoints().map(({ name }) => name);
  return names.length === 0 ? "none is served" : `served are ${names.join(", ")}`;
}
