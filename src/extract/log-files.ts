import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import type { Position } from "../systems/roles.ts";
import type { ListedFile } from "./file-list.ts";
import { decompressed, isCompressed } from "./lines.ts";

/** How far a log file was read. Offsets count decompressed bytes, so that a file is still known after it was compressed. */
export interface FileMark {
  /** Size and time of the file when it was read. */
  readonly mark: string;
  readonly offset: number;
  readonly lines: number;
  /** The first bytes of the text by their hash: what a file is, whatever it is called now. */
  readonly headBytes: number;
  readonly head: string;
  /** Extracts since the file was last there. */
  readonly gone: number;
}

/** A file with the place to read on from; the handle is open and stays on the file when it is renamed. */
export interface OpenLog {
  readonly file: ListedFile;
  readonly handle: FileHandle;
  /** Of the handle: the name may have passed to another file since it was listed. */
  readonly inode: string;
  readonly from: { readonly offset: number; readonly lines: number };
}

const headBytes = 1024;
/** A file that is renamed while the folder is listed may be missed once; its mark is kept for a while. */
const keepGone = 10;

export function marksOf(position: Position | null): Map<string, FileMark> {
  const marks = new Map<string, FileMark>();
  for (const [name, value] of Object.entries(position ?? {})) {
    if (typeof value !== "string") continue;
    const [size = "", time = "", offset, lines, bytes, head = "", gone] = value.split(":");
    marks.set(name, {
      mark: `${size}:${time}`,
      offset: Number(offset),
      lines: Number(lines),
      headBytes: Number(bytes),
      head,
      gone: Number(gone ?? 0),
    });
  }
  return marks;
}

export function positionOf(marks: ReadonlyMap<string, FileMark>): Position {
  return Object.fromEntries([...marks].map(([name, m]) => [name, [m.mark, m.offset, m.lines, m.headBytes, m.head, m.gone].join(":")]));
}

/**
 * Finds for each listed file where to read on: unchanged files are passed over, a file that grew goes on at its offset, one that was
 * renamed (rotated) or compressed is recognised by its first bytes, and one that was truncated begins anew.
 *
 * @returns the marks that stay as they are, and what is to be read, in the order of the files
 */
export async function resume(
  files: readonly ListedFile[],
  marks: ReadonlyMap<string, FileMark>,
): Promise<{ kept: Map<string, FileMark>; logs: AsyncGenerator<OpenLog> }> {
  const kept = new Map<string, FileMark>();
  const unclaimed = new Map(marks);
  const changed: ListedFile[] = [];
  for (const file of files) {
    const mark = marks.get(file.name);
    if (mark?.mark === file.mark) {
      kept.set(file.name, { ...mark, gone: 0 });
      unclaimed.delete(file.name);
    } else changed.push(file);
  }
  const opened = new Map<ListedFile, OpenLog>();
  for (const byName of [true, false]) {
    for (const file of changed) {
      if (unclaimed.size === 0 || opened.has(file)) continue;
      const candidates = byName ? [...unclaimed].filter(([name]) => name === file.name) : [...unclaimed];
      const claim = await recognise(file, candidates);
      if (claim === null) continue;
      unclaimed.delete(claim.name);
      opened.set(file, claim.log);
    }
  }
  for (const [name, mark] of unclaimed) {
    // Its name may belong to another file now, so it is kept under what it is.
    if (mark.gone < keepGone && mark.offset > 0)
      kept.set(mark.gone === 0 ? `${name} ${mark.head}` : name, { ...mark, gone: mark.gone + 1 });
  }
  const seen = new Set([...opened.values()].map(({ inode }) => inode));
  for (const { name, inode } of files) if (marks.get(name) !== undefined && kept.has(name)) seen.add(inode);
  return { kept, logs: openLogs(changed, opened, seen) };
}

/** @param seen inodes that are known, so that a file which is renamed meanwhile is not read twice */
async function* openLogs(
  changed: readonly ListedFile[],
  opened: ReadonlyMap<ListedFile, OpenLog>,
  seen: Set<string>,
): AsyncGenerator<OpenLog> {
  for (const file of changed) {
    const known = opened.get(file);
    if (known !== undefined) {
      yield known;
      continue;
    }
    const handle = await openListed(file);
    if (handle === null) continue;
    const inode = await inodeOf(handle);
    if (seen.has(inode)) {
      await handle.close();
      continue;
    }
    seen.add(inode);
    yield { file, handle, inode, from: { offset: 0, lines: 0 } };
  }
}

/** Null when it was rotated away since it was listed: the next extract finds it under its new name. */
function openListed(file: ListedFile): Promise<FileHandle | null> {
  return open(file.path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

async function inodeOf(handle: FileHandle): Promise<string> {
  const { dev, ino } = await handle.stat({ bigint: true });
  return `${dev}:${ino}`;
}

/** The candidate whose first bytes are those of the file, if any. */
async function recognise(
  file: ListedFile,
  candidates: readonly (readonly [string, FileMark])[],
): Promise<{ name: string; log: OpenLog } | null> {
  if (candidates.length === 0) return null;
  const handle = await openListed(file);
  if (handle === null) return null;
  const start = await firstBytes(handle, file.name, headBytes);
  // Of the handle: the name may have passed to another, longer file since it was listed.
  const { size } = await handle.stat();
  for (const [name, mark] of candidates) {
    if (mark.offset === 0 || (!isCompressed(file.name) && mark.offset > size)) continue;
    if (start.length < mark.headBytes || hashOf(start.subarray(0, mark.headBytes)) !== mark.head) continue;
    return { name, log: { file, handle, inode: await inodeOf(handle), from: { offset: mark.offset, lines: mark.lines } } };
  }
  await handle.close();
  return null;
}

/** The mark of a log that was read up to an offset. */
export async function markOf({ file, handle, inode }: OpenLog, offset: number, lines: number): Promise<FileMark> {
  const bytes = Math.min(headBytes, offset);
  const start = await firstBytes(handle, file.name, bytes);
  // What was listed under this name says nothing of another file that has taken it since.
  return { mark: inode === file.inode ? file.mark : ":", offset, lines, headBytes: start.length, head: hashOf(start), gone: 0 };
}

async function firstBytes(handle: FileHandle, name: string, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  let size = 0;
  const stream = decompressed(handle, name);
  try {
    for await (const piece of stream) {
      pieces.push(piece);
      size += piece.length;
      if (size >= count) break;
    }
  } catch (error) {
    // A damaged file is reported where it is read; here its readable beginning is enough.
    if (!(error instanceof Error) || !("code" in error)) throw error;
  } finally {
    stream.destroy();
  }
  return Buffer.concat(pieces).subarray(0, count);
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
