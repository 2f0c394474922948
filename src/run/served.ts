import type { EndpointNode } from "../define/node.ts";
import { challenger } from "../registry/aliases.ts";
import type { Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { VersionSource } from "../serve/deployments.ts";
import type { Division } from "../serve/division.ts";
import { modelSource } from "../serve/release.ts";
import type { ModelRepository, RepositoryVersion } from "../serve/repository.ts";
import type { InferenceServer, ServedModel } from "../serve/server.ts";

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
 * Brings an endpoint to what registry and journal say now: its champion, whatever else has a part of the requests, and beside them the version
 * with the alias `challenger`, which answers those who name it. What a client has chosen by a request to load stays.
 *
 * @param division of the requests; by default the champion gets all
 * @returns whether the champion is another one
 * @throws MillwrightError when a version cannot be served: everything stays as it was
 */
export async function followRegistry(
  registry: Registry,
  server: InferenceServer,
  { name, model }: Served,
  best: ModelVersion,
  division: Division = { [best.version]: 100 },
): Promise<boolean> {
  if (server.isChosen(name)) return false;
  const beside = registry.get(model, challenger);
  const others = new Set([...Object.keys(division).map(Number), ...(beside === null ? [] : [beside.version])]);
  others.delete(best.version);
  const versions = [best, ...[...others].map((version) => registry.resolve(`${model}@${version}`))];
  const wanted = versions.map((version) => ({ ...sourceOf(name, version), percent: division[version.version] ?? 0 }));
  const now = server.models().filter((served) => served.name === name);
  if (now.length === wanted.length && now.every((served, index) => isSame(wanted[index], served))) return false;
  const before = now[0]?.version;
  await server.serve(name, wanted);
  return before !== String(best.version);
}

function isSame(source: VersionSource | undefined, { version, sha256, percent }: ServedModel): boolean {
  return source?.version === version && source.percent === percent && (source.sha256 === undefined || source.sha256 === sha256);
}
