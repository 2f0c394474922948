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
/** The status of an entry whose file this manifest's snapshot added. */
const added = 1;

/**
 * Makes what a snapshot adds as durable as the commit will be: its manifest list, the manifests in it that are its own, and
 * the data and delete files that these name. Engines leave them to the operating system, and after a power cut
 * a durable commit would refer to files that are empty. Files outside of `storages` are not ours to look after.
 *
 * @throws CatalogError BadRequestException when a file is missing: the table could not be read.
 */
export async function syncAdded(manifests: readonly Manifest[], snapshot: Snapshot, storages: Storages): Promise<void> {
  const own = manifests.filter((manifest) => manifest.snapshot === String(snapshot["snapshot-id"]) && storages.holds(manifest.path));
  const files = await Promise.all(own.map((manifest) => (manifest.addedFiles === 0 ? [] : addedFiles(manifest.path, storages))));
  const list = snapshot["manifest-list"] ?? "";
  try {
    await storages.settle([list, ...own.map((manifest) => manifest.path), ...files.flat()].filter((location) => storages.holds(location)));
  } catch (error) {
    if (error instanceof StorageError && error.fault === "missing")
      throw badRequest(`The commit refers to a file that is not there: ${error.location}`);
    throw error;
  }
}

async function addedFiles(location: string, storages: Storages): Promise<string[]> {
  try {
    const { header, records } = readAvro(await storages.read(location));
    return pathsOf(records, parseJson(header.get("avro.schema")?.toString("utf8") ?? "{}"));
  } catch (error) {
    if (isMissing(error)) throw badRequest(`The commit refers to a manifest that is not there: ${location}`);
    // The file may be fine for those who read the table; only its names stay unknown to us.
    if (error instanceof UnknownCodec) return [];
    throw error;
  }
}

function pathsOf(records: readonly AvroRecord[], schema: Json): string[] {
  const status = fieldName(schema, statusId) ?? "status";
  const file = fieldName(schema, fileId) ?? "data_file";
  const fields = isObject(schema) && Array.isArray(schema["fields"]) ? schema["fields"].filter(isObject) : [];
  const path = fieldName(fields.find((field) => field["name"] === file)?.["type"], pathId) ?? "file_path";
  return records.flatMap(({ value }) => {
    const entry = value[file];
    if (value[status] !== added || typeof entry !== "object" || entry === null) return [];
    const name: unknown = Object.entries(entry).find(([key]) => key === path)?.[1];
    return typeof name === "string" ? [name] : [];
  });
}
