import { renameSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listFiles } from "../../src/extract/file-list.ts";
import { markOf, resume, type FileMark } from "../../src/extract/log-files.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-logs-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function readAll(
  marks: ReadonlyMap<string, FileMark>,
  change: () => void = () => undefined,
): Promise<{ marks: Map<string, FileMark>; from: number[] }> {
  const files = await listFiles(folder, "app.log*");
  change();
  const { kept, logs } = await resume(files, marks);
  const from: number[] = [];
  for await (const log of logs) {
    from.push(log.from.offset);
    const { size } = await log.handle.stat();
    kept.set(log.file.name, await markOf(log, size, 1));
    await log.handle.close();
  }
  return { marks: kept, from };
}

test("a file that is rotated between listing and reading, into the name of a shorter one, is known by what it holds", async () => {
  writeFileSync(join(folder, "app.log.1"), "short\n");
  writeFileSync(join(folder, "app.log"), "a much longer line\n");
  const first = await readAll(new Map());
  expect(first.from).toEqual([0, 0]);
  // Both are listed under their names and sizes; then both are renamed before they are opened.
  writeFileSync(join(folder, "app.log.1"), "short\nmore\n");
  writeFileSync(join(folder, "app.log"), "a much longer line\nmore\n");
  const second = await readAll(first.marks, () => {
    renameSync(join(folder, "app.log.1"), join(folder, "app.log.2"));
    renameSync(join(folder, "app.log"), join(folder, "app.log.1"));
    writeFileSync(join(folder, "app.log"), "new\n");
  });
  // The new file from its beginning, the longer one from where it was left.
  expect(second.from).toEqual([0, 19]);
  const third = await readAll(second.marks);
  expect(third.from).not.toContain(0);
  expect(third.from).toContain(6);
});
