import type { AvroFile } from "../catalog/avro.ts";
import { encodeRecord, readAvro, writeAvro, type AvroRecord } from "../catalog/avro.ts";
import { isObject, parseJson, type Json, type JsonObject } from "../catalog/json.ts";
import { MillwrightError } from "../../error.ts";

/** Whether a manifest's entry names a file that was there before, that its snapshot added, or that it took away. */
export type EntryStatus = "existing" | "added" | "deleted";

/** One file of a table as a manifest names it. Sequence numbers and snapshot are those that it inherits from the manifest list. */
export interface Entry {
  readonly status: EntryStatus;
  readonly holds: "data" | "positionDeletes" | "equalityDeletes";
  readonly path: string;
  /** Rows of a data file, deleted rows of a delete file. */
  readonly rows: number;
  readonly bytes: number;
  readonly snapshot: bigint;
  readonly sequence: bigint;
  readonly fileSequence: bigint;
  readonly spec: number;
  /** Equal for files of the same partition of the same spec. */
  readonly partition: string;
  /** The partition's values in the order of the spec's fields. */
  readonly partitionValues: readonly unknown[];
  /** Paths of the data files that a position-delete file can apply to: the one it names, or a range; null for all of its partition. */
  readonly appliesTo: { readonly first: string; readonly last: string } | null;
  /** The record's values as its writer wrote them. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** A manifest with its entries, and the file's own header, so that it can be written again in its writer's way. */
export interface ManifestFile {
  readonly file: AvroFile;
  readonly entries: readonly Entry[];
}

/** What entries inherit from the manifest list. */
export interface Inherited {
  readonly snapshot: bigint;
  readonly sequence: bigint;
  readonly spec: number;
}

const statusCodes: Readonly<Record<EntryStatus, number>> = { existing: 0, added: 1, deleted: 2 };
const statuses: readonly EntryStatus[] = ["existing", "added", "deleted"];
const contents: readonly Entry["holds"][] = ["data", "positionDeletes", "equalityDeletes"];

/** Iceberg's ids of an entry's fields. */
const entryIds = { status: 0, snapshot: 1, file: 2, sequence: 3, fileSequence: 4 } as const;
/** And of a file's. */
export const fileIds = {
  content: 134,
  path: 100,
  format: 101,
  partition: 102,
  rows: 103,
  bytes: 104,
  columnSizes: 108,
  valueCounts: 109,
  nullCounts: 110,
  lowerBounds: 125,
  upperBounds: 128,
  sortOrder: 140,
  referenced: 143,
} as const;
/** Iceberg's id of the column of a position-delete file that names the data file. */
const pathColumn = 2147483546;

/** The fields of a record's schema, by Iceberg's id. */
export function fieldsById(schema: Json | undefined): ReadonlyMap<number, JsonObject> {
  const fields = isObject(schema) && Array.isArray(schema["fields"]) ? schema["fields"].filter(isObject) : [];
  return new Map(fields.flatMap((field) => (typeof field["field-id"] === "number" ? [[field["field-id"], field]] : [])));
}

/** The Avro schema of a file's header, as its text and parsed. */
export function schemaOf(file: AvroFile): { readonly text: string; readonly parsed: Json } {
  const text = file.header.get("avro.schema")?.toString("utf8") ?? "{}";
  return { text, parsed: parseJson(text) };
}

interface Names {
  readonly entry: ReadonlyMap<number, JsonObject>;
  readonly file: ReadonlyMap<number, JsonObject>;
}

function namesOf(file: AvroFile): Names {
  const entry = fieldsById(schemaOf(file).parsed);
  return { entry, file: fieldsById(entry.get(entryIds.file)?.["type"]) };
}

/** The value of the field with this id; undefined where the writer's schema has none. */
export function valueOf(record: unknown, fields: ReadonlyMap<number, JsonObject>, id: number): unknown {
  const name = fields.get(id)?.["name"];
  return typeof name === "string" && isRecord(record) ? record[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Parses a manifest. @throws CatalogError when it is damaged or compressed in a way that we cannot undo. */
export function readManifest(content: Buffer, inherited: Inherited): ManifestFile {
  const file = readAvro(content);
  const names = namesOf(file);
  return { file, entries: file.records.map((record) => entryOf(record, names, inherited)) };
}

function entryOf({ value }: AvroRecord, names: Names, inherited: Inherited): Entry {
  const own = (id: number): unknown => valueOf(value, names.entry, id);
  const data = own(entryIds.file);
  const of = (id: number): unknown => valueOf(data, names.file, id);
  const path = of(fileIds.path);
  const status = statuses[Number(own(entryIds.status) ?? 0)];
  const holds = contents[Number(of(fileIds.content) ?? 0)];
  if (typeof path !== "string" || status === undefined || holds === undefined) throw unreadable("an entry names no file");
  const partition = of(fileIds.partition);
  const partitionValues = isRecord(partition) ? Object.values(partition) : [];
  // Files of format version 1 have no sequence numbers at all: theirs is 0.
  const inherits = names.entry.has(entryIds.sequence) ? inherited.sequence : 0n;
  return {
    status,
    holds,
    path,
    rows: Number(of(fileIds.rows) ?? 0),
    bytes: Number(of(fileIds.bytes) ?? 0),
    snapshot: bigintOf(own(entryIds.snapshot)) ?? inherited.snapshot,
    sequence: bigintOf(own(entryIds.sequence)) ?? inherits,
    fileSequence: bigintOf(own(entryIds.fileSequence)) ?? inherits,
    spec: inherited.spec,
    partition: JSON.stringify([inherited.spec, partitionValues.map(comparable)]),
    partitionValues,
    appliesTo: holds === "positionDeletes" ? appliesTo(of) : null,
    value,
  };
}

/** The paths that a position-delete file speaks of: it may say so itself, or by the bounds of its column of paths. */
function appliesTo(of: (id: number) => unknown): Entry["appliesTo"] {
  const referenced = of(fileIds.referenced);
  if (typeof referenced === "string") return { first: referenced, last: referenced };
  const bound = (id: number): Buffer | null => {
    const pairs = of(id);
    for (const pair of Array.isArray(pairs) ? pairs : []) {
      const [key, value]: unknown[] = isRecord(pair) ? Object.values(pair) : [];
      if (key === pathColumn && Buffer.isBuffer(value)) return value;
    }
    return null;
  };
  const [first, last] = [bound(fileIds.lowerBounds), bound(fileIds.upperBounds)];
  return first === null || last === null ? null : { first: first.toString("utf8"), last: last.toString("utf8") };
}

function comparable(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (Buffer.isBuffer(value)) return value.toString("base64");
  return value ?? null;
}

function bigintOf(value: unknown): bigint | null {
  return typeof value === "bigint" ? value : typeof value === "number" ? BigInt(value) : null;
}

export function unreadable(why: string): MillwrightError {
  return new MillwrightError({ code: "manifest-unreadable", what: `a manifest cannot be read: ${why}` });
}

/** An entry as it is to be written. */
export interface NewEntry {
  readonly status: EntryStatus;
  readonly snapshot: bigint;
  /** The sequence number that says which deletes apply to the file. */
  readonly sequence: bigint;
  /** Null for a new file, which inherits its commit's. */
  readonly fileSequence: bigint | null;
  /** The record that it is made from. */
  readonly value: Readonly<Record<string, unknown>>;
  /** What differs from that record's file, by Iceberg's field id; a field that the writer's schema lacks is left out. */
  readonly changes?: ReadonlyMap<number, unknown>;
}

/** True when entries with a sequence number of their own can be written in a manifest's schema: not so in format version 1. */
export function keepsSequence(file: AvroFile): boolean {
  const { entry } = namesOf(file);
  return entry.has(entryIds.sequence) && entry.has(entryIds.fileSequence);
}

/** The bytes of a manifest with the header, and so the schema, of another one of the same partition spec. */
export function writeManifest(like: AvroFile, entries: readonly NewEntry[]): Buffer {
  const { text } = schemaOf(like);
  const names = namesOf(like);
  const put = (fields: ReadonlyMap<number, JsonObject>, id: number, value: unknown): [string, unknown][] => {
    const name = fields.get(id)?.["name"];
    return typeof name === "string" ? [[name, value]] : [];
  };
  const records = entries.map(({ status, snapshot, sequence, fileSequence, value, changes = new Map<number, unknown>() }) => {
    const file = valueOf(value, names.entry, entryIds.file);
    const changed = {
      ...(isRecord(file) ? file : {}),
      ...Object.fromEntries([...changes].flatMap(([id, item]) => put(names.file, id, item))),
    };
    return encodeRecord(
      text,
      Object.fromEntries([
        ...Object.entries(value),
        ...put(names.entry, entryIds.status, statusCodes[status]),
        ...put(names.entry, entryIds.snapshot, snapshot),
        ...put(names.entry, entryIds.sequence, sequence),
        ...put(names.entry, entryIds.fileSequence, fileSequence),
        ...put(names.entry, entryIds.file, changed),
      ]),
    );
  });
  return writeAvro({ header: like.header, records });
}

/** True when a delete file may take rows of a data file away. */
export function mayApply(deletes: Entry, data: Pick<Entry, "path" | "partition" | "sequence">): boolean {
  if (deletes.holds === "equalityDeletes")
    // Those of an unpartitioned spec hold for the whole table.
    return deletes.sequence > data.sequence && (deletes.partition === data.partition || deletes.partitionValues.length === 0);
  if (deletes.holds !== "positionDeletes" || deletes.sequence < data.sequence || deletes.partition !== data.partition) return false;
  const range = deletes.appliesTo;
  return range === null || (range.first <= data.path && data.path <= range.last);
}
