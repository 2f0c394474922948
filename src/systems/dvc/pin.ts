import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Engine } from "../roles.ts";
import { keepFile } from "./objects.ts";
import { readPointer, writePointer } from "./pointer.ts";
import { openRepository } from "./repository.ts";

export interface PinOptions {
  readonly table: string;
  /** The snapshot to pin, in decimal. */
  readonly snapshot: string;
  /** A folder inside a DVC repository; it is made when it is not there. */
  readonly folder: string;
  readonly remote: string | null;
  /** Further words for the `.dvc` file. */
  readonly meta: Readonly<Record<string, string>>;
  /** Opened only when there is something to write. */
  readonly engine: () => Promise<Engine>;
}

export interface PinnedTable {
  /** The Parquet file; the pin is this with `.dvc`. */
  readonly file: string;
  readonly md5: string;
  readonly rows: number;
  readonly bytes: number;
  /** False where this snapshot was pinned here already. */
  readonly written: boolean;
}

/**
 * Writes a table's snapshot as one Parquet file, puts it into DVC's cache and pins it by a `.dvc` file that names the snapshot. Rows are
 * sorted by all columns, so that the same rows give the same bytes whichever files and threads they came from.
 *
 * @throws MillwrightError `no-dvc-repository`
 */
export async function pinTable({ table, snapshot, folder, remote, meta, engine }: PinOptions): Promise<PinnedTable> {
  const file = join(resolve(folder), `${table}.parquet`);
  const { stores } = openRepository(folder, remote);
  const before = await readPointer(file);
  if (before?.meta["table"] === table && before.meta["snapshot"] === snapshot && stores.every((store) => inStore(store, before.md5)))
    return { file, md5: before.md5, rows: Number(before.meta["rows"]), bytes: Number(before.meta["bytes"]), written: false };
  await mkdir(folder, { recursive: true });
  const aside = `${file}.${process.pid}.partial`;
  try {
    const open = await engine();
    const rows = await open.exportParquet(`SELECT * FROM ${open.relation(table, snapshot)} ORDER BY ALL`, aside);
    const pinned = await keepFile(stores, aside);
    await rename(aside, file);
    const words = { ...meta, table, snapshot, rows, bytes: pinned.size };
    await writePointer(file, pinned, { description: `table ${table}, snapshot ${snapshot}`, meta: words });
    return { file, md5: pinned.md5, rows, bytes: pinned.size, written: true };
  } finally {
    await rm(aside, { force: true });
  }
}

function inStore(store: string, md5: string): boolean {
  return existsSync(join(store, md5.slice(0, 2), md5.slice(2)));
}
