import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { PredictionBatch } from "../../src/serve/prediction.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { answerOf, expectedProbability, jsonRequest, modelFolder, probabilityIn, rowOf, smallModel } from "./model.ts";
import type { Answer, ModelFolder } from "./model.ts";

let folder: ModelFolder;
let server: InferenceServer;
const files = new Map<string, string>();
const batches: PredictionBatch[] = [];

beforeAll(async () => {
  folder = await modelFolder();
  for (const version of ["1", "2", "3"]) files.set(version, await folder.write(`${version}.onnx`, smallModel({ bias: Number(version) })));
  server = await startInference({
    models: [],
    workers: 1,
    repository: {
      models: () =>
        new Map([
          [
            "delay",
            [...files].map(([version, file]) => ({
              version,
              file,
              aliases: version === "2" ? ["champion"] : version === "3" ? ["challenger"] : [],
            })),
          ],
        ]),
    },
    onPrediction: (batch) => void batches.push(batch),
  });
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const versionOf = (version: string): { readonly version: string; readonly file: string } => ({ version, file: files.get(version) ?? "" });

async function post(path: string, body: unknown = {}): Promise<{ readonly status: number; readonly json: unknown }> {
  const reply = await fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: reply.status, json: JSON.parse(await reply.text()) };
}

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const reply = await fetch(`${server.url}${path}`);
  return { status: reply.status, text: await reply.text() };
}

async function infer(index = 1, path = "/v2/models/delay/infer"): Promise<Answer> {
  return answerOf(await fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(jsonRequest([rowOf(index)])) }));
}

/** Loads with Triton's way of a configuration. */
const load = (config: object): ReturnType<typeof post> =>
  post("/v2/repository/models/delay/load", { parameters: { config: JSON.stringify(config) } });

test("versions side by side answer under their own path, and the first is the default one", async () => {
  await server.serve("delay", [versionOf("2"), versionOf("3")]);
  for (const version of ["2", "3"]) {
    const answer = await infer(4, `/v2/models/delay/versions/${version}/infer`);
    expect(answer.model_version).toBe(version);
    expect(probabilityIn(answer)).toBeCloseTo(expectedProbability(rowOf(4), Number(version)), 5);
    expect((await get(`/v2/models/delay/versions/${version}/ready`)).status).toBe(200);
  }
  expect((await infer()).model_version).toBe("2");
  expect((await infer(1, "/v2/models/delay/versions/1/infer")).error).toBe(
    `model 'delay' is served in version 2, 3; there is no version "1"`,
  );
  expect(JSON.parse((await get("/v2/models/delay")).text)).toMatchObject({ versions: ["2", "3"] });
  expect(JSON.parse((await get("/v2/models/delay/config")).text)).toMatchObject({ version_policy: { specific: { versions: [2, 3] } } });
  const statistics = JSON.parse((await get("/v2/models/delay/stats")).text).model_stats;
  expect(statistics).toMatchObject([
    { version: "2", inference_count: 2, execution_count: 2, inference_stats: { success: { count: 2 }, queue: { count: 2 } } },
    { version: "3", inference_count: 1, batch_stats: [{ batch_size: 1, compute_infer: { count: 1 } }] },
  ]);
  const [{ inference_stats: spent }] = statistics;
  for (const part of ["queue", "compute_input", "compute_infer", "compute_output"]) {
    expect(spent[part].ns).toBeGreaterThan(0);
    expect(spent[part].ns).toBeLessThan(spent.success.ns);
  }
  expect(JSON.parse((await get("/v2/models/delay/versions/3/stats")).text).model_stats).toHaveLength(1);
  expect(server.models()).toMatchObject([
    { name: "delay", version: "2", percent: 100 },
    { name: "delay", version: "3", percent: 0 },
  ]);
});

test("a canary answers exactly its part of the requests", async () => {
  await server.serve("delay", [versionOf("2"), { ...versionOf("3"), percent: 20 }]);
  const answered = new Map<string, number>();
  for (let index = 0; index < 50; index++) {
    const answer = await infer(index);
    answered.set(answer.model_version, (answered.get(answer.model_version) ?? 0) + 1);
    expect(probabilityIn(answer)).toBeCloseTo(expectedProbability(rowOf(index), Number(answer.model_version)), 5);
  }
  expect([...answered].toSorted()).toEqual([
    ["2", 40],
    ["3", 10],
  ]);
  expect(await server.registry.metrics()).toContain('millwright_inference_version_percent{endpoint="delay",version="3"} 20');
  await expect(
    server.serve("delay", [
      { ...versionOf("2"), percent: 50 },
      { ...versionOf("3"), percent: 60 },
    ]),
  ).rejects.toMatchObject({
    problem: { code: "wrong-share" },
  });
  expect(server.models()).toHaveLength(2);
});

test("a shadow is asked too, and its answers go to nobody but the log", async () => {
  await server.serve("delay", [versionOf("2"), { ...versionOf("3"), shadow: 50 }]);
  batches.length = 0;
  for (let index = 0; index < 20; index++) expect((await infer(index)).model_version).toBe("2");
  const rowsOf = (version: string): number => batches.reduce((sum, batch) => sum + (batch.version === version ? batch.rows : 0), 0);
  await vi.waitFor(() => expect([rowsOf("2"), rowsOf("3")]).toEqual([20, 10]));
});

