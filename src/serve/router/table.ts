import type { ModelServer, ServedVersion } from "../../systems/roles.ts";
import { turns } from "../endpoint.ts";
import { Fault, shown } from "../fault.ts";

/** Which versions answer which endpoint's requests, as the server last said. */
export interface RoutingTable {
  /** Asks the server anew. What it said before stays where it does not answer. @throws what the server answers for the first endpoint that fails */
  refresh(): Promise<void>;
  /** Who answers a request: the version that it names, or the one whose turn it is. @throws Fault 404, 503 */
  pick(endpoint: string, version: string | null): string;
  /** The one that is described where no version is named: which answers most. @throws Fault 404, 503 */
  main(endpoint: string): string;
  versions(endpoint: string): readonly ServedVersion[];
  /** Whether each endpoint has a version that answers. */
  ready(): boolean;
}

interface Row {
  readonly versions: readonly ServedVersion[];
  readonly next: (() => ServedVersion) | null;
}

export function routingTable(server: Pick<ModelServer, "versions">, endpoints: readonly string[]): RoutingTable {
  const rows = new Map<string, Row>(endpoints.map((name) => [name, { versions: [], next: null }]));

  function row(endpoint: string): Row {
    const found = rows.get(endpoint);
    if (found !== undefined) return found;
    throw new Fault(404, "unknown-model", `there is no model ${shown(endpoint)}; served are ${endpoints.join(", ")}`);
  }

  return {
    versions: (endpoint) => row(endpoint).versions,
    ready: () => [...rows.values()].every(({ next }) => next !== null),
    async refresh() {
      const faults: unknown[] = [];
      for (const name of endpoints) {
        try {
          const versions = await server.versions(name);
          // Whoever's turn it is stays so while nothing has changed.
          if (JSON.stringify(versions) !== JSON.stringify(rows.get(name)?.versions)) rows.set(name, { versions, next: turnsOf(versions) });
        } catch (error) {
          faults.push(error);
        }
      }
      if (faults.length > 0) throw faults[0];
    },
    pick(endpoint, version) {
      const { versions, next } = row(endpoint);
      if (version === null) return nextOf(endpoint, next).version;
      if (versions.some((one) => one.version === version)) return version;
      const there = versions.map((one) => one.version);
      throw new Fault(
        404,
        "unknown-version",
        `model '${endpoint}' is served in version ${there.join(", ")}; there is no version ${shown(version)}`,
      );
    },
    main(endpoint) {
      const [most] = row(endpoint).versions.toSorted((a, b) => b.percent - a.percent);
      return (most ?? nextOf(endpoint, null)).version;
    },
  };
}

function nextOf(endpoint: string, next: Row["next"]): ServedVersion {
  if (next !== null) return next();
  throw new Fault(503, "no-version", `no version of ${shown(endpoint)} is ready to answer`, { "retry-after": "1" });
}

/** Those that are not ready get nothing; the others share it as their percentages say. */
function turnsOf(versions: readonly ServedVersion[]): (() => ServedVersion) | null {
  const answering = versions.filter(({ ready, percent }) => ready && percent > 0);
  const sum = answering.reduce((total, { percent }) => total + percent, 0);
  const [first, ...others] = answering.map((version) => ({ ...version, percent: (version.percent / sum) * 100 }));
  return first === undefined ? null : turns([first, ...others]);
}
