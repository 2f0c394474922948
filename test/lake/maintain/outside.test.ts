import { expect, onTestFinished, test } from "vitest";
import { startIcebergRest } from "../../servers/iceberg-rest.ts";
import { compactAll, day, expireAll, fill, openWorld, rowsOf } from "./world.ts";

test("in a catalog of others (Apache Iceberg's own), tables are maintained as in ours", { timeout: 600_000 }, async () => {
  const lake = await openWorld({ outside: (warehouse) => startIcebergRest({ warehouse }) });
  onTestFinished(() => lake.close());
  await fill(lake, 5);
  await lake.ask("DELETE FROM t WHERE id < 120");
  const before = await rowsOf(lake);
  const { snapshot } = await lake.content();
  const { compact } = await lake.maintain({ compact: compactAll });
  expect(compact).toMatchObject({ filesAfter: 1, left: null });
  expect(compact?.deletesApplied).toBeGreaterThan(0);
  expect(await rowsOf(lake)).toBe(before);
  expect(await rowsOf(lake, String(snapshot["snapshot-id"]))).toBe(before);
  await lake.ask("INSERT INTO t (id) VALUES (5000)");
  const after = await rowsOf(lake);
  const done = await lake.maintain({ expire: expireAll, orphans: { olderThanSeconds: 3600, dryRun: false } }, day);
  expect(done).toMatchObject({ expire: { snapshots: 7 } });
  expect(await rowsOf(lake)).toBe(after);
  expect(await lake.files()).toEqual({ data: 2, deletes: 0 });
  expect(await lake.orphans()).toEqual([]);
});