test("clients load versions by policy, with limits and shares, and see them in the index", async () => {
  await server.serve("delay", []);
  expect(await post("/v2/repository/index", { ready: true })).toEqual({ status: 200, json: [] });
  expect((await post("/v2/repository/index")).json).toEqual(
    ["1", "2", "3"].map((version) => ({ name: "delay", version, state: "UNAVAILABLE", reason: "unloaded" })),
  );
  const served = async (): Promise<readonly string[]> => JSON.parse((await get("/v2/models/delay")).text).versions;
  expect(await post("/v2/repository/models/delay/load")).toEqual({ status: 200, json: {} });
  expect(await served()).toEqual(["2", "3"]);
  expect(server.isChosen("delay")).toBe(true);
  await load({ version_policy: { latest: { num_versions: 1 } } });
  expect(await served()).toEqual(["3"]);
  await load({ version_policy: { all: {} } });
  expect(await served()).toEqual(["2", "3", "1"]);
  expect((await post("/v2/repository/index", { ready: true })).json).toHaveLength(3);
  const asked = {
    name: "delay",
    version_policy: { specific: { versions: [1, "challenger"] } },
    max_batch_size: 8,
    dynamic_batching: { preferred_batch_size: [4], max_queue_delay_microseconds: 200 },
    instance_group: [{ count: 2, kind: "KIND_CPU" }],
    parameters: { percent: { string_value: "challenger:75,1:25" }, shadow: { string_value: "1:10" } },
  };
  expect(await load(asked)).toEqual({ status: 200, json: {} });
  expect(server.models()).toMatchObject([
    { version: "3", percent: 75 },
    { version: "1", percent: 25 },
  ]);
  expect(JSON.parse((await get("/v2/models/delay/config")).text)).toMatchObject({
    max_batch_size: 8,
    dynamic_batching: { preferred_batch_size: [4], max_queue_delay_microseconds: 200 },
    instance_group: [{ count: 2 }],
  });
  expect(await post("/v2/repository/models/delay/unload", { parameters: { unload_dependents: false } })).toEqual({ status: 200, json: {} });
  expect((await infer()).error).toBe('there is no model "delay"; none is served');
  expect((await get("/v2/models/delay/ready")).status).toBe(404);
  expect(await server.registry.metrics()).not.toContain("millwright_inference_model_info{");
});

test.each([
  [{ parameters: { config: "{" } }, 400, /the configuration of the model: it is not JSON/],
  [{ parameters: { config: { a: 1 } } }, 400, /it must be a text of JSON/],
  [{ parameters: { "file:1/model.onnx": "AAAA" } }, 400, /files cannot be sent/],
  [{ parameters: { something: 1 } }, 400, /"something" is not known; there is 'config'/],
  [{ parameters: [] }, 400, /'parameters' must be an object/],
  [[], 400, /must be a JSON object/],
  [{ optimization: {} }, 400, /'optimization' cannot be set/],
  [{ name: "other" }, 400, /'name' cannot be "other"/],
  [{ backend: "python" }, 400, /'backend' cannot be "python"/],
  [{ max_batch_size: 0 }, 400, /'max_batch_size' is 0; it must be a whole number/],
  [{ version_policy: { specific: { versions: [9] } } }, 404, /no version "9" of "delay"/],
  [{ version_policy: { latest: {}, all: {} } }, 400, /more than one/],
  [{ version_policy: { newest: {} } }, 400, /give latest, all, or specific/],
  [{ instance_group: [{ kind: "KIND_GPU" }] }, 400, /models run on the processor/],
  [{ dynamic_batching: { preserve_ordering: true } }, 400, /'dynamic_batching.preserve_ordering' cannot be set/],
  [{ parameters: { percent: { string_value: "2=9" } } }, 400, /write "2:90,3:10"/],
  [{ parameters: { percent: { string_value: "1:9" } } }, 400, /version 1 of "delay" gets a part, but is not served/],
  [{ parameters: { percent: { string_value: "2:50,3:9" } } }, 400, /cannot get 50, 9 percent/],
])("a load with %j is refused with %i, and nothing changes", async (body, status, error) => {
  await server.serve("delay", [versionOf("2")]);
  const wrapped = Array.isArray(body) || ("parameters" in body && !("percent" in Object(body.parameters)));
  const reply = wrapped ? await post("/v2/repository/models/delay/load", body) : await load(body);
  expect(reply).toEqual({ status, json: { error: expect.stringMatching(error) } });
  expect(server.models()).toMatchObject([{ version: "2", percent: 100 }]);
});

test("a version that cannot be served is refused with 422, and what is served stays", async () => {
  await server.serve("delay", [versionOf("2")]);
  files.set("4", await folder.write("4.onnx", Buffer.from("no model")));
  const reply = await load({ version_policy: { specific: { versions: [2, 4] } } });
  expect(reply).toMatchObject({ status: 422, json: { error: expect.stringContaining("cannot be served") } });
  expect((await infer()).model_version).toBe("2");
  files.delete("4");
});

test("without a repository clients cannot load or unload", async () => {
  const closed = await startInference({ models: [{ name: "delay", ...versionOf("1") }] });
  try {
    for (const kind of ["load", "unload"]) {
      const reply = await fetch(`${closed.url}/v2/repository/models/delay/${kind}`, { method: "POST" });
      expect([reply.status, await reply.text()]).toEqual([403, expect.stringContaining("cannot be loaded or unloaded by request here")]);
    }
    expect((await fetch(`${closed.url}/v2/models/delay/ready`)).status).toBe(200);
  } finally {
    await closed.stop();
  }
});

test("loading and unloading again and again keeps no thread and no memory", async () => {
  const round = async (): Promise<void> => {
    await server.serve("delay", [versionOf("2"), versionOf("3")]);
    await infer();
    await server.serve("delay", []);
  };
  for (let index = 0; index < 3; index++) await round();
  const before = process.memoryUsage().rss;
  for (let index = 0; index < 8; index++) await round();
  // 16 threads have come and gone; one that stayed would hold some 10 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
});
