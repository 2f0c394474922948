import { randomUUID } from "node:crypto";
import { MillwrightError } from "../../error.ts";
import { crashPoint } from "../../run/crash.ts";
import type { Engine } from "../../systems/roles.ts";
import { mayApply, type Entry } from "./entry.ts";
import type { ListedManifest } from "./content.ts";
import { removeFiles } from "./leftovers.ts";
import type { Maintained } from "./maintained.ts";
import { commitReplacement, notRewritable, readContent, type Content, type NewFile } from "./replace.ts";
import { rewriteFiles, unwritableColumn } from "./write-duckdb.ts";

/** Which files are put together. */
export interface CompactOptions {
  /** Files of fewer bytes are put together ... */
  readonly below: number;
  /** ... into files of about so many; null for what the table's properties say, else 512 MiB, Iceberg's own default. */
  readonly into: number | null;
}

/** What a compaction came to. */
export interface Compacted {
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly bytesBefore: number;
  /** Null where the engine does not tell it. */
  readonly bytesAfter: number | null;
  /** Delete files that were applied and are no longer needed. */
  readonly deletesApplied: number;
  /** Why nothing, or not all, was done; null when all was. */
  readonly left: string | null;
}

const iceberg512 = 512 * 1024 * 1024;
/** A file is rewritten for its deletes alone when they take away so much of it. */
const deletedShare = 0.1;
/** Files of about so many bytes are rewritten before a commit. */
const batchBytes = 4 * 1024 ** 3;
const rounds = 3;

/** Files of one partition that become one file. */
export interface Bin {
  readonly files: readonly { readonly entry: Entry; readonly manifest: ListedManifest }[];
  /** Whether delete files apply to any of them. */
  readonly deleted: boolean;
}

/** The files to put together: small ones of one partition, and those that have lost many rows; a file alone is left unless it has deletes. */
export function binsOf(content: Pick<Content, "live">, options: { readonly below: number; readonly into: number }): readonly Bin[] {
  const deletes = content.live.filter(({ entry }) => entry.holds !== "data").map(({ entry }) => entry);
  const byPartition = Map.groupBy(deletes, ({ partition }) => partition);
  const everywhere = deletes.filter(({ holds, partitionValues }) => holds === "equalityDeletes" && partitionValues.length === 0);
  const applying = (data: Entry) =>
    [...new Set([...(byPartition.get(data.partition) ?? []), ...everywhere])].filter((one) => mayApply(one, data));
  const candidates = content.live.flatMap(({ entry, manifest }) => {
    if (entry.holds !== "data") return [];
    const applied = applying(entry);
    const lost = applied.reduce((sum, one) => sum + (one.holds === "equalityDeletes" ? Number.POSITIVE_INFINITY : one.rows), 0);
    const heavy = applied.length > 0 && lost >= deletedShare * entry.rows;
    return entry.bytes < options.below || heavy ? [{ entry, manifest, deleted: applied.length > 0, heavy }] : [];
  });
  const bins: Bin[] = [];
  for (const group of Map.groupBy(candidates, ({ entry }) => entry.partition).values()) {
    let open: (typeof group)[number][] = [];
    let bytes = 0;
    const close = () => {
      if (open.length > 1 || open.some(({ heavy }) => heavy)) bins.push({ files: open, deleted: open.some(({ deleted }) => deleted) });
      open = [];
      bytes = 0;
    };
    for (const file of group.toSorted((a, b) => Number(a.entry.sequence - b.entry.sequence) || a.entry.bytes - b.entry.bytes)) {
      if (open.length > 0 && bytes + file.entry.bytes > options.into) close();
      open.push(file);
      bytes += file.entry.bytes;
    }
    close();
  }
  return bins;
}

/**
 * Puts a table's small files together by the embedded engine and applies deletes, in commits that replace exactly those files: what others append
 * meanwhile stays, and readers of earlier snapshots find their files until these expire.
 */
export async function compactTable(
  maintained: Maintained,
  engine: Pick<Engine, "ask" | "relation">,
  options: CompactOptions,
): Promise<Compacted> {
  const total = { filesBefore: 0, filesAfter: 0, bytesBefore: 0, bytesAfter: 0, deletesApplied: 0 };
  for (let round = 1; round <= rounds; round++) {
    const content = await readContent(maintained);
    const refused = content === null ? null : (notRewritable(content) ?? refusedColumn(content));
    if (content === null || refused !== null) return { ...total, left: refused };
    const into = options.into ?? (Number(content.metadata.properties["write.target-file-size-bytes"] ?? 0) || iceberg512);
    const bins = binsOf(content, { below: options.below, into });
    let overtaken = false;
    for (const batch of batchesOf(bins)) {
      const done = await compactBins(maintained, engine, content, batch);
      if (done === null) {
        overtaken = true;
        break;
      }
      for (const key of ["filesBefore", "filesAfter", "bytesBefore", "bytesAfter", "deletesApplied"] as const) total[key] += done[key];
    }
    if (!overtaken) return { ...total, left: null };
  }
  return { ...total, left: "other commits changed the same files again and again" };
}

