import { localPath } from "../storage/address.ts";
import type { Snapshot } from "../catalog/model.ts";
import type { JsonObject } from "../catalog/json.ts";
import type { LoadedTable } from "./client.ts";
import type { ContentReader, ListedManifest } from "./content.ts";

/** The files that snapshots need: their manifest lists, manifests, data and delete files. */
export interface Reach {
  readonly lists: ReadonlySet<string>;
  readonly manifests: ReadonlyMap<string, ListedManifest>;
  readonly files: ReadonlySet<string>;
}

/** Reads what snapshots need; `except` are manifests whose files are not asked for. */
export async function reachOf(
  reader: ContentReader,
  snapshots: readonly Snapshot[],
  except: ReadonlyMap<string, ListedManifest> = new Map(),
): Promise<Reach> {
  const lists = new Set<string>();
  const manifests = new Map<string, ListedManifest>();
  for (const snapshot of snapshots) {
    const listing = await reader.listing(snapshot);
    if (listing === null) continue;
    lists.add(listing.location);
    for (const manifest of listing.manifests) manifests.set(manifest.path, manifest);
  }
  const entries = await reader.entries([...manifests.values()].filter(({ path }) => !except.has(path)));
  return { lists, manifests, files: new Set(entries.flatMap(({ entry }) => (entry.status === "deleted" ? [] : [entry.path]))) };
}

/** Every file that a table's metadata names: of all its snapshots, its metadata files and its statistics. */
export async function referencedFiles(reader: ContentReader, { metadata, metadataLocation }: LoadedTable): Promise<ReadonlySet<string>> {
  const { lists, manifests, files } = await reachOf(reader, metadata.snapshots);
  return new Set([
    metadataLocation,
    ...metadata["metadata-log"].map((entry) => entry["metadata-file"]),
    ...lists,
    ...manifests.keys(),
    ...files,
    ...statisticsFiles(metadata.statistics),
    ...statisticsFiles(metadata["partition-statistics"]),
  ]);
}

/** The paths of statistics files. */
export function statisticsFiles(statistics: readonly JsonObject[]): readonly string[] {
  return statistics.flatMap((file) => (typeof file["statistics-path"] === "string" ? [file["statistics-path"]] : []));
}

/**
 * A set of addresses that is asked by path alone: programs spell the same file's scheme and host differently (`s3a:`, `file:/`,
 * a name node with and without its port), and a file in use must never be taken for one that nobody names.
 */
export function pathSet(locations: Iterable<string>): { has(location: string): boolean } {
  const paths = new Set<string>();
  for (const location of locations) {
    const path = pathOf(location);
    paths.add(path);
    if (path.includes("%")) paths.add(decoded(path));
  }
  return { has: (location) => paths.has(pathOf(location)) || paths.has(decoded(pathOf(location))) };
}

function pathOf(location: string): string {
  return localPath(location) ?? location.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
}

function decoded(path: string): string {
  return path.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => Buffer.from(encoded.replaceAll("%", ""), "hex").toString("utf8"));
}
