import { Agent } from "node:http";
import { expect, test } from "vitest";
import { startInference } from "../../src/serve/server.ts";
import { answerOf, expectedProbability, jsonRequest, modelFolder, probabilityIn, rowOf, smallModel } from "./model.ts";
import { send } from "./raw.ts";

/** Numbers in [0, 1) that look random and are the same every time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const odd: readonly unknown[] = [null, true, -1, 0, 1e308, 2 ** 53, "", "x", [], [[]], {}, [null], "__proto__", { length: 3 }];
const words = ["null", "1e999", "-", "[", "]", "{", "}", '"', ",", ":", "NaN", "\\u0000", "99999999999999999999", "true"];

/** A request with something wrong, or, now and then, still right. */
function mangle(next: () => number): { body: Buffer; headers: Record<string, string> } {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(next() * from.length)];
  const request = jsonRequest([rowOf(Math.floor(next() * 50)), rowOf(1)], { id: "fuzz", outputs: [{ name: "label" }] });
  const way = Math.floor(next() * 5);
  if (way <= 1) {
    const owner: Record<string, unknown> = next() < 0.7 ? (pick(request.inputs) ?? request) : request;
    const key = pick([...Object.keys(owner), "parameters", "data", "shape"]) ?? "shape";
    owner[key] = next() < 0.3 ? { binary_data_size: pick([0, 1, 8, -1, 2 ** 40, "8"]), binary_data: pick(odd) } : pick(odd);
  }
  let body = Buffer.from(JSON.stringify(request));
  const headers: Record<string, string> = {};
  if (way === 2) {
    const at = Math.floor(next() * body.length);
    body = Buffer.concat([body.subarray(0, at), Buffer.from(pick(words) ?? ""), body.subarray(at + Math.floor(next() * 20))]);
  }
  if (way === 3)
    for (let flips = 1 + Math.floor(next() * 4); flips > 0; flips--) body[Math.floor(next() * body.length)] = Math.floor(next() * 256);
  if (way === 4) {
    headers["inference-header-content-length"] = String(pick([0, 1, body.length, body.length - 1, body.length + 1, -5, "1e3", 2 ** 60]));
    if (next() < 0.5) body = Buffer.concat([body, Buffer.alloc(Math.floor(next() * 64), 1)]);
  }
  return { body, headers };
}

test("2,000 mangled bodies get a 2xx or a 4xx with an error, and the server still answers rightly", async () => {
  const folder = await modelFolder();
  const server = await startInference({
    models: [{ name: "delay", version: "1", file: await folder.write("1.onnx", smallModel({ fragile: true })) }],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  try {
    const next = random(2013);
    const counts = new Map<number, number>();
    for (let round = 0; round < 2000 / 8; round++) {
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => send(`${server.url}/v2/models/delay/infer`, { ...mangle(next), agent })),
      );
      for (const { status, body } of replies) {
        counts.set(status, (counts.get(status) ?? 0) + 1);
        if (status !== 200) expect(JSON.parse(body.toString()).error).toMatch(/./);
      }
    }
    expect([...counts.keys()].filter((status) => ![200, 400, 422].includes(status))).toEqual([]);
    expect(counts.get(400)).toBeGreaterThan(1000);
    const reply = await fetch(`${server.url}/v2/models/delay/infer`, { method: "POST", body: JSON.stringify(jsonRequest([rowOf(5)])) });
    expect(probabilityIn(await answerOf(reply))).toBeCloseTo(expectedProbability(rowOf(5)), 5);
  } finally {
    agent.destroy();
    await server.stop();
    await folder.remove();
  }
}, 30_000);
