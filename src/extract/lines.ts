import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { MillwrightError } from "../error.ts";

/** Some whole lines of a file. */
export interface Lines {
  /** Without the last line's end. */
  readonly text: string;
  /** How many lines the text has. */
  readonly count: number;
  /** The number of the first one, from 1. */
  readonly first: number;
  /** Bytes of the decompressed file up to the end of these lines. */
  readonly end: number;
  /** Some bytes were no UTF-8 and stand in the text as U+FFFD. */
  readonly damaged: boolean;
}

export interface LinesOptions {
  /** Where to start, in bytes of the decompressed text, with the number of lines before. */
  readonly from?: { readonly offset: number; readonly lines: number };
  /** Take a last line that has no line end; else it is left for the next time. */
  readonly unended: boolean;
  readonly signal: AbortSignal;
}

const newline = 0x0a;
const pieceBytes = 1024 * 1024;
const blockBytes = 4 * 1024 * 1024;
/** A longer line is cut into pieces, so that a file without line ends cannot fill the memory. */
const longestLine = 64 * 1024 * 1024;

/** The bytes of an open file, decompressed when its name ends in .gz or .zst. The handle stays open. */
export function decompressed(handle: FileHandle, name: string, start = 0): Readable {
  const compressed = isCompressed(name);
  const bytes = Readable.from(pieces(handle, compressed ? 0 : start), { objectMode: false });
  if (!compressed) return bytes;
  const unpack = name.endsWith(".gz") ? createGunzip({ chunkSize: pieceBytes }) : createZstdDecompress({ chunkSize: pieceBytes });
  // The callback is empty because an error of either stream is thrown to whoever reads the last one.
  return pipeline(bytes, unpack, () => {});
}

/** By position, because a stream over a handle closes it when it is destroyed. */
async function* pieces(handle: FileHandle, start: number): AsyncGenerator<Buffer> {
  for (let position = start; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

export function isCompressed(name: string): boolean {
  return name.endsWith(".gz") || name.endsWith(".zst");
}

/**
 * A file's lines in blocks of about 4 MiB, decompressed as they are read. The handle stays open.
 *
 * @param name decides how the file is decompressed
 * @throws MillwrightError `file-damaged` when the compressed data is cut off or broken, after the whole lines before that place.
 */
export async function* readLines(handle: FileHandle, name: string, options: LinesOptions): AsyncGenerator<Lines> {
  const { from = { offset: 0, lines: 0 }, unended, signal } = options;
  const stream = decompressed(handle, name, from.offset);
  let skip = isCompressed(name) ? from.offset : 0;
  let waiting: Buffer[] = [];
  let size = 0;
  let end = from.offset;
  let lines = from.lines;
  let damage: MillwrightError | null = null;
  const take = (bytes: Buffer, ended: boolean): Lines => {
    const body = ended ? bytes.subarray(0, -1) : bytes;
    const count = countNewlines(body) + 1;
    end += bytes.length;
    lines += count;
    return { text: body.toString("utf8"), count, first: lines - count + 1, end, damaged: !isUtf8(body) };
  };
  try {
    for await (const piece of stream) {
      signal.throwIfAborted();
      let bytes: Buffer = piece;
      if (skip > 0) {
        const skipped = Math.min(skip, bytes.length);
        skip -= skipped;
        bytes = bytes.subarray(skipped);
      }
      waiting.push(bytes);
      size += bytes.length;
      if (size < blockBytes) continue;
      const block = Buffer.concat(waiting);
      const last = block.lastIndexOf(newline);
      if (last < 0 && size < longestLine) {
        waiting = [block];
        continue;
      }
      const cut = last < 0 ? block.length : last + 1;
      yield take(block.subarray(0, cut), last >= 0);
      waiting = [block.subarray(cut)];
      size = block.length - cut;
    }
  } catch (error) {
    damage = damageOf(error, name);
    if (damage === null) throw error;
  } finally {
    stream.destroy();
  }
  const rest = Buffer.concat(waiting);
  const last = rest.lastIndexOf(newline);
  if (last >= 0) yield take(rest.subarray(0, last + 1), true);
  if (damage !== null) throw damage;
  if (last + 1 < rest.length && unended) yield take(rest.subarray(last + 1), false);
}

function damageOf(error: unknown, name: string): MillwrightError | null {
  if (!(error instanceof Error) || !("code" in error) || !/^(Z_|ZSTD)/.test(String(error.code))) return null;
  return new MillwrightError(
    {
      code: "file-damaged",
      what: `the compressed data of ${name} is cut off or broken: ${error.message}`,
      fix: "restore the file, or move it away",
    },
    { cause: error },
  );
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
