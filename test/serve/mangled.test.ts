import { expect, test } from "vitest";
import { mangle } from "./mangled.ts";

const sum = (counts: ReadonlyMap<unknown, number>): number => [...counts.values()].reduce((total, count) => total + count, 0);

test("10,000 mangled requests over HTTP and gRPC: no crash, each gets a proper error, and the server still predicts rightly", async () => {
  const { bodies, connections, messages, frames } = await mangle(10_000, 2013);
  expect([bodies, connections, messages, frames].map(sum)).toEqual([5000, 2000, 2000, 1000]);
  // Most were really broken, and said to be so.
  expect(bodies.get(400)).toBeGreaterThan(2500);
  expect(connections.get(400)).toBeGreaterThan(1000);
  expect(messages.get(3)).toBeGreaterThan(500);
}, 300_000);