function refusedColumn({ metadata }: Content): string | null {
  const fields = metadata.schemas.find((schema) => schema["schema-id"] === metadata["current-schema-id"])?.fields ?? [];
  const column = unwritableColumn(fields);
  return column === null ? null : `DuckDB cannot write the type of its column ${column}`;
}

function batchesOf(bins: readonly Bin[]): readonly (readonly Bin[])[] {
  const batches: Bin[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const bin of bins) {
    const size = bin.files.reduce((sum, { entry }) => sum + entry.bytes, 0);
    if (bytes + size > batchBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(bin);
    bytes += size;
  }
  return batches;
}

/** One commit. Null when another commit has changed the same files. */
async function compactBins(
  maintained: Maintained,
  engine: Pick<Engine, "ask" | "relation">,
  content: Content,
  bins: readonly Bin[],
): Promise<(Omit<Compacted, "left"> & { readonly bytesAfter: number }) | null> {
  const { metadata } = content;
  const folder = (metadata.properties["write.data.path"] ?? `${metadata.location}/data`).replace(/\/+$/, "");
  const targets = bins.map(() => `${folder}/compacted-${randomUUID()}.parquet`);
  await maintained.leftovers.remember(targets);
  await maintained.storages.createFolders([folder]);
  const added: NewFile[] = [];
  for (const [index, bin] of bins.entries()) {
    maintained.signal.throwIfAborted();
    const target = targets[index] ?? "";
    const like = bin.files.at(-1);
    if (like === undefined) continue;
    const paths = bin.files.map(({ entry }) => entry.path);
    const rows = bin.files.reduce((sum, { entry }) => sum + entry.rows, 0);
    const written = await rewriteFiles(engine, maintained.table, metadata, { paths, rows, deleted: bin.deleted }, target).catch(
      async (error: unknown) => {
        // Rows that are not as the files say, after a commit of somebody else: the files are no longer the table's.
        if (error instanceof MillwrightError && error.problem.code === "rows-differ" && (await moved(maintained, content))) return null;
        throw error;
      },
    );
    crashPoint("maintain-data-written");
    if (written === null) return dropped(maintained, targets);
    // A file whose rows are all deleted is replaced by nothing.
    if (written.rows > 0)
      added.push({
        path: target,
        rows: written.rows,
        bytes: written.bytes,
        like,
        sequence: BigInt(content.snapshot["sequence-number"] ?? 0),
        changes: written.changes,
      });
  }
  const removed = bins.flatMap(({ files }) => files.map(({ entry }) => entry));
  const deletes = content.live.filter(({ entry }) => entry.holds !== "data");
  const snapshot = await commitReplacement(maintained, {
    removed,
    added,
    knownDeletes: new Set(deletes.map(({ entry }) => entry.path)),
    merged: new Set(),
    summary: { "millwright.maintenance": "compact" },
  });
  if (snapshot === null) return dropped(maintained, targets);
  const used = new Set(added.map(({ path }) => path));
  await removeFiles(
    maintained.storages,
    targets.filter((target) => !used.has(target)),
  );
  const after = await readContent(maintained);
  const left = new Set((after?.live ?? []).map(({ entry }) => entry.path));
  const sum = (list: readonly { readonly bytes: number }[]) => list.reduce((total, { bytes }) => total + bytes, 0);
  return {
    filesBefore: removed.length,
    filesAfter: added.length,
    bytesBefore: sum(removed),
    bytesAfter: sum(added),
    deletesApplied: deletes.filter(({ entry }) => !left.has(entry.path)).length,
  };
}

async function moved({ client, table }: Maintained, { snapshot }: Content): Promise<boolean> {
  const now = await client.load(table);
  return String(now?.metadata["current-snapshot-id"]) !== String(snapshot["snapshot-id"]);
}

async function dropped({ storages }: Maintained, targets: readonly string[]): Promise<null> {
  await removeFiles(storages, targets);
  return null;
}
