import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { localAddress, localPath } from "../../lake/storage/address.ts";
import { folderStorage, openStorages } from "../../lake/storage/storages.ts";
import { connect, openDuckDB, quoteLiteral } from "../duckdb/connection.ts";
import { askRows } from "../duckdb/rows.ts";
import type { Lake } from "../roles.ts";

/** Files on their way between this machine and Spark. */
export interface Staging {
  /** Brings files of this machine to where Spark reads them; gives their addresses. */
  bring(files: readonly string[]): Promise<{ readonly addresses: readonly string[]; readonly drop: () => Promise<void> }>;
  /** The address of a new folder that Spark may write. */
  newFolder(): string;
  /** Joins the Parquet files that Spark wrote into a folder to one file of this machine; gives its number of rows. */
  fetch(folder: string, file: string): Promise<number>;
  remove(folder: string): Promise<void>;
}

/**
 * Staging in the folder `staging` of the lake's first storage.
 *
 * @param shared whether Spark sees this machine's files, so that nothing need be copied when the lake is a disk too.
 */
export function openStaging(lake: Lake, shared: boolean): Staging {
  const [first] = lake.storages;
  const onDisk = first.service === "fs";
  const newFolder = () => `${first.location}/staging/${randomUUID()}`;
  const storages = openStorages(lake.storages);
  const remove = (folder: string) => storages.removeFolder(folder);
  return {
    newFolder,
    remove,
    async bring(files) {
      if (onDisk && shared) return { addresses: files.map(localAddress), drop: async () => undefined };
      const folder = newFolder();
      const drop = () => remove(folder);
      try {
        const addresses: string[] = [];
        for (const [index, file] of files.entries()) {
          const address = `${folder}/${String(index).padStart(5, "0")}-${basename(file)}`;
          const both = openStorages([...lake.storages, folderStorage(dirname(file))]);
          await both.copy(localAddress(file), address);
          addresses.push(address);
        }
        return { addresses, drop };
      } catch (error) {
        await drop();
        throw error;
      }
    },
    async fetch(folder, file) {
      const written = (await storages.list(folder))
        .map(({ location }) => location)
        .filter((location) => location.endsWith(".parquet"))
        .toSorted();
      if (onDisk)
        return joinFiles(
          written.map((location) => localPath(location) ?? location),
          file,
        );
      const aside = await mkdtemp(join(dirname(file), "fetch-"));
      try {
        const both = openStorages([...lake.storages, folderStorage(aside)]);
        const local: string[] = [];
        for (const location of written) {
          const path = join(aside, basename(location));
          await both.copy(location, localAddress(path));
          local.push(path);
        }
        return await joinFiles(local, file);
      } finally {
        await rm(aside, { recursive: true, force: true });
      }
    },
  };
}

/** DuckDB joins them in a stream, in the order of their names, which is Spark's order of rows. */
async function joinFiles(files: readonly string[], target: string): Promise<number> {
  if (files.length === 0) throw new Error("Spark wrote no Parquet file");
  const instance = await openDuckDB({ memoryLimit: "1GB" });
  const connection = await connect(instance);
  try {
    const [row] = await askRows(
      connection,
      `COPY (SELECT * FROM read_parquet([${files.map(quoteLiteral).join(", ")}])) TO ${quoteLiteral(target)} (FORMAT parquet)`,
    );
    return Number(row?.["Count"] ?? 0);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
