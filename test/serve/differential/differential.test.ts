import { expect, test } from "vitest";
import { changes } from "./cases.ts";
import { compareWithTriton } from "./compare.ts";

// `npm run soak -- --triton 5000` asks more.
test("1,000 random requests, right and wrong, over JSON, binary tensors and gRPC get from us what a real Triton says, but for what docs/serving.md lists", async () => {
  const { kinds, surprises } = await compareWithTriton(1000, 2026);
  expect(surprises).toEqual([]);
  expect([...kinds.keys()].toSorted()).toEqual(Object.keys(changes).toSorted());
}, 300_000);
