import type { AvroFile, AvroRecord } from "../catalog/avro.ts";
import { encodeRecord, writeAvro } from "../catalog/avro.ts";
import type { JsonObject } from "../catalog/json.ts";
import { readManifestList } from "../catalog/manifest-list.ts";
import type { Id, Snapshot } from "../catalog/model.ts";
import type { Storages } from "../storage/storages.ts";
import { fieldsById, readManifest, schemaOf, unreadable, valueOf, type Entry, type ManifestFile } from "./entry.ts";

/** A manifest as a manifest list names it. */
export interface ListedManifest {
  readonly path: string;
  readonly holds: "data" | "deletes";
  readonly spec: number;
  readonly sequence: bigint;
  readonly snapshot: bigint;
  readonly record: AvroRecord;
}

/** A snapshot's manifest list. */
export interface Listing {
  readonly location: string;
  readonly file: AvroFile;
  readonly manifests: readonly ListedManifest[];
}

/** Reads what snapshots consist of. Files never change once they are written, so that each is read once. */
export interface ContentReader {
  /** Null for a snapshot without a manifest list. */
  listing(snapshot: Snapshot): Promise<Listing | null>;
  manifest(listed: ListedManifest): Promise<ManifestFile>;
  /** All entries of several manifests, some at a time; deleted ones too. */
  entries(manifests: readonly ListedManifest[]): Promise<readonly { readonly manifest: ListedManifest; readonly entry: Entry }[]>;
}

/** Iceberg's ids of a manifest list's fields. */
const listIds = {
  path: 500,
  length: 501,
  spec: 502,
  content: 517,
  sequence: 515,
  minSequence: 516,
  snapshot: 503,
  addedFiles: 504,
  existingFiles: 505,
  deletedFiles: 506,
  addedRows: 512,
  existingRows: 513,
  deletedRows: 514,
  partitions: 507,
} as const;

export function contentReader(storages: Pick<Storages, "read">): ContentReader {
  const listings = new Map<string, Promise<Listing>>();
  const manifests = new Map<string, Promise<ManifestFile>>();
  const once = <T>(known: Map<string, Promise<T>>, path: string, read: () => Promise<T>): Promise<T> => {
    const reading = known.get(path) ?? read();
    known.set(path, reading);
    return reading;
  };
  const manifest = (listed: ListedManifest): Promise<ManifestFile> =>
    once(manifests, listed.path, async () => readManifest(await storages.read(listed.path), listed));
  return {
    async listing(snapshot) {
      const location = snapshot["manifest-list"];
      if (location === undefined) return null;
      return once(listings, location, async () => listingOf(location, await storages.read(location)));
    },
    manifest,
    async entries(listed) {
      const found: { manifest: ListedManifest; entry: Entry }[] = [];
      for (let first = 0; first < listed.length; first += 16) {
        const part = listed.slice(first, first + 16);
        const files = await Promise.all(part.map(manifest));
        for (const [index, file] of files.entries()) {
          const from = part[index];
          if (from !== undefined) found.push(...file.entries.map((entry) => ({ manifest: from, entry })));
        }
      }
      return found;
    },
  };
}

function listingOf(location: string, content: Buffer): Listing {
  const { file, manifests } = readManifestList(content);
  const fields = fieldsById(schemaOf(file).parsed);
  return {
    location,
    file,
    manifests: manifests.map(({ path, holds, record }) => {
      const snapshot = valueOf(record.value, fields, listIds.snapshot);
      if (typeof snapshot !== "bigint") throw unreadable(`the list ${location} does not say which snapshot added ${path}`);
      const sequence = valueOf(record.value, fields, listIds.sequence);
      return {
        path,
        holds,
        spec: Number(valueOf(record.value, fields, listIds.spec) ?? 0),
        sequence: typeof sequence === "bigint" ? sequence : 0n,
        snapshot,
        record,
      };
    }),
  };
}

/** A manifest that was written for a new snapshot, as its list will name it. */
export interface WrittenManifest {
  readonly path: string;
  readonly bytes: number;
  readonly spec: number;
  readonly holds: "data" | "deletes";
  readonly entries: readonly Pick<Entry, "status" | "rows" | "sequence">[];
  /** A list's record whose bounds of the partitions hold for it too; null when none does. */
  readonly boundsOf: AvroRecord | null;
}

/** The bytes of the manifest list of a new snapshot: manifests carried over as they are, and new ones in the words of the list before. */
export function writeListing(
  before: Listing,
  carried: readonly ListedManifest[],
  written: readonly WrittenManifest[],
  owner: { readonly snapshot: Id; readonly parent: Id | null; readonly sequence: number; readonly formatVersion: number },
): Buffer {
  const { text, parsed } = schemaOf(before.file);
  const fields = fieldsById(parsed);
  const header = new Map(before.file.header);
  header.set("snapshot-id", Buffer.from(String(owner.snapshot)));
  header.set("parent-snapshot-id", Buffer.from(String(owner.parent)));
  header.set("sequence-number", Buffer.from(String(owner.sequence)));
  header.set("format-version", Buffer.from(String(owner.formatVersion)));
  const added = written.map((manifest) => encodeRecord(text, listRecord(manifest, fields, owner)));
  return writeAvro({ header, records: [...added, ...carried.map(({ record }) => record)] });
}

function listRecord(
  manifest: WrittenManifest,
  fields: ReadonlyMap<number, JsonObject>,
  owner: { readonly snapshot: Id; readonly sequence: number },
): Readonly<Record<string, unknown>> {
  const of = (status: Entry["status"]) => manifest.entries.filter((entry) => entry.status === status);
  const rows = (status: Entry["status"]) => BigInt(of(status).reduce((sum, entry) => sum + entry.rows, 0));
  const live = manifest.entries.filter((entry) => entry.status !== "deleted").map((entry) => entry.sequence);
  const sequence = BigInt(owner.sequence);
  const known = new Map<number, unknown>([
    [listIds.path, manifest.path],
    [listIds.length, BigInt(manifest.bytes)],
    [listIds.spec, manifest.spec],
    [listIds.content, manifest.holds === "deletes" ? 1 : 0],
    [listIds.sequence, sequence],
    [listIds.minSequence, live.reduce((least, one) => (one < least ? one : least), sequence)],
    [listIds.snapshot, BigInt(owner.snapshot)],
    [listIds.addedFiles, of("added").length],
    [listIds.existingFiles, of("existing").length],
    [listIds.deletedFiles, of("deleted").length],
    [listIds.addedRows, rows("added")],
    [listIds.existingRows, rows("existing")],
    [listIds.deletedRows, rows("deleted")],
    [listIds.partitions, manifest.boundsOf === null ? null : (valueOf(manifest.boundsOf.value, fields, listIds.partitions) ?? null)],
  ]);
  return Object.fromEntries([...fields].map(([id, field]) => [String(field["name"]), known.get(id) ?? null]));
}
