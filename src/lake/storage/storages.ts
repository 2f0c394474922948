import type { Storage } from "../../systems/roles.ts";
import { localAddress, pathWithin } from "./address.ts";
import { openDisk } from "./disk.ts";
import { StorageError } from "./error.ts";
import type { ByteRange, StorageDriver, StoredFile } from "./files.ts";
import { openRemote, partBytes } from "./opendal.ts";
import { retried } from "./retry.ts";

/** The files of several storages: an address's beginning says which one a file is in. */
export interface Storages extends Omit<StorageDriver, "copyWithin" | "writeParts"> {
  /** True when an address lies in one of them, below its own. */
  holds(location: string): boolean;
  /**
   * Copies a file, between storages or inside one. A file of the same size that is there already is taken for the copy, another one for
   * what an interrupted copy left: both names belong to one immutable file.
   */
  copy(from: string, to: string): Promise<void>;
  /** Copies, then removes where it was. */
  move(from: string, to: string): Promise<void>;
}

/** Opens storages; nothing is asked of them yet. Where one lies inside another, the inner one counts. */
export function openStorages(storages: readonly Storage[]): Storages {
  const open = storages
    .map((storage) => ({ location: storage.location, driver: storage.service === "fs" ? openDisk(storage.location) : openRemote(storage) }))
    .toSorted((a, b) => b.location.length - a.location.length);
  const find = (location: string) => open.find((storage) => pathWithin(storage.location, location) !== undefined);
  const holds = (location: string): boolean => open.some((storage) => (pathWithin(storage.location, location) ?? "") !== "");
  const driverOf = (location: string): StorageDriver => {
    const found = find(location);
    if (found === undefined) throw new StorageError("refused", location, `No storage of this lake holds ${location}`);
    return found.driver;
  };
  const byDriver = async (locations: readonly string[], work: (driver: StorageDriver, own: readonly string[]) => Promise<void>) => {
    await Promise.all([...Map.groupBy(locations, driverOf)].map(([driver, own]) => work(driver, own)));
  };
  const copy = async (from: string, to: string): Promise<void> => {
    const [source, target] = [driverOf(from), driverOf(to)];
    const [original, present] = await Promise.all([source.stat(from), target.stat(to)]);
    if (original === null) throw new StorageError("missing", from, `There is no file ${from}`);
    if (present?.bytes === original.bytes) return;
    if (source !== target || !(await source.copyWithin(from, to, original.bytes)))
      await retried(() => target.writeParts(to, partsOf(source, original)));
    const copied = await target.stat(to);
    if (copied?.bytes !== original.bytes)
      throw new StorageError("other", to, `The copy of ${from} has ${copied?.bytes ?? 0} bytes instead of ${original.bytes}: ${to}`);
  };
  return {
    holds,
    read: (location, range) => driverOf(location).read(location, range),
    write: (location, content, options) => driverOf(location).write(location, content, options),
    remove: (location) => driverOf(location).remove(location),
    async removeFolder(location) {
      if (!holds(location)) throw new StorageError("refused", location, `A storage is not removed as a whole: ${location}`);
      await driverOf(location).removeFolder(location);
    },
    list: (location) => driverOf(location).list(location),
    stat: (location) => driverOf(location).stat(location),
    createFolders: (locations) => byDriver(locations, (driver, own) => driver.createFolders(own)),
    settle: (locations) => byDriver(locations, (driver, own) => driver.settle(own)),
    copy,
    async move(from, to) {
      await copy(from, to);
      await driverOf(from).remove(from);
    },
  };
}

/** A folder of this machine as a storage. */
export function folderStorage(path: string): Storage {
  return { location: localAddress(path), service: "fs", options: {} };
}

async function* partsOf(source: StorageDriver, { location, bytes }: StoredFile): AsyncIterable<Buffer> {
  for (let offset = 0; offset < bytes; offset += partBytes) {
    const range: ByteRange = { offset, length: Math.min(partBytes, bytes - offset) };
    yield await source.read(location, range);
  }
}
