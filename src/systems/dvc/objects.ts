import { createHash } from "node:crypto";
import { constants, createReadStream, existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MillwrightError } from "../../error.ts";

/** What a `.dvc` file pins: one file, or a folder by the list of its files. */
export interface Pinned {
  /** MD5 in hex; of a folder that of its list, with `.dir`. */
  readonly md5: string;
  /** Bytes in all. */
  readonly size: number;
  /** Null for a file. */
  readonly files: number | null;
}

/** One file of a folder's list. */
interface Entry {
  readonly md5: string;
  readonly relpath: string;
}

/** Puts a file into the stores under its MD5, where it is not there yet. */
export async function keepFile(stores: readonly string[], file: string): Promise<Pinned> {
  const hash = createHash("md5");
  await pipeline(createReadStream(file), hash);
  const md5 = hash.digest("hex");
  for (const store of stores) await place(store, md5, (aside) => copyFile(file, aside, constants.COPYFILE_FICLONE));
  return { md5, size: (await stat(file)).size, files: null };
}

/** Puts the named files of a folder into the stores, and their list. */
export async function keepFolder(stores: readonly string[], folder: string, names: readonly string[]): Promise<Pinned> {
  const entries: (Entry & { readonly size: number })[] = [];
  for (const relpath of names.toSorted()) {
    const { md5, size } = await keepFile(stores, join(folder, relpath));
    entries.push({ md5, relpath, size });
  }
  const list = listText(entries);
  const md5 = `${createHash("md5").update(list).digest("hex")}.dir`;
  for (const store of stores) await place(store, md5, (aside) => writeFile(aside, list));
  return { md5, size: entries.reduce((sum, { size }) => sum + size, 0), files: entries.length };
}

/** The names of a pinned folder's files; a file has none. */
export async function filesOf(stores: readonly string[], md5: string): Promise<readonly Entry[]> {
  if (!md5.endsWith(".dir")) return [];
  const entries: readonly Entry[] = JSON.parse(await readFile(placeOf(stores, md5), "utf8"));
  return entries;
}

/** Where one of the stores has a file. @throws MillwrightError `dvc-object-missing` */
export function placeOf(stores: readonly string[], md5: string): string {
  for (const store of stores) if (existsSync(pathOf(store, md5))) return pathOf(store, md5);
  throw new MillwrightError({
    code: "dvc-object-missing",
    what: `DVC's cache does not hold the file with the MD5 ${md5}`,
    where: stores[0] ?? "",
    fix: "bring it: dvc fetch, or dvc pull",
  });
}

/** Copies a file out of the stores. @throws MillwrightError `dvc-object-changed` where it is not what its name says */
export async function takeFile(stores: readonly string[], md5: string, target: string): Promise<void> {
  const from = placeOf(stores, md5);
  const aside = `${target}.partial`;
  await copyFile(from, aside, constants.COPYFILE_FICLONE);
  await chmod(aside, 0o644);
  const hash = createHash("md5");
  await pipeline(createReadStream(aside), hash);
  if (hash.digest("hex") !== md5) {
    await rm(aside, { force: true });
    throw new MillwrightError({
      code: "dvc-object-changed",
      what: `a file in DVC's cache is not what its name says`,
      where: from,
      fix: "remove it, and bring it again with dvc fetch",
    });
  }
  await rename(aside, target);
}

function pathOf(store: string, md5: string): string {
  return join(store, md5.slice(0, 2), md5.slice(2));
}

async function place(store: string, md5: string, write: (aside: string) => Promise<void>): Promise<void> {
  const target = pathOf(store, md5);
  if (existsSync(target)) return;
  await mkdir(dirname(target), { recursive: true });
  const aside = `${target}.${process.pid}.partial`;
  await write(aside);
  // As DVC has them: what others link to must not be written to.
  await chmod(aside, 0o444);
  await rename(aside, target);
}

/** A folder's list in the very bytes that DVC hashes: Python's JSON, sorted by name. */
function listText(entries: readonly Entry[]): string {
  const escape = (text: string): string =>
    JSON.stringify(text).replaceAll(/[\u007f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `[${entries.map(({ md5, relpath }) => `{"md5": ${escape(md5)}, "relpath": ${escape(relpath)}}`).join(", ")}]`;
}
