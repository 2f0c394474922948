import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openJournal, readJournal, type NewEvent } from "../../src/run/journal.ts";
import { startScript } from "./script.ts";
import { temporaryFolder } from "./temporary.ts";

const events: readonly NewEvent[] = [
  { type: "run.started", run: "r1", body: { assets: [], full: false } },
  {
    type: "asset.committed",
    asset: "orders",
    run: "r1",
    body: { snapshot: "8954597067493422955", rows: 3 },
    time: "2026-01-05T09:30:00.000Z",
  },
  { type: "asset.committed", asset: "orders", run: "r2", body: { snapshot: "17", rows: 4 } },
  { type: "asset.committed", asset: "customers", run: "r2", body: { snapshot: "18", rows: 2 } },
  { type: "run.finished", run: "r2", body: { outcome: "succeeded" } },
];

function journalFile(): string {
  const file = join(temporaryFolder(), "journal.sqlite");
  using journal = openJournal(file);
  journal.appendAll(events);
  return file;
}

/** Changes a journal as somebody would who can write the file: past the triggers. */
function tamper(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(`DROP TRIGGER events_never_change; DROP TRIGGER events_never_go; DROP TRIGGER events_only_follow; ${sql}`);
}

test("events come back in order, as they were appended", () => {
  using journal = openJournal(journalFile());
  expect(journal.verify()).toBeNull();
  const told = journal.events();
  expect(told.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(told[1]).toMatchObject({
    type: "asset.committed",
    asset: "orders",
    run: "r1",
    body: { snapshot: "8954597067493422955", rows: 3 },
    time: "2026-01-05T09:30:00.000Z",
  });
  expect(Date.parse(told[4]?.time ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(journal.events({ run: "r2", type: "asset.committed" }).map(({ asset }) => asset)).toEqual(["orders", "customers"]);
  expect(journal.events({ asset: "orders" })).toHaveLength(2);
});

test("the newest event of a type is known for each asset", () => {
  using journal = openJournal(journalFile());
  const latest = journal.latest("asset.committed");
  expect([...latest.keys()].toSorted()).toEqual(["customers", "orders"]);
  expect(latest.get("orders")?.body["snapshot"]).toBe("17");
  expect(journal.latest("model.registered").size).toBe(0);
});

test("the chain goes on where an earlier process stopped", () => {
  const file = journalFile();
  using again = openJournal(file);
  again.append({ type: "run.started", run: "r3" });
  expect(again.events()).toHaveLength(6);
  expect(again.verify()).toBeNull();
});

test.each([
  ["a changed body", `UPDATE events SET body = replace(body, '3', '4') WHERE sequence = 2`, 2],
  ["a changed time", `UPDATE events SET time = '2026-01-06T09:30:00.000Z' WHERE sequence = 2`, 2],
  ["a changed asset", `UPDATE events SET asset = 'customers' WHERE sequence = 3`, 3],
  ["a removed event", `DELETE FROM events WHERE sequence = 4`, 4],
  [
    "two swapped events",
    `UPDATE events SET sequence = 99 WHERE sequence = 2; UPDATE events SET sequence = 2 WHERE sequence = 3; UPDATE events SET sequence = 3 WHERE sequence = 99`,
    2,
  ],
  [
    "a first event put before all others",
    `INSERT INTO events SELECT 0, time, type, asset, run, body, hash FROM events WHERE sequence = 1`,
    1,
  ],
])("%s is found", (_name, sql, broken) => {
  const file = journalFile();
  tamper(file, sql);
  using journal = openJournal(file);
  expect(journal.verify()).toBe(broken);
});

test("an event can be neither changed nor removed", () => {
  const file = journalFile();
  using database = new DatabaseSync(file);
  expect(() => database.exec("UPDATE events SET body = '{}' WHERE sequence = 1")).toThrow("append-only");
  expect(() => database.exec("DELETE FROM events")).toThrow("append-only");
  // REPLACE would delete without asking the triggers.
  expect(() =>
    database.exec("INSERT OR REPLACE INTO events SELECT sequence, time, type, asset, run, '{}', hash FROM events WHERE sequence = 1"),
  ).toThrow("append-only");
  using journal = openJournal(file);
  expect(journal.verify()).toBeNull();
});

test("several events are one transaction: all or none", () => {
  const file = journalFile();
  using journal = openJournal(file);
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  expect(() =>
    journal.appendAll([
      { type: "run.started", run: "r3" },
      { type: "run.finished", run: "r3", body: circular },
    ]),
  ).toThrow(/circular|stack/i);
  expect(journal.events()).toHaveLength(events.length);
  journal.append({ type: "run.started", run: "r4" });
  expect(journal.verify()).toBeNull();
});

test("steps that tell at the same time each find their events on disk, in their order, and one that cannot be written fails alone", async () => {
  const file = journalFile();
  using journal = openJournal(file);
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const told = (asset: string): NewEvent[] => [
    { type: "asset.defined", asset, run: "r3" },
    { type: "metric.measured", asset, run: "r3" },
  ];
  const outcomes = await Promise.allSettled([
    journal.commit(told("a")),
    journal.commit([{ type: "metric.measured", asset: "b", body: circular }]),
    journal.commit(told("c")),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  using other = openJournal(file);
  expect(other.events({ run: "r3" }).map(({ type, asset }) => [type, asset])).toEqual([
    ["asset.defined", "a"],
    ["metric.measured", "a"],
    ["asset.defined", "c"],
    ["metric.measured", "c"],
  ]);
  expect(other.verify()).toBeNull();
});

test("processes append at once to a journal that none of them has made before, and the chain holds", async () => {
  const file = join(temporaryFolder(), "journal.sqlite");
  const scripts = ["a", "b", "c"].map((run) => startScript("append-events.ts", [file, run, "50"]));
  expect(await Promise.all(scripts.map((script) => script.end()))).toEqual([0, 0, 0]);
  using journal = openJournal(file);
  expect(journal.verify()).toBeNull();
  expect(journal.events()).toHaveLength(150);
  expect(journal.events({ run: "b" }).map(({ body }) => body["number"])).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});

test("reading makes no journal, and reads while another writes", () => {
  const folder = temporaryFolder();
  expect(readJournal(join(folder, "none.sqlite"))).toBeNull();
  const file = join(folder, "journal.sqlite");
  using writer = openJournal(file);
  using reader = readJournal(file) ?? writer;
  expect(reader).not.toBe(writer);
  writer.append({ type: "run.started", run: "r1" });
  expect(reader.events()).toHaveLength(1);
  expect(() => reader.append({ type: "run.finished", run: "r1" })).toThrow("readonly");
});

test("a file that is no journal is refused with what to do", () => {
  const file = join(temporaryFolder(), "journal.sqlite");
  writeFileSync(file, "something that somebody saved here, long enough to be taken for a database page\n".repeat(20));
  expect(() => openJournal(file)).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: "journal-unreadable", where: file }) }),
  );
  expect(() => readJournal(file)).toThrow("move it away");
});
