import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { localLake } from "../../../src/lake/local.ts";
import { partitionEnd } from "../../../src/lake/maintain/tier.ts";
import { system as s3System } from "../../../src/systems/s3.ts";
import type { Lake } from "../../../src/systems/roles.ts";
import { startS3, type S3 } from "../../servers/s3.ts";
import { compactAll, day, expireAll, fill, openWorld, rowsOf, type World } from "./world.ts";

const slow = { timeout: 240_000 };

let server: S3;
let buckets = 0;
beforeAll(async () => {
  server = await startS3();
}, 300_000);
afterAll(() => server.stop());

async function bucketLake(): Promise<Lake> {
  const bucket = await server.bucket(`lake-${(buckets += 1)}`);
  const { lake } = s3System.roles;
  if (lake === undefined) throw new Error("S3 is no lake");
  return lake(
    { bucket, prefix: "deep", endpoint: server.endpoint, accessKey: server.accessKey, secretKey: server.secretKey },
    { directory: "" },
  );
}

/** A near folder and a far one, or a far bucket; old is what is a month old. */
function hybridLake(directory: string, far: Lake): Lake {
  const near = localLake(directory);
  return {
    storages: [...near.storages, ...far.storages],
    duckdb: far.duckdb,
    hadoop: far.hadoop,
    tiering: { days: 30 },
  };
}

function farFolder(directory: string): Lake {
  return { ...localLake(directory), storages: [{ location: pathToFileURL(join(directory, "far")).href, service: "fs", options: {} }] };
}

async function world(lake: (directory: string) => Lake): Promise<World> {
  const open = await openWorld({ lake });
  onTestFinished(() => open.close());
  return open;
}

/** Files of `t` in use, near and far. */
async function places(lake: World): Promise<{ readonly near: number; readonly far: number }> {
  const { live } = await lake.content();
  const near = live.filter(({ entry }) => entry.path.startsWith(lake.lake.storages[0].location)).length;
  return { near, far: live.length - near };
}

/** A row a day: ten of three months ago and ten of now. */
async function fillDays(lake: World): Promise<void> {
  await lake.ask("CREATE TABLE t (id BIGINT, seen TIMESTAMP) PARTITIONED BY (day(seen))");
  await lake.ask("INSERT INTO t SELECT range, now()::TIMESTAMP - INTERVAL 90 DAY + range * INTERVAL 1 DAY FROM range(10)");
  await lake.ask("INSERT INTO t SELECT range + 10, now()::TIMESTAMP - INTERVAL 5 DAY FROM range(10)");
}

describe.each([
  ["another folder", async () => farFolder],
  [
    "a bucket of a stand-in of S3",
    async () => {
      const far = await bucketLake();
      return () => far;
    },
  ],
] as const)("a hybrid lake whose far storage is %s", (_, farOf) => {
  test("old partitions go there, the table stays one, and the near copies go with their snapshots", slow, async () => {
    const far = await farOf();
    const lake = await world((directory) => hybridLake(directory, far(directory)));
    await fillDays(lake);
    const before = await rowsOf(lake);
    const { snapshot } = await lake.content();
    const { tier } = await lake.maintain({});
    expect(tier).toMatchObject({ files: 10, left: null });
    expect(await places(lake)).toEqual({ near: 1, far: 10 });
    expect(await rowsOf(lake)).toBe(before);
    expect(await rowsOf(lake, String(snapshot["snapshot-id"]))).toBe(before);
    expect(await lake.ask("SELECT count(*)::INTEGER AS n FROM t WHERE seen < now()::TIMESTAMP - INTERVAL 30 DAY")).toEqual([{ n: 10 }]);

    const { expire } = await lake.maintain({ expire: expireAll });
    expect(expire?.files).toBeGreaterThanOrEqual(10);
    expect(await rowsOf(lake)).toBe(before);
    expect(await lake.orphans()).toEqual([]);
    // Once there, they stay; what is written late for an old day follows.
    await lake.ask("INSERT INTO t VALUES (100, now()::TIMESTAMP - INTERVAL 80 DAY)");
    expect((await lake.maintain({})).tier).toMatchObject({ files: 1 });
    expect(await lake.ask("SELECT count(*)::INTEGER AS n FROM t")).toEqual([{ n: 21 }]);
  });
});

