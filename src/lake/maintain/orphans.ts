import type { StoredFile } from "../storage/files.ts";
import { checksummed, removeFiles } from "./leftovers.ts";
import type { Maintained } from "./maintained.ts";
import { pathSet, referencedFiles } from "./reach.ts";

/** What was found. */
export interface Orphans {
  readonly files: readonly string[];
  readonly bytes: number;
}

const none: Orphans = Object.freeze({ files: [], bytes: 0 });

/**
 * Files below a table's location that no snapshot and no metadata refers to: what failed and killed writers left. Files younger than
 * `olderThan` milliseconds may belong to a commit that is still to come, and are no orphans.
 *
 * @param options `others`: where other tables lie; `elsewhere`: further folders of the table, where its older files lie.
 */
export async function findOrphans(
  maintained: Maintained,
  options: { readonly olderThan: number; readonly others: readonly string[]; readonly elsewhere?: (location: string) => readonly string[] },
): Promise<Orphans> {
  const { client, storages, reader, table, now } = maintained;
  const first = await client.load(table);
  if (first === null) return none;
  const location = first.metadata.location.replace(/\/+$/, "");
  // A place that holds another table too is nobody's to tidy.
  if (
    !storages.holds(`${location}/x`) ||
    options.others.some((other) => `${other}/`.startsWith(`${location}/`) || `${location}/`.startsWith(`${other}/`))
  )
    return none;
  const folders = [location, ...(options.elsewhere?.(location) ?? [])];
  const files = (await Promise.all(folders.map((folder) => storages.list(folder)))).flat();
  // After the list: what is committed while it is made is named by then.
  const loaded = await client.load(table);
  if (loaded === null || loaded.metadata["table-uuid"] !== first.metadata["table-uuid"]) return none;
  const used = pathSet(await referencedFiles(reader, loaded));
  return summed(files.filter((file) => file.modified < now() - options.olderThan && !used.has(checksummed(file.location))));
}

/** Removes orphans; gives what is gone. */
export async function removeOrphans(
  { storages }: Pick<Maintained, "storages">,
  { files }: Orphans,
): Promise<{ readonly files: number; readonly bytes: number }> {
  return removeFiles(storages, files);
}

/** What killed runs left in a lake's folder for staged files. */
export async function findStaged(storages: Maintained["storages"], lake: string, olderThan: number, now: number): Promise<Orphans> {
  const files = await storages.list(`${lake}/staging`);
  return summed(files.filter((file) => file.modified < now - olderThan));
}

function summed(files: readonly StoredFile[]): Orphans {
  return { files: files.map(({ location }) => location), bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** A commit that was sent when its sender was killed has long been answered after so many milliseconds. */
const patience = 60_000;

/**
 * Finishes what an earlier, killed maintenance of the table began: of the files that it was about to write or to remove, those that
 * no metadata names go.
 */
export async function clearLeftovers(
  maintained: Maintained,
): Promise<{ readonly files: number; readonly bytes: number; readonly settled: boolean }> {
  const earlier = maintained.leftovers.earlier();
  if (earlier === null) return { files: 0, bytes: 0, settled: true };
  if (maintained.now() < earlier.since + patience) return { files: 0, bytes: 0, settled: false };
  const loaded = await maintained.client.load(maintained.table);
  const used = pathSet(loaded === null ? [] : await referencedFiles(maintained.reader, loaded));
  const locations =
    loaded === null ? [] : earlier.locations.filter((location) => maintained.storages.holds(location) && !used.has(location));
  const removed = await removeFiles(maintained.storages, locations);
  maintained.leftovers.forget();
  return { ...removed, settled: true };
}
