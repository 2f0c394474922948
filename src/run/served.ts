import type { EndpointNode } from "../define/node.ts";
import { challenger } from "../registry/aliases.ts";
import type { Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { VersionSource } from "../serve/deployments.ts";
import { modelSource } from "../serve/release.ts";
import type { ModelRepository, RepositoryVersion } from "../serve/repository.ts";
import type { InferenceServer } from "../serve/server.ts";

type Served = Pick<EndpointNode, "name" | "model">;

/** What clients may load of the endpoints: every accepted version in the registry. */
export function servedRepository(registry: Registry, endpoints: readonly Served[]): ModelRepository {
  return {
    models: () =>
      new Map(
        endpoints.map(({ name, model }) => [
          name,
          registry
            .list(model)
            .flatMap((version): RepositoryVersion[] => (version.status === "accepted" ? [repositoryVersion(name, version)] : [])),
        ]),
      ),
  };
}

function repositoryVersion(endpoint: string, version: ModelVersion): RepositoryVersion {
  return { ...sourceOf(endpoint, version), aliases: version.aliases };
}

function sourceOf(endpoint: string, version: ModelVersion): VersionSource {
  const { name: _name, ...source } = modelSource(endpoint, version);
  return source;
}

/**
 * Brings an endpoint to what the registry says now: its champion, and beside it the version with the alias `challenger`, which answers those
 * who name it. What a client has chosen by a request to load stays.
 *
 * @returns whether the champion is another one
 */
export async function followRegistry(
  registry: Registry,
  server: InferenceServer,
  { name, model }: Served,
  best: ModelVersion,
): Promise<boolean> {
  if (server.isChosen(name)) return false;
  const beside = registry.get(model, challenger);
  const wanted = [best, ...(beside === null || beside.version === best.version ? [] : [beside])].map((version) => sourceOf(name, version));
  const now = server.models().filter((served) => served.name === name);
  if (now.length === wanted.length && now.every(({ version, sha256 }, index) => isSame(wanted[index], version, sha256))) return false;
  const before = now[0]?.version;
  await server.serve(name, wanted);
  return before !== String(best.version);
}

function isSame(source: VersionSource | undefined, version: string, sha256: string): boolean {
  return source?.version === version && (source.sha256 === undefined || source.sha256 === sha256);
}
