import { afterAll, beforeAll, expect, test } from "vitest";
import { compactAll, fill, openWorld, rowsOf, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await fill(world, 6);
}, 120_000);
afterAll(() => world.close());

test("small files become one, the rows stay the same, and so do those of earlier snapshots", async () => {
  const before = await rowsOf(world);
  const { snapshot } = await world.content();
  const { compact } = await world.maintain({ compact: compactAll });
  expect(compact).toMatchObject({ filesBefore: 6, filesAfter: 1, left: null });
  expect(await world.files()).toEqual({ data: 1, deletes: 0 });
  expect(await rowsOf(world)).toBe(before);
  expect(await rowsOf(world, String(snapshot["snapshot-id"]))).toBe(before);
  const after = await world.content();
  expect(after.snapshot.summary).toMatchObject({
    operation: "replace",
    "added-data-files": "1",
    "deleted-data-files": "6",
    "total-records": "600",
    "total-data-files": "1",
  });
});