test("a file that has lost rows moves only when these are applied, since deletes name it by its address", slow, async () => {
  const lake = await world((directory) => hybridLake(directory, farFolder(directory)));
  await fillDays(lake);
  await lake.ask("DELETE FROM t WHERE id = 3");
  await lake.ask("INSERT INTO t VALUES (200, now()::TIMESTAMP - INTERVAL 89 DAY)");
  await lake.ask("DELETE FROM t WHERE id = 200");
  const before = await rowsOf(lake);
  await lake.maintain({});
  const first = await places(lake);
  expect(first.far).toBeLessThan(10);
  expect(await rowsOf(lake)).toBe(before);
  await lake.maintain({ compact: compactAll });
  expect(await places(lake)).toEqual({ near: 1, far: 9 });
  expect(await rowsOf(lake)).toBe(before);
  await lake.maintain({ expire: expireAll });
  expect(await lake.orphans()).toEqual([]);
});

test("on a stand-in of S3, compaction, expiry and orphans do what they do on a disk", slow, async () => {
  const bucket = await bucketLake();
  const lake = await world(() => bucket);
  await fill(lake, 5);
  await lake.ask("DELETE FROM t WHERE id < 120");
  const before = await rowsOf(lake);
  expect((await lake.maintain({ compact: compactAll })).compact).toMatchObject({ filesAfter: 1, left: null });
  expect(await rowsOf(lake)).toBe(before);
  const { location } = (await lake.content()).metadata;
  await lake.storages.write(`${location}/data/orphan.parquet`, "rows");
  expect(await lake.orphans()).toHaveLength(1);
  const done = await lake.maintain({ expire: expireAll, orphans: { olderThanSeconds: 3600, dryRun: false } }, day);
  expect(done).toMatchObject({ expire: { snapshots: 6 }, orphans: { files: 1 } });
  expect(await rowsOf(lake)).toBe(before);
  expect(await lake.files()).toEqual({ data: 1, deletes: 0 });
  expect(await lake.orphans()).toEqual([]);
});

test("a partition's rows are as old as its end, by whatever length of time it is divided", () => {
  const end = (transform: string, type: string, value: unknown) => {
    const time = partitionEnd(
      {
        "partition-specs": [
          {
            "spec-id": 0,
            fields: [
              { "source-id": 9, "field-id": 1000, name: "b", transform: "bucket[4]" },
              { "source-id": 1, "field-id": 1001, name: "p", transform },
            ],
          },
        ],
        schemas: [
          {
            type: "struct",
            "schema-id": 0,
            fields: [
              { id: 1, name: "seen", type },
              { id: 9, name: "id", type: "long" },
            ],
          },
        ],
      },
      { spec: 0, partitionValues: [3, value] },
    );
    return time === null ? null : new Date(time).toISOString();
  };
  expect(end("day", "timestamp", 20_454)).toBe("2026-01-02T00:00:00.000Z");
  expect(end("month", "date", 672)).toBe("2026-02-01T00:00:00.000Z");
  expect(end("year", "timestamptz", 56)).toBe("2027-01-01T00:00:00.000Z");
  expect(end("hour", "timestamp", 20_454 * 24)).toBe("2026-01-01T01:00:00.000Z");
  expect(end("identity", "date", 20_454)).toBe("2026-01-02T00:00:00.000Z");
  expect(end("identity", "timestamp", 1_767_225_600_000_000n)).toBe("2026-01-01T00:00:00.000Z");
  expect(end("identity", "string", "2026-01-01")).toBeNull();
  expect(end("day", "timestamp", null)).toBeNull();
});
