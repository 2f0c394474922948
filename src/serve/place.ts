import { join } from "node:path";
import type { EndpointNode } from "../define/node.ts";
import { challenger } from "../registry/aliases.ts";
import { championOf } from "../registry/champion.ts";
import { readModelFile } from "../registry/files.ts";
import type { Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { Journal } from "../run/journal.ts";
import type { ModelPackage, ModelServer } from "../systems/roles.ts";
import { divisionOf, earlierDivision, isSameDivision, type Division } from "./division.ts";

/** An endpoint as it stands on a server now. */
export interface Placed {
  readonly champion: ModelVersion;
  readonly division: Division;
  /** Versions that were brought there, and taken away. */
  readonly deployed: readonly string[];
  readonly removed: readonly string[];
  /** Whether the requests are divided otherwise than before. */
  readonly divided: boolean;
}

/**
 * Brings an endpoint on another server to what registry and journal say: its champion, the challenger beside it, whatever has a part of the
 * requests or had one just before (so that going back needs no deployment), and nothing else. Done twice, nothing changes.
 *
 * @throws MillwrightError `no-champion`, `model-file-changed`, and what the server refuses: then requests are divided as before
 */
export async function placeEndpoint(
  server: ModelServer,
  endpoint: Pick<EndpointNode, "name" | "model" | "origin">,
  { registry, journal }: { readonly registry: Registry; readonly journal: Pick<Journal, "events"> },
): Promise<Placed> {
  const { name, model } = endpoint;
  const champion = championOf(registry, endpoint);
  const division = divisionOf(journal, name, champion.version);
  const beside = registry.get(model, challenger);
  const wanted = new Set([String(champion.version), ...Object.keys(division), ...(beside === null ? [] : [String(beside.version)])]);
  const before = await server.versions(name);
  const deployed = await deployMissing(server, endpoint, registry, wanted);
  const now = Object.fromEntries(before.map(({ version, percent }) => [version, percent]));
  const divided = !isSameDivision(now, division);
  if (divided) await server.share(name, division);
  const kept = new Set([...wanted, ...Object.keys(earlierDivision(journal, name, champion.version) ?? {})]);
  const removed = before.map(({ version }) => version).filter((version) => !kept.has(version));
  for (const version of removed) await server.remove(name, version);
  return { champion, division, deployed, removed, divided };
}

/** Brings versions that are not ready there yet; gives those that were not. */
export async function deployMissing(
  server: ModelServer,
  { name, model }: Pick<EndpointNode, "name" | "model">,
  registry: Registry,
  versions: Iterable<string>,
): Promise<readonly string[]> {
  const there = await server.versions(name);
  const missing = [...versions].filter((version) => !there.some((one) => one.version === version && one.ready));
  for (const version of missing) await server.deploy(await packageOf(name, registry.resolve(`${model}@${version}`)));
  return missing;
}

/** What a server is given of a version, whose file is first held against its registered hash. @throws MillwrightError `model-file-changed` */
export async function packageOf(endpoint: string, version: ModelVersion): Promise<ModelPackage> {
  await readModelFile(version, "model.onnx");
  return {
    endpoint,
    version: String(version.version),
    file: join(version.directory, "model.onnx"),
    sha256: version.files["model.onnx"]?.sha256 ?? "",
  };
}
