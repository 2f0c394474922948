import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../servers/port.ts";
import { createGate } from "../../src/serve/gate.ts";
import { keysFromText } from "../../src/serve/keys.ts";
import { startRouter, type Router } from "../../src/serve/router.ts";
import { startInference, type InferenceServer } from "../../src/serve/server.ts";
import type { ModelServer, ServedVersion } from "../../src/systems/roles.ts";
import { jsonRequest, modelFolder, rowOf, smallModel, type ModelFolder } from "./model.ts";

/** A server that is there, but leaves its versions' parts to others: our own, by its versions. */
let inference: InferenceServer;
let folder: ModelFolder;
let router: Router;
let parts: ServedVersion[] = [];
let fails: Error | null = null;
const notes: string[] = [];

const routed = (url: string, versions: ModelServer["versions"], headers: Readonly<Record<string, string>> = {}): ModelServer => ({
  address: () => ({ url, protocol: "open-inference" }),
  routed: { headers },
  versions,
  deploy: async () => undefined,
  share: async () => undefined,
  remove: async () => undefined,
  close: async () => undefined,
});
const served = (version: string, percent: number, ready = true): ServedVersion => ({ version, percent, ready });

beforeAll(async () => {
  folder = await modelFolder();
  inference = await startInference({ models: [], workers: 1, maxRequestBytes: 2 ** 26 });
  const [one, two] = [await folder.write("1.onnx", smallModel()), await folder.write("2.onnx", smallModel({ bias: 2 }))];
  await inference.serve("delay", [
    { version: "1", file: one },
    { version: "2", file: two },
  ]);
  parts = [served("1", 70), served("2", 30)];
  const server = routed(inference.url, async () => (fails === null ? parts : Promise.reject(fails)));
  router = await startRouter({ server, endpoints: ["delay"], refreshMilliseconds: 100_000, note: (text) => notes.push(text) });
});

afterAll(async () => {
  await router?.stop();
  await inference?.stop();
  await folder?.remove();
});

const infer = (url: string, body: string, path = "delay", headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v2/models/${path}/infer`, { method: "POST", body, headers });
const answering = async (count: number): Promise<Readonly<Record<string, number>>> => {
  const found: Record<string, number> = {};
  for (let asked = 0; asked < count; asked++) {
    const { model_version: version }: { readonly model_version: string } = JSON.parse(
      await (await infer(router.url, JSON.stringify(jsonRequest([rowOf(1)])))).text(),
    );
    found[version] = (found[version] ?? 0) + 1;
  }
  return found;
};

test("of any hundred requests each version gets its part exactly; what is not ready gets nothing; a server that says nothing changes nothing", async () => {
  expect(await answering(100)).toEqual({ "1": 70, "2": 30 });
  parts = [served("1", 70), served("2", 30, false)];
  await router.refresh();
  expect(await answering(10)).toEqual({ "1": 10 });
  fails = new Error("no answer");
  await router.refresh();
  await router.refresh();
  expect(await answering(10)).toEqual({ "1": 10 });
  expect(notes).toEqual(["the server does not say what it serves: no answer"]);
  fails = null;
  parts = [served("1", 100, false)];
  await router.refresh();
  const none = await infer(router.url, "{}");
  expect([none.status, none.headers.get("retry-after"), await none.json()]).toEqual([
    503,
    "1",
    { error: 'no version of "delay" is ready to answer' },
  ]);
  expect((await fetch(`${router.url}/v2/health/ready`)).status).toBe(503);
  parts = [served("1", 70), served("2", 30)];
  await router.refresh();
  expect((await fetch(`${router.url}/v2/health/ready`)).status).toBe(200);
});

test("binary tensors of some megabytes stream through in both directions; descriptions and refusals are the server's own", async () => {
  const count = 20_000;
  const rows = Array.from({ length: count }, (_, index) => rowOf(index));
  const { inputs } = jsonRequest(rows);
  const body = JSON.stringify({ inputs, outputs: [{ name: "probabilities", parameters: { binary_data: true } }] });
  const [through, own] = await Promise.all([infer(router.url, body, "delay/versions/2"), infer(inference.url, body, "delay/versions/2")]);
  expect([through.status, through.headers.get("inference-header-content-length") === null]).toEqual([200, false]);
  const [one, other] = [Buffer.from(await through.arrayBuffer()), Buffer.from(await own.arrayBuffer())];
  expect(one.subarray(-8 * count).equals(other.subarray(-8 * count))).toBe(true);
  expect(await (await fetch(`${router.url}/v2/models/delay/versions/2`)).json()).toEqual(
    await (await fetch(`${inference.url}/v2/models/delay/versions/2`)).json(),
  );
  const wrong = await infer(router.url, JSON.stringify({ inputs: [] }));
  expect([wrong.status, await wrong.json()]).toEqual([400, { error: expect.stringContaining("input 'carrier' is missing") }]);
  expect((await infer(router.url, "{}", "delay/versions/7")).status).toBe(404);
  expect((await infer(router.url, "{}", "nobody")).status).toBe(404);
  expect((await fetch(`${router.url}/v2/repository/index`, { method: "POST" })).status).toBe(404);
  expect(await (await fetch(`${router.url}/metrics`)).text()).toMatch(
    /millwright_inference_version_requests_total\{endpoint="delay",version="2",code="200"\} \d+/,
  );
});

test("a body that is too large is 413, a server that is not there 503, and both leave the router well", async () => {
  const server = routed(`http://127.0.0.1:${await freePort()}`, async () => [served("1", 100)]);
  const small = await startRouter({ server, endpoints: ["delay"], maxRequestBytes: 1000 });
  try {
    expect((await infer(small.url, "x".repeat(2000))).status).toBe(413);
    const gone = await infer(small.url, "{}");
    expect([gone.status, gone.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await infer(small.url, "{}")).status).toBe(503);
  } finally {
    await small.stop();
  }
});

test("when a deadline has passed, or the caller has gone, the server's connection is closed; keys open the router and never reach the server", async () => {
  const asked: IncomingMessage[] = [];
  const ended: Promise<unknown>[] = [];
  // Answers never.
  const slow = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request);
    request.resume();
    ended.push(once(response, "close"));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => slow.listen(port, "127.0.0.1", resolve));
  const key = "k".repeat(24);
  const gate = createGate({ keys: keysFromText(`ada ${key}`, "the test"), requestsPerSecond: null });
  const server = routed(`http://127.0.0.1:${port}`, async () => [served("1", 100)], { "x-server-key": "its own" });
  const waiting = await startRouter({ server, endpoints: ["delay"], gate });
  try {
    expect((await infer(waiting.url, "{}")).status).toBe(401);
    const authorization = `Bearer ${key}`;
    const late = await infer(waiting.url, "{}", "delay", { authorization, timeout: "50000" });
    expect([late.status, await late.json()]).toEqual([504, { error: expect.stringContaining("deadline") }]);
    const gone = new AbortController();
    const call = fetch(`${waiting.url}/v2/models/delay/infer`, {
      method: "POST",
      body: "{}",
      headers: { authorization },
      signal: gone.signal,
    });
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    gone.abort();
    await expect(call).rejects.toThrow();
    await Promise.all(ended);
    expect(asked.map(({ headers }) => [headers.authorization, headers["x-server-key"]])).toEqual([
      [undefined, "its own"],
      [undefined, "its own"],
    ]);
  } finally {
    await waiting.stop();
    await new Promise((resolve) => slow.close(resolve));
  }
});
