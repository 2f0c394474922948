import { clock } from "./call.ts";
import type { Call } from "./call.ts";
import type { Data } from "./datatype.ts";
import type { Deployment } from "./deployment.ts";
import type { Deployments } from "./deployments.ts";
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
  /** @throws Fault 404 for a model or version that is not served */
  find(name: string, version: string | null): Deployment;
  /**
   * @param read reads the request, once the version that answers it is known
   * @throws Fault
   */
  infer(name: string, version: string | null, call: Call, read: (signature: Signature) => InferRequest): Promise<Inferred>;
}

export function createInference(deployments: Deployments, metrics: ServerMetrics, observer: Observer): Inference {
  const idPrefix = `${process.pid.toString(36)}-${Date.now().toString(36)}-`;
  let requests = 0;

  function find(name: string, version: string | null): Deployment {
    const deployment = deployments.get(name);
    if (deployment === undefined) throw new Fault(404, "unknown-model", `there is no model ${shown(name)}; ${servedNames(deployments)}`);
    if (version === null || version === deployment.version) return deployment;
    throw new Fault(
      404,
      "unknown-version",
      `model '${name}' is served in version ${deployment.version}; there is no version ${shown(version)}`,
    );
  }

  return {
    find,
    async infer(name, version, call, read) {
      const begin = performance.now();
      const deployment = find(name, version);
      const { statistics } = deployment;
      let [id, rows]: [string, number] = ["", 0];
      let fault: Fault | null = null;
      try {
        const request = read(deployment.signature);
        [id, rows] = [request.id ?? idPrefix + (requests++).toString(36), request.rows];
        if (request.timeout !== null) call.expireAfter(request.timeout);
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

function servedNames(deployments: Deployments): string {
  const names = deployments.all().map(({ name }) => name);
  return names.length === 0 ? "none is served" : `served are ${names.join(", ")}`;
}
