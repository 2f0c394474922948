import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readArchive, timeless, writeArchive } from "../../src/present/archive.ts";

const entries = [
  { name: "docProps/core.xml", bytes: Buffer.from('<p><dcterms:created xsi:type="x">2026-11-22T10:00:00Z</dcterms:created></p>') },
  { name: "word/größe.xml", bytes: Buffer.from("<a/>".repeat(1000)) },
  { name: "empty", bytes: Buffer.alloc(0) },
];

test("an archive that was written reads back as it was, and Python's zipfile finds no fault with it", () => {
  const archive = writeArchive(entries);
  expect(readArchive(archive).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual(
    entries.map(({ name, bytes }) => [name, bytes.toString()]),
  );
  const program =
    "import io,sys,zipfile; z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); print(z.testzip(), [i.date_time[0] for i in z.infolist()], z.namelist()[1])";
  expect(
    execFileSync("python3", ["-c", program], {
      input: archive,
      encoding: "utf8",
      env: { ...process.env, PYTHONIOENCODING: "utf8" },
    }).trim(),
  ).toBe("None [1980, 1980, 1980] word/größe.xml");
});

test("an office file loses the time of its making, and so does a workbook inside it", () => {
  const outer = writeArchive([...entries, { name: "ppt/embeddings/chart.xlsx", bytes: writeArchive(entries) }]);
  const read = readArchive(timeless(outer, "2026-11-20T00:00:00Z"));
  const core = (all: typeof read): string => Buffer.from(all.find(({ name }) => name === "docProps/core.xml")?.bytes ?? []).toString();
  expect(core(read)).toContain(">2026-11-20T00:00:00Z<");
  expect(core(readArchive(read.find(({ name }) => name.endsWith(".xlsx"))?.bytes ?? Buffer.alloc(0)))).toContain(">2026-11-20T00:00:00Z<");
});

test("what is no archive is refused", () => {
  expect(() => readArchive(Buffer.from("plain text"))).toThrow("no zip archive");
});
