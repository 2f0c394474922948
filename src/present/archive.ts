import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** A file in a zip archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Midnight of the first day that a zip archive can name, 1980-01-01, as MS-DOS writes it: the same entries give the same bytes. */
const day = 0x21;

/** The entries of a zip archive, in the order of its directory. @throws RangeError when it is none, or encrypted, or larger than 4 GiB. */
export function readArchive(archive: Uint8Array): readonly ArchiveEntry[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new RangeError("this is no zip archive");
  const entries: ArchiveEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + (nameLength ?? 0));
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + size);
    if (method !== 0 && method !== 8) throw new RangeError(`${name} is packed in a way that is not known here`);
    if (!name.endsWith("/")) entries.push({ name, bytes: method === 0 ? content : inflateRawSync(content) });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}

/** A zip archive of these entries in this order, without the time of its making. */
export function writeArchive(entries: readonly ArchiveEntry[]): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, bytes } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const [content, method] = packed.length < bytes.length ? [packed, 8] : [Buffer.from(bytes), 0];
    const title = Buffer.from(name, "utf8");
    // What the local header and the directory have in common: version, UTF-8 names, method, time, checksum, sizes, length of the name.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(day, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(title.length, 22);
    files.push(Buffer.from("PK\x03\x04", "latin1"), common, title, content);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, place, title);
    at += 4 + common.length + title.length + content.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, ...directory, end]);
}

/**
 * An office file without the times and random names that its library wrote into it, so that the same content gives the same bytes; workbooks inside it
 * likewise.
 *
 * @param time of its making, ISO 8601
 */
export function timeless(office: Uint8Array, time: string): Buffer {
  return writeArchive(
    readArchive(office).map(({ name, bytes }) => {
      if (name.endsWith(".xlsx")) return { name, bytes: timeless(bytes, time) };
      if (name !== "docProps/core.xml") return { name, bytes };
      const core = Buffer.from(bytes).toString("utf8");
      return {
        name,
        bytes: Buffer.from(core.replaceAll(/(<dcterms:(created|modified)[^>]*>)[^<]*/g, (_all, opening: string) => `${opening}${time}`)),
      };
    }),
  );
}
