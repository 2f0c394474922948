import { expect, test } from "vitest";
import { swapUnderLoad } from "./swap.ts";

test("100,000 predictions over 64 connections while the model is swapped ten times: no error, no reply of mixed versions, memory flat", async () => {
  const { predictions, versions, used } = await swapUnderLoad({ predictions: 100_000, connections: 64, swaps: 10 });
  expect(predictions).toBeGreaterThanOrEqual(100_000);
  expect([...versions.keys()].map(Number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  // After the first swap everything that stays has been made: nine more leave less behind than one request would each.
  const [, first = 0] = used;
  expect((used.at(-1) ?? Infinity) - first).toBeLessThan(8 * 2 ** 20);
}, 300_000);
