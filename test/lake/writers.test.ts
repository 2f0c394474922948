import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSpark, type Spark } from "../servers/spark.ts";
import { openPlace, writeTogether } from "./engines/writers.ts";

describe("eight writers at once on one table: our engine, Spark and PyIceberg", () => {
  let spark: Spark;
  beforeAll(async () => void (spark = await startSpark()), 300_000);
  afterAll(() => spark?.stop(), 60_000);

  test.each([
    ["our own catalog", "ours"],
    ["the gateway to a catalog of others", "gateway"],
  ] as const)("through %s, every commit stands exactly once", { timeout: 600_000 }, async (_, kind) => {
    await using place = await openPlace(kind);
    const commits = 3;
    const written = await writeTogether({ place, spark: spark.url, commits, seconds: 500 });
    const told = 8 * commits;
    expect(written).toEqual({ told, rows: told, distinct: told, snapshots: told, chained: true });
  });
});
