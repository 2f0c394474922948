import { isMissing, StorageError } from "../storage/error.ts";
import type { Storages } from "../storage/storages.ts";
import { readAvro, UnknownCodec, type AvroRecord } from "./avro.ts";
import { badRequest } from "./error.ts";
import { isObject, parseJson, type Json } from "./json.ts";
import { fieldName, type Manifest } from "./manifest-list.ts";
import type { Snapshot } from "./model.ts";

/** Iceberg's ids in a manifest's schema: an entry's status and file, the file's path. */
const statusId = 0;
const fileId = 2;
const pathId = 100;
const sizeId = 104;
/** The statuses of entries whose file this manifest's snapshot added, and took away. */
const added = 1;
const removed = 2;

/** Bytes of the files that a snapshot brings, and of those that it takes away. */
export interface SizeChange {
  readonly added: number;
  readonly removed: number;
}

/**
 * Makes what a snapshot adds as durable as the commit will be: its manifest list, the manifests in it that are its own, and
 * the data and delete files that these name. Engines leave them to the operating system, and after a power cut
 * a durable commit would refer to files that are empty. Files outside of `storages` are not ours to look after.
 *
 * @returns how many bytes come and go; null where a manifest cannot be read
 * @throws CatalogError BadRequestException when a file is missing: the table could not be read.
 */
export async function syncAdded(manifests: readonly Manifest[], snapshot: Snapshot, storages: Storages): Promise<SizeChange | null> {
  const all = manifests.filter((manifest) => manifest.snapshot === String(snapshot["snapshot-id"]));
  const own = all.filter(({ path }) => storages.holds(path));
  const files = await Promise.all(
    own.map(({ path, addedFiles, deletedFiles }) => (addedFiles === 0 && deletedFiles === 0 ? [] : changedFiles(path, storages))),
  );
  const known = files.flatMap((list) => list ?? []);
  const list = snapshot["manifest-list"] ?? "";
  const paths = known.flatMap(({ status, path }) => (status === added ? [path] : []));
  try {
    await storages.settle([list, ...own.map(({ path }) => path), ...paths].filter((location) => storages.holds(location)));
  } catch (error) {
    if (error instanceof StorageError && error.fault === "missing")
      throw badRequest(`The commit refers to a file that is not there: ${error.location}`);
    throw error;
  }
  if (own.length < all.length || files.includes(null)) return null;
  const sum = (wanted: number) => known.reduce((total, { status, bytes }) => total + (status === wanted ? bytes : 0), 0);
  return { added: sum(added), removed: sum(removed) };
}

interface ChangedFile {
  readonly status: number;
  readonly path: string;
  readonly bytes: number;
}

async function changedFiles(location: string, storages: Storages): Promise<readonly ChangedFile[] | null> {
  try {
    const { header, records } = readAvro(await storages.read(location));
    return filesOf(records, parseJson(header.get("avro.schema")?.toString("utf8") ?? "{}"));
  } catch (error) {
    if (isMissing(error)) throw badRequest(`The commit refers to a manifest that is not there: ${location}`);
    // The file may be fine for those who read the table; only its names stay unknown to us.
    if (error instanceof UnknownCodec) return null;
    throw error;
  }
}

function filesOf(records: readonly AvroRecord[], schema: Json): ChangedFile[] {
  const status = fieldName(schema, statusId) ?? "status";
  const file = fieldName(schema, fileId) ?? "data_file";
  const fields = isObject(schema) && Array.isArray(schema["fields"]) ? schema["fields"].filter(isObject) : [];
  const type = fields.find((field) => field["name"] === file)?.["type"];
  const [path, size] = [fieldName(type, pathId) ?? "file_path", fieldName(type, sizeId) ?? "file_size_in_bytes"];
  return records.flatMap(({ value }): ChangedFile[] => {
    const entry = value[file];
    if (typeof entry !== "object" || entry === null) return [];
    const values = new Map<string, unknown>(Object.entries(entry));
    const name = values.get(path);
    return typeof name === "string" ? [{ status: Number(value[status]), path: name, bytes: Number(values.get(size) ?? 0) }] : [];
  });
}
