import { randomUUID } from "node:crypto";
import { fieldsById, fileIds, readManifest, schemaOf, valueOf, writeManifest, type Entry, type ManifestFile } from "../maintain/entry.ts";
import type { Storages } from "../storage/storages.ts";
import { encodeRecord, type AvroFile, type AvroRecord } from "./avro.ts";
import { badRequest } from "./error.ts";
import { parseJson } from "./json.ts";
import type { Manifest } from "./manifest-list.ts";
import { currentSchema } from "./metadata.ts";
import type { TableMetadata } from "./model.ts";
import { readObject, readText } from "./shape.ts";

/** Rows whose column, a date or timestamp, is at or after `from` and before `to`, in microseconds since 1970. */
export interface Range {
  readonly column: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** Iceberg's ids of the fields of a manifest list's entry that change when its manifest is written anew. */
const listIds = {
  path: 500,
  length: 501,
  spec: 502,
  sequence: 515,
  minSequence: 516,
  snapshot: 503,
  addedFiles: 504,
  existingFiles: 505,
  deletedFiles: 506,
  addedRows: 512,
  existingRows: 513,
  deletedRows: 514,
} as const;

/** `{"column": "at", "from": "2013-03-01T00:00:00Z", "to": "2013-03-02T00:00:00Z"}` */
export function readRange(text: string): Range {
  const object = readObject(parseJson(text), "range");
  const instant = (key: string): bigint => {
    const milliseconds = Date.parse(readText(object[key], `range.${key}`));
    if (Number.isNaN(milliseconds)) throw badRequest(`range.${key} is no time`);
    return BigInt(milliseconds) * 1000n;
  };
  return { column: readText(object["column"], "range.column"), from: instant("from"), to: instant("to") };
}

/** Words by which an engine knows that it must delete row by row. */
export const straddles = "holds rows inside and outside of the range";

/**
 * Manifests without the files whose rows lie in a range: these are marked as deleted, as Iceberg's readers of changes expect. Where a file lies
 * is known from its partition, or from its bounds of the column.
 *
 * @param list the file that the manifests are entries of.
 * @throws CatalogError BadRequestException when a file holds rows inside and outside, or may.
 */
export async function withoutRange(
  manifests: readonly Manifest[],
  range: Range,
  context: {
    readonly list: AvroFile;
    readonly metadata: TableMetadata;
    readonly storages: Storages;
    readonly snapshot: bigint;
    readonly sequence: bigint;
  },
): Promise<{ readonly records: readonly AvroRecord[]; readonly written: readonly string[] }> {
  const records: AvroRecord[] = [];
  const written: string[] = [];
  try {
    for (const manifest of manifests) {
      // What only tells of files that went with an earlier snapshot is told.
      if (manifest.addedFiles === 0 && manifest.existingFiles === 0) continue;
      const { path, bytes, record } = await manifestWithout(manifest, range, context);
      records.push(record);
      if (bytes === null) continue;
      await context.storages.write(path, bytes);
      written.push(path);
    }
  } catch (error) {
    await Promise.allSettled(written.map((path) => context.storages.remove(path)));
    throw error;
  }
  return { records, written };
}

type Context = Parameters<typeof withoutRange>[2];

async function manifestWithout(
  manifest: Manifest,
  range: Range,
  context: Context,
): Promise<{ readonly path: string; readonly bytes: Buffer | null; readonly record: AvroRecord }> {
  const same = { path: manifest.path, bytes: null, record: manifest.record };
  const known = hulls.get(hullKey(manifest, range));
  if (known !== undefined && (known.high < range.from || known.low >= range.to)) return same;
  const listFields = fieldsById(schemaOf(context.list).parsed);
  const inherited = {
    snapshot: BigInt(manifest.snapshot),
    sequence: BigInt(Number(valueOf(manifest.record.value, listFields, listIds.sequence) ?? 0)),
    spec: Number(valueOf(manifest.record.value, listFields, listIds.spec) ?? 0),
  };
  const file = readManifest(await context.storages.read(manifest.path), inherited);
  const live = file.entries.filter(({ status }) => status !== "deleted");
  const intervals = live.map((entry) => intervalOf(entry, file, range.column, context.metadata));
  keepHull(manifest, range, intervals);
  const goes = live.map((entry, index) => {
    const place = placeOf(intervals[index] ?? null, range);
    if (place !== "across") return place === "inside";
    // What a delete file of other rows still says does no harm.
    if (entry.holds !== "data") return false;
    throw badRequest(`Cannot replace a range of ${range.column}: a data file ${straddles}`);
  });
  if (!goes.includes(true)) return same;
  const entries = live.map((entry, index) => ({ ...entry, status: goes[index] === true ? ("deleted" as const) : ("existing" as const) }));
  const bytes = writeManifest(
    file.file,
    entries.map((entry) => (entry.status === "deleted" ? { ...entry, snapshot: context.snapshot } : entry)),
  );
  const path = `${context.metadata.location}/metadata/${randomUUID()}-m0.avro`;
  return { path, bytes, record: listRecord(manifest.record, path, bytes.length, entries, context) };
}

function listRecord(
  record: AvroRecord,
  path: string,
  length: number,
  entries: readonly Entry[],
  { list, snapshot, sequence }: Context,
): AvroRecord {
  const { text, parsed } = schemaOf(list);
  const fields = fieldsById(parsed);
  const of = (status: Entry["status"]) => entries.filter((entry) => entry.status === status);
  const rows = (status: Entry["status"]) => BigInt(of(status).reduce((sum, entry) => sum + entry.rows, 0));
  const changes = new Map<number, unknown>([
    [listIds.path, path],
    [listIds.length, BigInt(length)],
    [listIds.sequence, sequence],
    [listIds.minSequence, of("existing").reduce((least, entry) => (entry.sequence < least ? entry.sequence : least), sequence)],
    [listIds.snapshot, snapshot],
    [listIds.addedFiles, 0],
    [listIds.existingFiles, of("existing").length],
    [listIds.deletedFiles, of("deleted").length],
    [listIds.addedRows, 0n],
    [listIds.existingRows, rows("existing")],
    [listIds.deletedRows, rows("deleted")],
  ]);
  const named = [...changes].flatMap(([id, value]) => {
    const name = fields.get(id)?.["name"];
    return typeof name === "string" ? [[name, value] as const] : [];
  });
  return encodeRecord(text, { ...record.value, ...Object.fromEntries(named) });
}

/** Both ends included; of microseconds since 1970. */
interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

function placeOf(interval: Interval | null, { from, to }: Range): "inside" | "outside" | "across" {
  if (interval === null) return "across";
  if (interval.high < from || interval.low >= to) return "outside";
  return interval.low >= from && interval.high < to ? "inside" : "across";
}

/** Manifests never change: what all of one's files span of a column is remembered, so that most need not be read for the next part. */
const hulls = new Map<string, Interval>();

function hullKey({ path }: Manifest, { column }: Range): string {
  return `${path}\n${column}`;
}

function keepHull(manifest: Manifest, range: Range, intervals: readonly (Interval | null)[]): void {
  const known = intervals.filter((interval) => interval !== null);
  const [first, ...rest] = known;
  if (first === undefined || known.length < intervals.length) return;
  if (hulls.size > 10_000) hulls.clear();
  hulls.set(
    hullKey(manifest, range),
    rest.reduce((hull, { low, high }) => ({ low: low < hull.low ? low : hull.low, high: high > hull.high ? high : hull.high }), first),
  );
}

const microsecondsADay = 86_400_000_000n;

/** What a file's rows span of a column; null when that is not known, or some rows have no value there. */
function intervalOf(entry: Entry, { file }: ManifestFile, column: string, metadata: TableMetadata): Interval | null {
  const field = currentSchema(metadata)?.fields.find(({ name }) => name === column);
  if (field === undefined || (field.type !== "date" && field.type !== "timestamp")) return null;
  const spec = metadata["partition-specs"].find((item) => item["spec-id"] === entry.spec);
  for (const [index, { "source-id": source, transform }] of (spec?.fields ?? []).entries()) {
    const span = source === field.id ? partitionSpan(transform, entry.partitionValues[index], field.type) : null;
    if (span !== null) return narrowed(span, boundsOf(entry, file, field.id, field.type));
  }
  const bounds = boundsOf(entry, file, field.id, field.type);
  return bounds !== null && bounds.nulls === 0 ? bounds : null;
}

function narrowed(span: Interval, bounds: Interval | null): Interval {
  if (bounds === null) return span;
  return { low: bounds.low > span.low ? bounds.low : span.low, high: bounds.high < span.high ? bounds.high : span.high };
}

/** What the rows of a partition span of the column that it is made by. */
function partitionSpan(transform: string, value: unknown, type: "date" | "timestamp"): Interval | null {
  if (typeof value !== "number" && typeof value !== "bigint") return null;
  const number = Number(value);
  const until = (low: bigint, next: bigint): Interval => ({ low, high: next - 1n });
  const month = (months: number): bigint => BigInt(Date.UTC(1970, months)) * 1000n;
  switch (transform) {
    case "identity":
      return type === "date"
        ? { low: BigInt(value) * microsecondsADay, high: BigInt(value) * microsecondsADay }
        : { low: BigInt(value), high: BigInt(value) };
    case "hour":
      return until(BigInt(value) * (microsecondsADay / 24n), (BigInt(value) + 1n) * (microsecondsADay / 24n));
    case "day":
      return until(BigInt(value) * microsecondsADay, (BigInt(value) + 1n) * microsecondsADay);
    case "month":
      return until(month(number), month(number + 1));
    case "year":
      return until(month(number * 12), month(number * 12 + 12));
    default:
      return null;
  }
}

/** What the file's own statistics say of a column; `nulls` is null when they do not count them. */
function boundsOf(
  entry: Entry,
  file: AvroFile,
  id: number,
  type: "date" | "timestamp",
): (Interval & { readonly nulls: number | null }) | null {
  const entryFields = fieldsById(schemaOf(file).parsed);
  const data = valueOf(entry.value, entryFields, 2);
  const fields = fieldsById(entryFields.get(2)?.["type"]);
  const of = (key: number): unknown => {
    const pairs = valueOf(data, fields, key);
    for (const pair of Array.isArray(pairs) ? pairs : []) {
      const [name, value]: unknown[] = typeof pair === "object" && pair !== null ? Object.values(pair) : [];
      if (name === id) return value;
    }
    return null;
  };
  const instant = (value: unknown): bigint | null => {
    if (!(value instanceof Uint8Array) || value.length < (type === "date" ? 4 : 8)) return null;
    const bytes = Buffer.from(value);
    return type === "date" ? BigInt(bytes.readInt32LE()) * microsecondsADay : bytes.readBigInt64LE();
  };
  const [low, high] = [instant(of(fileIds.lowerBounds)), instant(of(fileIds.upperBounds))];
  const nulls = of(fileIds.nullCounts);
  if (low === null || high === null) return null;
  return { low, high, nulls: typeof nulls === "bigint" || typeof nulls === "number" ? Number(nulls) : null };
}
