import { MillwrightError } from "../error.ts";
import { load, retire } from "./deployment.ts";
import type { BatchLimits, Deployment, ModelSource } from "./deployment.ts";
import { createEndpoint, sharesOf } from "./endpoint.ts";
import type { Endpoint, ServedVersion } from "./endpoint.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { PredictionBatch } from "./prediction.ts";

/** A version that an endpoint is to serve. */
export interface VersionSource extends Omit<ModelSource, "name"> {
  /** Of the requests that name no version, 0 to 100. @default for the first version what the others leave, for others 0 */
  readonly percent?: number;
  /** Of the requests that another version answers, those that it is asked too. @default 0 */
  readonly shadow?: number;
}

/** The versions that are served now. */
export interface Deployments {
  get(name: string): Endpoint | undefined;
  endpoints(): readonly Endpoint[];
  /** Every version of every endpoint. */
  all(): readonly Deployment[];
  /**
   * Serves exactly these versions under a name from now on, the default one first: loads those that are missing beside the
   * others, switches at once, and ends what is not named when it has answered what it had. No version: the name is served no more.
   * @param limits of the versions that are loaded; others are the server's
   * @throws MillwrightError when one cannot be loaded: everything stays as it was
   */
  serve(name: string, versions: readonly VersionSource[], limits?: Partial<BatchLimits>): Promise<void>;
  stop(): Promise<void>;
}

export interface DeploymentsOptions {
  readonly limits: BatchLimits;
  readonly metrics: ServerMetrics;
  readonly onPrediction: (batch: PredictionBatch) => void;
}

export function createDeployments(options: DeploymentsOptions): Deployments {
  const { metrics, onPrediction } = options;
  const current = new Map<string, Endpoint>();
  // Changes follow one another, so that two of one name cannot overtake each other.
  let last: Promise<unknown> = Promise.resolve();
  let stopping = false;

  async function change(name: string, sources: readonly VersionSource[], limits: BatchLimits): Promise<void> {
    if (stopping)
      throw new MillwrightError({ code: "server-stopping", what: `${name} cannot be deployed: the inference server is stopping` });
    const shares =
      sources.length === 0
        ? []
        : sharesOf(
            name,
            sources.map(({ percent }) => percent),
          );
    const before = current.get(name)?.versions ?? [];
    const loaded: Deployment[] = [];
    try {
      const now: ServedVersion[] = [];
      for (const [index, source] of sources.entries()) {
        let deployment = before.find((each) => isSame(each.deployment, source, limits))?.deployment;
        if (deployment === undefined) {
          deployment = await load({ ...source, name }, limits, metrics, onPrediction);
          loaded.push(deployment);
        }
        now.push({ deployment, percent: shares[index] ?? 0, shadow: source.shadow ?? 0 });
      }
      const [first, ...others] = now;
      if (first === undefined) current.delete(name);
      else current.set(name, createEndpoint(name, [first, ...others]));
      metrics.serves(name, now.map(described), before.map(described));
      const kept = new Set(now.map(({ deployment }) => deployment));
      await Promise.all(before.map(({ deployment }) => (kept.has(deployment) ? undefined : retire(deployment))));
    } catch (error) {
      await Promise.all(loaded.map(retire));
      throw error;
    }
  }

  return {
    get: (name) => current.get(name),
    endpoints: () => [...current.values()],
    all: () => [...current.values()].flatMap(({ versions }) => versions.map(({ deployment }) => deployment)),
    serve(name, versions, limits = {}) {
      const result = last.then(() => change(name, versions, { ...options.limits, ...limits }));
      last = Promise.allSettled([result]);
      return result;
    },
    async stop() {
      stopping = true;
      await last;
      await Promise.all([...current.values()].flatMap(({ versions }) => versions.map(({ deployment }) => retire(deployment))));
    },
  };
}

/** Whether a version is served already with the given hash; without a hash it is loaded again. */
function isSame(deployment: Deployment, source: VersionSource, limits: BatchLimits): boolean {
  return (
    deployment.version === source.version &&
    deployment.sha256 === source.sha256 &&
    JSON.stringify(deployment.limits) === JSON.stringify(limits)
  );
}

function described({ deployment: { version, sha256 }, percent }: ServedVersion): {
  readonly version: string;
  readonly sha256: string;
  readonly percent: number;
} {
  return { version, sha256, percent };
}
