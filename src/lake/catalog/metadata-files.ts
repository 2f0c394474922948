import { randomUUID } from "node:crypto";
import type { Storages } from "../storage/storages.ts";
import { checkLocation } from "./location.ts";
import { printMetadata, readMetadata, readViewMetadata } from "./metadata.ts";
import type { TableMetadata, ViewMetadata } from "./model.ts";

/** Metadata with the file that holds it and that file's text, which a reply repeats as it is. */
export interface Loaded<T> {
  readonly location: string;
  readonly metadata: T;
  readonly text: string;
}

/** Reads and writes metadata files. A file never changes once it is written, so that what was read once stays true. */
export interface MetadataFiles {
  table(location: string): Promise<Loaded<TableMetadata>>;
  view(location: string): Promise<Loaded<ViewMetadata>>;
  /** Writes the next version's file, durably; `previous` is the file that it follows. */
  write<T extends TableMetadata | ViewMetadata>(metadata: T, previous: string | null): Promise<Loaded<T>>;
  /** Removes files that a failed commit left. */
  discard(locations: readonly string[]): Promise<void>;
}

/** Text of the metadata that are kept in memory, in characters. */
const cacheLimit = 32 * 1024 * 1024;

export function openMetadataFiles(storages: Storages): MetadataFiles {
  const tables = createCache<Loaded<TableMetadata>>();
  const views = createCache<Loaded<ViewMetadata>>();
  const load = async <T extends TableMetadata | ViewMetadata>(
    cache: Cache<Loaded<T>>,
    location: string,
    parse: (content: Buffer) => T,
  ): Promise<Loaded<T>> => {
    const known = cache.get(location);
    if (known) return known;
    checkLocation(location, storages);
    const metadata = parse(await storages.read(location));
    const loaded = { location, metadata, text: printMetadata(metadata) };
    cache.set(location, loaded);
    return loaded;
  };
  return {
    table: (location) => load(tables, location, readMetadata),
    view: (location) => load(views, location, readViewMetadata),
    async write(metadata, previous) {
      const folder = metadata.properties["write.metadata.path"] ?? `${metadata.location}/metadata`;
      const location = `${folder.replace(/\/+$/, "")}/${nextVersion(previous)}-${randomUUID()}.metadata.json`;
      checkLocation(location, storages);
      const loaded = { location, metadata, text: printMetadata(metadata) };
      // A first version lies in folders that may be as new as it is.
      await storages.write(location, loaded.text, { newFolders: previous === null });
      if ("table-uuid" in metadata) tables.set(location, { location, metadata, text: loaded.text });
      else views.set(location, { location, metadata, text: loaded.text });
      return loaded;
    },
    async discard(locations) {
      for (const location of locations) {
        tables.delete(location);
        views.delete(location);
      }
      await removeLeftovers(storages, locations);
    },
  };
}

/**
 * Removes files that nothing refers to any more. That fails for nobody: what the work came to is decided already, and a file that stays
 * is an orphan, which maintenance finds.
 */
export async function removeLeftovers(storages: Storages, locations: readonly string[]): Promise<void> {
  const results = await Promise.allSettled(locations.map((location) => storages.remove(location)));
  for (const result of results) if (result.status === "rejected") console.error(`a file that is no longer needed stays: ${result.reason}`);
}

/** The number that begins a metadata file's name, five digits: the one after the previous file's. */
function nextVersion(previous: string | null): string {
  const number = previous === null ? -1 : Number(/(\d+)-[^/]*$/.exec(previous)?.[1] ?? 0);
  return String(number + 1).padStart(5, "0");
}

interface Cache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

/** Forgets what was used longest ago when the texts together grow beyond the limit. */
function createCache<V extends { readonly text: string }>(): Cache<V> {
  const entries = new Map<string, V>();
  let size = 0;
  const remove = (key: string): V | undefined => {
    const value = entries.get(key);
    if (value !== undefined && entries.delete(key)) size -= value.text.length;
    return value;
  };
  return {
    get(key) {
      const value = remove(key);
      if (value !== undefined) {
        entries.set(key, value);
        size += value.text.length;
      }
      return value;
    },
    set(key, value) {
      remove(key);
      entries.set(key, value);
      size += value.text.length;
      for (const oldest of entries.keys()) {
        if (size <= cacheLimit || oldest === key) break;
        remove(oldest);
      }
    },
    delete: (key) => void remove(key),
  };
}
