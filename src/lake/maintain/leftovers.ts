import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { localPath } from "../storage/address.ts";
import type { Storages } from "../storage/storages.ts";

/** Files that maintenance may leave behind when it is killed, kept beside the environment's state until it is known that they are gone or in use. */
export interface Leftovers {
  /** Remembers files, on disk before the promise is kept: they are about to be written, or about to be removed. */
  remember(locations: readonly string[]): Promise<void>;
  /** Everything remembered is settled. */
  forget(): void;
  /** What an earlier maintenance left, and when it last said so; null when it left nothing. */
  earlier(): { readonly locations: readonly string[]; readonly since: number } | null;
}

/** The leftovers of one table. One maintenance of an environment runs at a time. */
export function openLeftovers(state: string, table: string, now: () => number = Date.now): Leftovers {
  const folder = join(state, "maintenance");
  const file = join(folder, `${encodeURIComponent(table)}.json`);
  const before = readEarlier(file);
  let known: readonly string[] = before?.locations ?? [];
  return {
    async remember(locations) {
      known = [...known, ...locations];
      mkdirSync(folder, { recursive: true });
      const handle = await open(`${file}.new`, "w");
      try {
        await handle.writeFile(JSON.stringify({ since: now(), locations: known }));
        await handle.sync();
      } finally {
        await handle.close();
      }
      renameSync(`${file}.new`, file);
    },
    forget() {
      known = [];
      rmSync(file, { force: true });
    },
    earlier: () => before,
  };
}

function readEarlier(file: string): { readonly locations: readonly string[]; readonly since: number } | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const { locations, since }: { readonly locations: readonly string[]; readonly since: number } = JSON.parse(text);
  return { locations, since };
}

/** The file in which Hadoop, on a local disk, keeps a file's checksum: `data/.a.parquet.crc`; null elsewhere, where it keeps none. */
function checksumOf(location: string): string | null {
  return localPath(location) === undefined ? null : location.replace(/([^/]+)$/, ".$1.crc");
}

/** The file whose checksum a file holds; any other file itself. */
export function checksummed(location: string): string {
  return location.replace(/\/\.([^/]+)\.crc$/, "/$1");
}

/** Removes files, some at a time; gives how many there were and their bytes. Those that are gone already do not count. */
export async function removeFiles(
  storages: Storages,
  locations: readonly string[],
): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (let first = 0; first < locations.length; first += 32) {
    const found = await Promise.all(
      locations.slice(first, first + 32).map(async (location) => {
        const file = await storages.stat(location);
        if (file !== null) await storages.remove(location);
        const checksum = checksumOf(location);
        if (checksum !== null) await storages.remove(checksum);
        return file;
      }),
    );
    for (const file of found) {
      if (file === null) continue;
      files += 1;
      bytes += file.bytes;
    }
  }
  return { files, bytes };
}
