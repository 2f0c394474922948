import { crashPoint } from "../../run/crash.ts";
import type { Lake } from "../../systems/roles.ts";
import type { TableMetadata } from "../catalog/model.ts";
import { pathWithin } from "../storage/address.ts";
import { fileIds, mayApply, type Entry } from "./entry.ts";
import { removeFiles } from "./leftovers.ts";
import type { Maintained } from "./maintained.ts";
import { commitReplacement, notRewritable, readContent, type Content } from "./replace.ts";

/** What moving old files came to. */
export interface Tiered {
  readonly files: number;
  readonly bytes: number;
  /** Why nothing, or not all, was done; null when all was. */
  readonly left: string | null;
}

const day = 86_400_000;
/** Files of one commit. */
const batch = 500;

/** The end of the time that a file's rows can have by its partition, in milliseconds since 1970; null where its partition tells no time. */
export function partitionEnd(
  metadata: Pick<TableMetadata, "partition-specs" | "schemas">,
  entry: Pick<Entry, "spec" | "partitionValues">,
): number | null {
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === entry.spec);
  const columns = new Map(metadata.schemas.flatMap(({ fields }) => fields).map(({ id, type }) => [id, type]));
  for (const [index, field] of (spec?.fields ?? []).entries()) {
    const value = entry.partitionValues[index];
    const type = columns.get(field["source-id"]);
    const isTime = typeof type === "string" && (type === "date" || type.startsWith("timestamp"));
    if (!isTime || field.transform.startsWith("bucket") || field.transform === "void") continue;
    if (typeof value !== "number" && typeof value !== "bigint") return null;
    const number = Number(value);
    switch (field.transform) {
      case "identity":
        return type === "date" ? (number + 1) * day : number / 1000;
      case "day":
        return (number + 1) * day;
      case "hour":
        return (number + 1) * 3_600_000;
      case "month":
        return Date.UTC(1970, number + 1, 1);
      case "year":
        return Date.UTC(1971 + number, 0, 1);
      default:
        return null;
    }
  }
  return null;
}

/**
 * Copies the files of old partitions byte by byte from a lake's first storage to its last, and commits a snapshot that names them there. Readers of
 * earlier snapshots find the old copies until these expire. A file with rows that are deleted waits for a compaction: deletes name files by their address.
 */
export async function tierTable(maintained: Maintained, lake: Pick<Lake, "storages" | "tiering">): Promise<Tiered> {
  const near = lake.storages[0].location;
  const far = lake.storages.at(-1)?.location;
  const total = { files: 0, bytes: 0 };
  if (lake.tiering === null || far === undefined || far === near) return { ...total, left: null };
  const limit = maintained.now() - lake.tiering.days * day;
  for (let round = 1; round <= 3; round++) {
    const content = await readContent(maintained);
    const refused = content === null ? null : notRewritable(content);
    if (content === null || refused !== null) return { ...total, left: refused };
    const old = oldFiles(content, near, limit);
    let overtaken = false;
    for (let first = 0; first < old.length && !overtaken; first += batch) {
      const moved = await moveFiles(
        maintained,
        content,
        old.slice(first, first + batch),
        (path) => `${far}/${pathWithin(near, path) ?? ""}`,
      );
      overtaken = moved === null;
      total.files += moved?.files ?? 0;
      total.bytes += moved?.bytes ?? 0;
    }
    if (!overtaken) return { ...total, left: null };
  }
  return { ...total, left: "other commits changed the same files again and again" };
}

function oldFiles(content: Content, near: string, limit: number): Content["live"] {
  const deletes = content.live.filter(({ entry }) => entry.holds !== "data").map(({ entry }) => entry);
  return content.live.filter(({ entry }) => {
    if (entry.holds !== "data" || pathWithin(near, entry.path) === undefined) return false;
    const end = partitionEnd(content.metadata, entry);
    return end !== null && end <= limit && !deletes.some((one) => mayApply(one, entry));
  });
}

async function moveFiles(
  maintained: Maintained,
  content: Content,
  files: Content["live"],
  target: (path: string) => string,
): Promise<{ readonly files: number; readonly bytes: number } | null> {
  const { storages } = maintained;
  await maintained.leftovers.remember(files.map(({ entry }) => target(entry.path)));
  for (let first = 0; first < files.length; first += 8) {
    maintained.signal.throwIfAborted();
    await Promise.all(files.slice(first, first + 8).map(({ entry }) => storages.copy(entry.path, target(entry.path))));
    crashPoint("maintain-copied");
  }
  const snapshot = await commitReplacement(maintained, {
    removed: files.map(({ entry }) => entry),
    added: files.map((like) => ({
      path: target(like.entry.path),
      rows: like.entry.rows,
      bytes: like.entry.bytes,
      like,
      sequence: like.entry.sequence,
      changes: new Map([[fileIds.path, target(like.entry.path)]]),
    })),
    knownDeletes: new Set(content.live.flatMap(({ entry }) => (entry.holds === "data" ? [] : [entry.path]))),
    merged: new Set(),
    summary: { "millwright.maintenance": "tier" },
  });
  if (snapshot === null) {
    await removeFiles(
      storages,
      files.map(({ entry }) => target(entry.path)),
    );
    return null;
  }
  return { files: files.length, bytes: files.reduce((sum, { entry }) => sum + entry.bytes, 0) };
}
