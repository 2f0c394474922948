import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { localLake } from "../../../src/lake/local.ts";
import { system } from "../../../src/systems/spark.ts";
import type { Engine, Lake } from "../../../src/systems/roles.ts";
import { startSpark, type Spark } from "../../servers/spark.ts";
import { compactAll, expireAll, fill, openWorld, rowsOf, type World } from "./world.ts";

let spark: Spark;
beforeAll(async () => {
  spark = await startSpark();
}, 600_000);
afterAll(() => spark.stop());

async function world(lake?: (directory: string) => Lake): Promise<{ readonly lake: World; readonly engine: Engine }> {
  const open = await openWorld(lake === undefined ? {} : { lake });
  onTestFinished(() => open.close());
  if (system.roles.engine === undefined) throw new Error("Spark is no engine");
  const context = { namespace: "ns", catalog: open.catalog, lake: open.lake, state: open.directory, directory: open.directory };
  const engine = await system.roles.engine({ url: spark.url }, context);
  onTestFinished(() => engine.close());
  return { lake: open, engine };
}

/** What Spark counts in `t`, by the columns that a filter would prune by. */
async function sparkCounts(engine: Engine): Promise<unknown> {
  const table = engine.relation("t", null);
  return engine.ask(
    `SELECT count(*) AS n, sum(id) AS ids, count_if(name IS NULL) AS nulls, count_if(isnan(x)) AS nans, sum(price) AS price, max(seen) AS seen,
      (SELECT count(*) FROM ${table} WHERE id BETWEEN 150 AND 180) AS few, (SELECT count(*) FROM ${table} WHERE price < -3.5) AS cheap,
      (SELECT count(*) FROM ${table} WHERE name = 'name 5') AS named, (SELECT count(*) FROM ${table} WHERE day = DATE '2026-01-02') AS days FROM ${table}`,
  );
}

test(
  "Spark reads what we put together as it read it before, deletes rows of it, and puts it together itself",
  { timeout: 600_000 },
  async () => {
    const { lake, engine } = await world();
    await fill(lake, 4);
    await lake.ask("DELETE FROM t WHERE id % 10 = 0");
    const before = await sparkCounts(engine);
    const rows = await rowsOf(lake);
    expect((await lake.maintain({ compact: compactAll })).compact).toMatchObject({ filesAfter: 1, left: null });
    expect(await sparkCounts(engine)).toEqual(before);

    // And the other way round: files, deletes and the compaction are Spark's now.
    await engine.ask(`INSERT INTO ${engine.relation("t", null)} SELECT * FROM ${engine.relation("t", null)} WHERE id < 50`);
    await engine.ask(`DELETE FROM ${engine.relation("t", null)} WHERE id < 50`);
    for (const id of [7001, 7002]) await engine.ask(`INSERT INTO ${engine.relation("t", null)} (id) VALUES (${id})`);
    const after = await rowsOf(lake);
    const { compact, expire } = await lake.maintain({ compact: compactAll, expire: expireAll, engine });
    expect(compact).toMatchObject({ left: null });
    expect(compact?.filesBefore).toBeGreaterThan(0);
    expect(expire?.snapshots).toBeGreaterThan(0);
    expect(await rowsOf(lake)).toBe(after);
    expect(after).not.toBe(rows);
    expect(await lake.orphans()).toEqual([]);
    // Its manifests are rewritten by us as ours are by it.
    await fill(lake, 2, 10);
    const last = await sparkCounts(engine);
    expect((await lake.maintain({ compact: compactAll })).compact).toMatchObject({ left: null, filesAfter: 1 });
    expect(await sparkCounts(engine)).toEqual(last);
  },
);

test("Spark reads a table whose old partitions lie in the far storage", { timeout: 600_000 }, async () => {
  const { lake, engine } = await world((directory) => ({
    ...localLake(directory),
    storages: [...localLake(directory).storages, { location: pathToFileURL(join(directory, "far")).href, service: "fs", options: {} }],
    tiering: { days: 30 },
  }));
  await lake.ask("CREATE TABLE t (id BIGINT, seen TIMESTAMP) PARTITIONED BY (day(seen))");
  await lake.ask("INSERT INTO t SELECT range, now()::TIMESTAMP - range * INTERVAL 20 DAY FROM range(6)");
  const table = engine.relation("t", null);
  const counts = () =>
    engine.ask(
      `SELECT count(*) AS n, sum(id) AS ids, (SELECT count(*) FROM ${table} WHERE seen < current_timestamp() - INTERVAL 50 DAY) AS old FROM ${table}`,
    );
  const before = await counts();
  expect((await lake.maintain({ engine })).tier).toMatchObject({ files: 4, left: null });
  expect(await counts()).toEqual(before);
  await engine.ask(`DELETE FROM ${table} WHERE id = 5`);
  expect(await lake.ask("SELECT count(*)::INTEGER AS n FROM t")).toEqual([{ n: 5 }]);
});
