import { randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import avsc, { type Type } from "avsc";
import { badRequest, CatalogError } from "./error.ts";

/** A record of an Avro file: its values, and its bytes, so that it can be copied without a change. */
export interface AvroRecord {
  readonly value: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

export interface AvroFile {
  /** The header's entries: `avro.schema`, `avro.codec` and what the writer added. */
  readonly header: ReadonlyMap<string, Buffer>;
  readonly records: readonly AvroRecord[];
}

const magic = Buffer.from("Obj\u0001", "latin1");

/** Avro's long as a bigint: file sizes, counts and snapshot ids keep every digit. */
const longType: avsc.types.LongType = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const headerType: Type = avsc.Type.forSchema({ type: "map", values: "bytes" });
const countType: Type = avsc.Type.forSchema("long");
// Writers repeat the same few schemas; making a type of one costs more than reading a file with it.
const knownTypes = new Map<string, Type>();

/** Writers say a plain `"long"`, or an object that says more of it. */
function longsAsBigint(schema: unknown): Type | undefined {
  const isLong = schema === "long" || (typeof schema === "object" && schema !== null && "type" in schema && schema.type === "long");
  return isLong ? longType : undefined;
}

function typeOf(schema: string): Type {
  const known = knownTypes.get(schema);
  if (known) return known;
  const type = avsc.Type.forSchema(JSON.parse(schema), { typeHook: longsAsBigint });
  if (knownTypes.size > 200) knownTypes.clear();
  knownTypes.set(schema, type);
  return type;
}

/** A codec that we cannot undo; the file may be fine for others. */
export class UnknownCodec extends CatalogError {
  constructor(codec: string) {
    super(400, "BadRequestException", `The Avro file is compressed with ${codec}; null, deflate and zstandard are supported`);
  }
}

interface Codec {
  readonly pack: (block: Buffer) => Buffer;
  readonly unpack: (block: Buffer) => Buffer;
}

const codecs: Readonly<Record<string, Codec>> = {
  null: { pack: (block) => block, unpack: (block) => block },
  deflate: { pack: (block) => deflateRawSync(block), unpack: (block) => inflateRawSync(block) },
  zstandard: { pack: (block) => zstdCompressSync(block), unpack: (block) => zstdDecompressSync(block) },
};

function codecOf(header: AvroFile["header"]): Codec {
  const name = header.get("avro.codec")?.toString("latin1") ?? "null";
  const codec = codecs[name];
  if (codec === undefined) throw new UnknownCodec(name);
  return codec;
}

/**
 * Reads an Avro object container file with the schema that it carries.
 *
 * @throws UnknownCodec where it is compressed in a way that we cannot undo.
 * @throws CatalogError BadRequestException when it is no Avro file, or is damaged.
 */
export function readAvro(content: Buffer): AvroFile {
  if (!content.subarray(0, 4).equals(magic)) throw badRequest("The file is no Avro file");
  try {
    return readContainer(content);
  } catch (error) {
    if (error instanceof CatalogError || !(error instanceof Error)) throw error;
    throw badRequest(`The Avro file is damaged: ${error.message}`);
  }
}

function readContainer(content: Buffer): AvroFile {
  const header = decode(headerType, content, 4);
  const entries = new Map(Object.entries(header.value as Record<string, Buffer>));
  const type = typeOf(entries.get("avro.schema")?.toString("utf8") ?? "");
  const codec = codecOf(entries);
  const records: AvroRecord[] = [];
  for (let offset = header.offset + 16; offset < content.length;) {
    const count = decode(countType, content, offset);
    const size = decode(countType, content, count.offset);
    const end = size.offset + Number(size.value);
    if (end + 16 > content.length) throw badRequest("The Avro file is cut off");
    readBlock(type, codec.unpack(content.subarray(size.offset, end)), Number(count.value), records);
    offset = end + 16;
  }
  return { header: entries, records };
}

function readBlock(type: Type, block: Buffer, count: number, records: AvroRecord[]): void {
  let offset = 0;
  for (let index = 0; index < count; index++) {
    const record = decode(type, block, offset);
    records.push({ value: record.value as Readonly<Record<string, unknown>>, bytes: block.subarray(offset, record.offset) });
    offset = record.offset;
  }
}

function decode(type: Type, buffer: Buffer, offset: number): { readonly value: unknown; readonly offset: number } {
  const decoded: { value: unknown; offset: number } = type.decode(buffer, offset);
  if (decoded.offset < 0) throw badRequest("The Avro file is cut off");
  return decoded;
}

/** Writes an Avro object container file; the records' bytes must be of the header's own schema. */
export function writeAvro({ header, records }: AvroFile): Buffer {
  const sync = randomBytes(16);
  const parts = [magic, headerType.toBuffer(Object.fromEntries(header)), sync];
  if (records.length > 0) {
    const block = Buffer.concat(records.map((record) => record.bytes));
    const stored = codecOf(header).pack(block);
    parts.push(countType.toBuffer(records.length), countType.toBuffer(stored.length), stored, sync);
  }
  return Buffer.concat(parts);
}

/** A record of an Avro file made from its values, in the file's own schema (as text). */
export function encodeRecord(schema: string, value: Readonly<Record<string, unknown>>): AvroRecord {
  return { value, bytes: typeOf(schema).toBuffer(value) };
}
