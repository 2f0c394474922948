import { MillwrightError } from "../error.ts";
import { load, retire } from "./deployment.ts";
import type { BatchLimits, Deployment, ModelSource } from "./deployment.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { PredictionBatch } from "./prediction.ts";

/** The versions that are served now, one per endpoint. */
export interface Deployments {
  get(name: string): Deployment | undefined;
  all(): readonly Deployment[];
  /** Loads a version aside, switches, and ends the old one when it has answered what it had; nothing when it is served already with the given hash. */
  deploy(source: ModelSource): Promise<void>;
  stop(): Promise<void>;
}

export interface DeploymentsOptions {
  readonly limits: BatchLimits;
  readonly metrics: ServerMetrics;
  readonly onPrediction: (batch: PredictionBatch) => void;
}

export function createDeployments({ limits, metrics, onPrediction }: DeploymentsOptions): Deployments {
  const current = new Map<string, Deployment>();
  // Deployments follow one another, so that two of one name cannot overtake each other.
  let last: Promise<unknown> = Promise.resolve();
  let stopping = false;

  async function replace(source: ModelSource): Promise<void> {
    if (stopping) throw stopped(source);
    const now = current.get(source.name);
    if (now !== undefined && now.version === source.version && now.sha256 === source.sha256) return;
    const next = await load(source, limits, metrics, onPrediction);
    const previous = current.get(next.name);
    current.set(next.name, next);
    metrics.serves(next.name, [{ ...next, percent: 100 }], previous === undefined ? [] : [{ ...previous, percent: 100 }]);
    if (previous !== undefined) await retire(previous);
  }

  return {
    get: (name) => current.get(name),
    all: () => [...current.values()],
    deploy(source) {
      const result = last.then(() => replace(source));
      last = Promise.allSettled([result]);
      return result;
    },
    async stop() {
      stopping = true;
      await last;
      await Promise.all([...current.values()].map(retire));
    },
  };
}

function stopped({ name }: ModelSource): MillwrightError {
  return new MillwrightError({ code: "server-stopping", what: `${name} cannot be deployed: the inference server is stopping` });
}
