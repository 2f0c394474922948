import { utimes, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { readMetadata } from "../../../src/lake/catalog/metadata.ts";
import { snapshotsToExpire } from "../../../src/lake/maintain/expire.ts";
import { localPath } from "../../../src/lake/storage/address.ts";
import { client } from "../catalog/client.ts";
import { compactAll, day, expireAll, fill, openWorld, rowsOf, type World } from "./world.ts";

const slow = { timeout: 120_000 };

async function world(): Promise<World> {
  const open = await openWorld();
  onTestFinished(() => open.close());
  return open;
}

async function snapshots(lake: World): Promise<readonly string[]> {
  const loaded = await lake.client.load("t");
  return (loaded?.metadata.snapshots ?? []).map((snapshot) => String(snapshot["snapshot-id"]));
}

async function metadataFiles(lake: World): Promise<number> {
  const files = await lake.storages.list(lake.lake.storages[0].location);
  return files.filter(({ location }) => location.endsWith(".metadata.json")).length;
}

test("old snapshots go with the files that only they needed; all that stays can be read", slow, async () => {
  const lake = await world();
  await fill(lake, 4);
  await lake.ask("DELETE FROM t WHERE id < 150");
  await lake.maintain({ compact: compactAll });
  const before = await rowsOf(lake);
  const { expire } = await lake.maintain({ expire: { ...expireAll, keepLast: 2 } });
  expect(expire).toMatchObject({ snapshots: 4 });
  expect(expire?.files).toBeGreaterThan(0);
  const left = await snapshots(lake);
  expect(left).toHaveLength(2);
  for (const snapshot of left) expect(await rowsOf(lake, snapshot)).toBe(before);
  expect(await lake.orphans()).toEqual([]);
  await lake.maintain({ expire: expireAll });
  expect(await lake.files()).toEqual({ data: 1, deletes: 0 });
  const parquet = (await lake.storages.list(lake.lake.storages[0].location)).filter(({ location }) => location.endsWith(".parquet"));
  expect(parquet).toHaveLength(1);
  expect(await rowsOf(lake)).toBe(before);
  expect(await lake.orphans()).toEqual([]);
});

test("a snapshot has its time from when another took its place, however old it is", slow, async () => {
  const lake = await world();
  await fill(lake, 2);
  // Ten days later the table is still the same; only then it is compacted, and a reader of the old snapshot may be at work.
  await lake.maintain({ compact: compactAll }, 10 * day);
  const week = { ...expireAll, olderThanSeconds: 7 * 86_400 };
  // The first one was replaced ten days ago.
  expect((await lake.maintain({ expire: week }, 11 * day)).expire).toMatchObject({ snapshots: 1 });
  expect((await lake.maintain({ expire: week }, 16 * day)).expire).toMatchObject({ snapshots: 0 });
  expect((await lake.maintain({ expire: week }, 18 * day)).expire).toMatchObject({ snapshots: 1 });
});

test("what something needs stays: tags, branches, named snapshots, and the proof that rows are still the same", slow, async () => {
  const lake = await world();
  await fill(lake, 5);
  const call = client(lake.catalog);
  const ids = await snapshots(lake);
  const set = (name: string, type: "tag" | "branch", id = "") =>
    call("POST", "namespaces/ns/tables/t", {
      requirements: [],
      updates: [{ action: "set-snapshot-ref", "ref-name": name, type, "snapshot-id": BigInt(id) }],
    });
  expect((await set("audit", "tag", ids[0])).status).toBe(200);
  expect((await set("trial", "branch", ids[1])).status).toBe(200);
  await lake.maintain({ compact: compactAll });
  const compacted = (await snapshots(lake)).at(-1) ?? "";
  await lake.ask("INSERT INTO t (id) VALUES (-1)");
  await lake.ask("INSERT INTO t (id) VALUES (-2)");
  const needed = new Set([ids[4] ?? ""]);
  const rows = new Map(await Promise.all([ids[0], ids[1], ids[4]].map(async (id = "") => [id, await rowsOf(lake, id)] as const)));
  await lake.maintain({ expire: expireAll, needed });
  const left = await snapshots(lake);
  // The compaction stays because it says that the table then held the very rows of the needed one.
  expect(new Set(left)).toEqual(new Set([ids[0], ids[1], ids[4], compacted, left.at(-1)]));
  for (const [id, expected] of rows) expect(await rowsOf(lake, id)).toBe(expected);
  expect(await lake.orphans()).toEqual([]);
});

test("metadata files that the table's log has dropped go when they are old enough", slow, async () => {
  const lake = await world();
  await fill(lake, 1);
  const call = client(lake.catalog);
  await call("POST", "namespaces/ns/tables/t", {
    requirements: [],
    updates: [{ action: "set-properties", updates: { "write.metadata.previous-versions-max": "2" } }],
  });
  await fill(lake, 4, 1);
  const before = await metadataFiles(lake);
  await lake.maintain({ expire: { ...expireAll, keepLast: 100 } });
  expect(await metadataFiles(lake)).toBe(before);
  await lake.maintain({ expire: { ...expireAll, keepLast: 100 } }, day);
  expect(await metadataFiles(lake)).toBe(3);
  expect(await lake.orphans()).toEqual([]);
});

test("only files of a certain age that nothing refers to are orphans, and a dry run removes none", slow, async () => {
  const lake = await world();
  await fill(lake, 2);
  const before = await rowsOf(lake);
  const location = localPath((await lake.content()).metadata.location) ?? "";
  const plant = async (name: string, age: number) => {
    await writeFile(`${location}/${name}`, "rows");
    await utimes(`${location}/${name}`, Date.now() / 1000 - age, Date.now() / 1000 - age);
  };
  await plant("data/old.parquet", 4 * 86_400);
  await plant("metadata/old-m0.avro", 4 * 86_400);
  await plant("data/young.parquet", 86_400);
  const orphans = { olderThanSeconds: 3 * 86_400, dryRun: false };
  const dry = await lake.maintain({ orphans: { ...orphans, dryRun: true } });
  expect(dry.orphans).toMatchObject({ files: 2, bytes: 8, removed: false });
  expect(dry.orphans?.names.map((name) => name.slice(name.lastIndexOf("/") + 1)).toSorted()).toEqual(["old-m0.avro", "old.parquet"]);
  expect(await lake.orphans()).toHaveLength(3);
  // A place where another table lies, too, is left alone.
  expect((await lake.maintain({ orphans, others: [`file://${location}/inner`] })).orphans).toMatchObject({ files: 0 });
  expect((await lake.maintain({ orphans })).orphans).toMatchObject({ files: 2, removed: true });
  expect((await lake.orphans()).map((name) => name.slice(name.lastIndexOf("/") + 1))).toEqual(["young.parquet"]);
  expect(await rowsOf(lake)).toBe(before);
});

test("the last snapshots of each branch stay, and those that a branch asks for", () => {
  const snapshot = (id: number, parent: number | null) => ({
    "snapshot-id": id,
    ...(parent === null ? {} : { "parent-snapshot-id": parent }),
    "sequence-number": id,
    "timestamp-ms": id * 1000,
    summary: { operation: "append" },
  });
  const metadata = readMetadata(
    Buffer.from(
      JSON.stringify({
        "format-version": 2,
        "table-uuid": "t",
        location: "file:///t",
        "current-snapshot-id": 5,
        refs: {
          main: { "snapshot-id": 5, type: "branch" },
          old: { "snapshot-id": 6, type: "branch", "min-snapshots-to-keep": 2 },
        },
        // 7 was rolled back from: no branch leads there.
        snapshots: [snapshot(1, null), snapshot(2, 1), snapshot(3, 2), snapshot(4, 3), snapshot(5, 4), snapshot(6, 1), snapshot(7, 5)],
        "snapshot-log": [5, 7, 5].map((id, index) => ({ "snapshot-id": id, "timestamp-ms": 10_000 + index * 1000 })),
      }),
    ),
  );
  const going = (keepLast: number, now: number) =>
    snapshotsToExpire(metadata, { olderThan: 5000, keepLast, needed: new Set() }, now).map((one) => one["snapshot-id"]);
  expect(going(1, 1e9)).toEqual([2, 3, 4, 7]);
  expect(going(3, 1e9)).toEqual([2, 7]);
  // The rollback was at 12 s: until 17 s somebody may still read what was rolled back.
  expect(going(1, 16_000)).toEqual([2, 3, 4]);
});
