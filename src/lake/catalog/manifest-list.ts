import { readAvro, writeAvro, type AvroFile, type AvroRecord } from "./avro.ts";
import { badRequest } from "./error.ts";
import { isObject, parseJson, type Json } from "./json.ts";
import type { Id } from "./model.ts";
import { emptyListSchema } from "./manifest-list-schema.ts";

/** One manifest of a list; null where its writer left a count out (format version 1). */
export interface Manifest {
  readonly path: string;
  readonly holds: "data" | "deletes";
  /** The snapshot that added the manifest. */
  readonly snapshot: string;
  readonly addedFiles: number | null;
  readonly existingFiles: number | null;
  readonly deletedFiles: number | null;
  readonly addedRows: number | null;
  readonly existingRows: number | null;
  readonly deletedRows: number | null;
  readonly record: AvroRecord;
}

export interface ManifestList {
  readonly file: AvroFile;
  readonly manifests: readonly Manifest[];
}

/** Iceberg's ids of the fields that we read; their names differ between writers and versions. */
const fieldIds = {
  path: 500,
  content: 517,
  snapshot: 503,
  addedFiles: 504,
  existingFiles: 505,
  deletedFiles: 506,
  addedRows: 512,
  existingRows: 513,
  deletedRows: 514,
} as const;

type FieldNames = { readonly [K in keyof typeof fieldIds]: string | undefined };

/** Parses a manifest list file. */
export function readManifestList(content: Buffer): ManifestList {
  const file = readAvro(content);
  const names = fieldNames(file.header.get("avro.schema")?.toString("utf8") ?? "{}");
  return { file, manifests: file.records.map((record) => manifestOf(record, names)) };
}

/** Entries in the words of another list's file, as manifests. */
export function manifestsOf(file: AvroFile, records: readonly AvroRecord[]): readonly Manifest[] {
  const names = fieldNames(file.header.get("avro.schema")?.toString("utf8") ?? "{}");
  return records.map((record) => manifestOf(record, names));
}

function fieldNames(schemaText: string): FieldNames {
  const schema = parseJson(schemaText);
  const nameOf = (id: number): string | undefined => fieldName(schema, id);
  return {
    path: nameOf(fieldIds.path),
    content: nameOf(fieldIds.content),
    snapshot: nameOf(fieldIds.snapshot),
    addedFiles: nameOf(fieldIds.addedFiles),
    existingFiles: nameOf(fieldIds.existingFiles),
    deletedFiles: nameOf(fieldIds.deletedFiles),
    addedRows: nameOf(fieldIds.addedRows),
    existingRows: nameOf(fieldIds.existingRows),
    deletedRows: nameOf(fieldIds.deletedRows),
  };
}

/** The name that a writer gave to the field of an Avro record with this Iceberg id. */
export function fieldName(schema: Json | undefined, id: number): string | undefined {
  const fields = isObject(schema) && Array.isArray(schema["fields"]) ? schema["fields"].filter(isObject) : [];
  const name = fields.find((field) => field["field-id"] === id)?.["name"];
  return typeof name === "string" ? name : undefined;
}

function manifestOf(record: AvroRecord, names: FieldNames): Manifest {
  const value = (name: string | undefined): unknown => (name === undefined ? undefined : record.value[name]);
  const count = (name: string | undefined): number | null => {
    const number = value(name);
    return typeof number === "number" ? number : typeof number === "bigint" ? Number(number) : null;
  };
  const path = value(names.path);
  if (typeof path !== "string") throw badRequest("The manifest list names no manifest path");
  return {
    path,
    holds: count(names.content) === 1 ? "deletes" : "data",
    snapshot: String(value(names.snapshot) ?? ""),
    addedFiles: count(names.addedFiles),
    existingFiles: count(names.existingFiles),
    deletedFiles: count(names.deletedFiles),
    addedRows: count(names.addedRows),
    existingRows: count(names.existingRows),
    deletedRows: count(names.deletedRows),
    record,
  };
}

/** Whom a rewritten manifest list belongs to; it stands in the file's header, too. */
export interface ListOwner {
  readonly snapshot: Id;
  readonly parent: Id | null;
  readonly sequence: number;
  readonly formatVersion: number;
}

/** The bytes of a list that holds some of another list's manifests, byte for byte; without another one it is empty. */
export function writeManifestList(source: AvroFile | null, manifests: readonly Manifest[], owner: ListOwner): Buffer {
  const header = new Map(
    source?.header ?? [
      ["avro.schema", Buffer.from(emptyListSchema(owner.formatVersion))],
      ["avro.codec", Buffer.from("null")],
    ],
  );
  header.set("snapshot-id", Buffer.from(String(owner.snapshot)));
  header.set("parent-snapshot-id", Buffer.from(String(owner.parent)));
  header.set("sequence-number", Buffer.from(String(owner.sequence)));
  header.set("format-version", Buffer.from(String(owner.formatVersion)));
  return writeAvro({ header, records: manifests.map((manifest) => manifest.record) });
}

/** Counts for a snapshot's summary under Iceberg's own names; what cannot be summed is left out. */
export function totalsOf(manifests: readonly Manifest[], snapshot: Id): Record<string, string> {
  const data = manifests.filter((manifest) => manifest.holds === "data");
  const deletes = manifests.filter((manifest) => manifest.holds === "deletes");
  const own = data.filter((manifest) => manifest.snapshot === String(snapshot));
  const sums: [string, number | null][] = [
    ["added-records", sum(own.map((manifest) => manifest.addedRows))],
    ["added-data-files", sum(own.map((manifest) => manifest.addedFiles))],
    ["deleted-records", sum(own.map((manifest) => manifest.deletedRows))],
    ["deleted-data-files", sum(own.map((manifest) => manifest.deletedFiles))],
    ["total-records", sum(data.flatMap((manifest) => [manifest.addedRows, manifest.existingRows]))],
    ["total-data-files", sum(data.flatMap((manifest) => [manifest.addedFiles, manifest.existingFiles]))],
    ["total-delete-files", sum(deletes.flatMap((manifest) => [manifest.addedFiles, manifest.existingFiles]))],
  ];
  return Object.fromEntries(sums.flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])));
}

function sum(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((total, value) => (total === null || value === null ? null : total + value), 0);
}
