import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { answerOf, expectedProbability, jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";

let folder: ModelFolder;
let server: InferenceServer;

beforeAll(async () => {
  folder = await modelFolder();
  server = await startInference({ models: [{ name: "delay", version: "3", file: await folder.write("3.onnx", smallModel()) }] });
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const get = (path: string): Promise<Response> => fetch(server.url + path);
const infer = (body: unknown, path = "/v2/models/delay/infer"): Promise<Response> =>
  fetch(server.url + path, { method: "POST", body: JSON.stringify(body) });

describe("what the server says of itself", () => {
  test("it is live and ready", async () => {
    expect((await get("/v2/health/live")).status).toBe(200);
    expect((await get("/v2/health/ready")).status).toBe(200);
    expect(server.ready()).toBe(true);
  });

  test("it names itself and its extensions", async () => {
    expect(await (await get("/v2")).json()).toEqual({
      name: "millwright",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: ["binary_tensor_data", "model_configuration", "statistics", "model_repository"],
    });
  });

  test.each(["/v2/models/delay", "/v2/models/delay/versions/3"])("%s describes every input and output", async (path) => {
    expect(await (await get(path)).json()).toEqual({
      name: "delay",
      versions: ["3"],
      platform: "onnxruntime_onnx",
      inputs: [
        { name: "carrier", datatype: "BYTES", shape: [-1, 1] },
        { name: "distance", datatype: "FP64", shape: [-1, 1] },
        { name: "day", datatype: "INT64", shape: [-1, 1] },
        { name: "night", datatype: "BOOL", shape: [-1, 1] },
        { name: "temp", datatype: "FP32", shape: [-1, 1] },
      ],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1] },
        { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
      ],
    });
  });

  test("a model and its version are ready, an unknown one is 404", async () => {
    expect((await get("/v2/models/delay/ready")).status).toBe(200);
    expect((await get("/v2/models/delay/versions/3/ready")).status).toBe(200);
    expect((await get("/v2/models/delay/versions/4/ready")).status).toBe(404);
    expect((await get("/v2/models/none/ready")).status).toBe(404);
  });

  test("the configuration has the inputs without the rows' dimension", async () => {
    expect(await (await get("/v2/models/delay/config")).json()).toMatchObject({
      name: "delay",
      max_batch_size: 64,
      input: expect.arrayContaining([{ name: "carrier", data_type: "TYPE_STRING", dims: [1] }]),
      output: [
        { name: "label", data_type: "TYPE_INT64", dims: [] },
        { name: "probabilities", data_type: "TYPE_FP32", dims: [2] },
      ],
    });
  });

  test("the repository's index lists what is served", async () => {
    const reply = await fetch(`${server.url}/v2/repository/index`, { method: "POST", body: "{}" });
    expect(await reply.json()).toEqual([{ name: "delay", version: "3", state: "READY", reason: "" }]);
  });

  test("the statistics count inferences", async () => {
    const read = async (
      path: string,
    ): Promise<{ inference_count: number; inference_stats: { success: { count: number; ns: number } } }> => {
      const statistics: { model_stats: [{ inference_count: number; inference_stats: { success: { count: number; ns: number } } }] } =
        JSON.parse(await (await get(path)).text());
      return statistics.model_stats[0];
    };
    const before = await read("/v2/models/delay/stats");
    await (await infer(jsonRequest([rowOf(1), rowOf(2)]))).json();
    const after = await read("/v2/models/stats");
    expect(after.inference_count - before.inference_count).toBe(2);
    expect(after.inference_stats.success.count - before.inference_stats.success.count).toBe(1);
    expect(after.inference_stats.success.ns).toBeGreaterThan(0);
  });

  test("the metrics have requests, failures, latency, batches, the queue and the version", async () => {
    await (await infer({ inputs: [] })).json();
    const text = await (await get("/metrics")).text();
    expect(text).toContain('millwright_inference_requests_total{endpoint="delay",code="200"}');
    expect(text).toContain('millwright_inference_failures_total{endpoint="delay",code="400",reason="missing-input"} 1');
    expect(text).toContain('millwright_inference_request_seconds_bucket{le="0.05",endpoint="delay"}');
    expect(text).toContain('millwright_inference_batch_rows_bucket{le="2",endpoint="delay"}');
    expect(text).toContain('millwright_inference_queue_rows{endpoint="delay"} 0');
    expect(text).toMatch(/millwright_inference_model_info\{endpoint="delay",version="3",sha256="[0-9a-f]{64}"\} 1/);
  });
});

describe("inference with JSON tensors", () => {
  const rows = Array.from({ length: 40 }, (_, index) => rowOf(index));

  test("gives label and probabilities of every row, with missing values as null", async () => {
    const reply = await infer(jsonRequest(rows, { id: "request 7" }));
    const answer = await answerOf(reply);
    expect(reply.status).toBe(200);
    expect(answer).toMatchObject({
      model_name: "delay",
      model_version: "3",
      id: "request 7",
      outputs: [
        { name: "label", datatype: "INT64", shape: [40] },
        { name: "probabilities", datatype: "FP32", shape: [40, 2] },
      ],
    });
    rows.forEach((row, index) => {
      const probability = expectedProbability(row);
      expect(answer.outputs[1]?.data[index * 2 + 1]).toBeCloseTo(probability, 5);
      expect(answer.outputs[1]?.data[index * 2]).toBeCloseTo(1 - probability, 5);
      expect(answer.outputs[0]?.data[index]).toBe(probability >= 0.5 ? 1 : 0);
    });
  });

  test("takes data nested by its shape, and inputs in any order", async () => {
    const request = jsonRequest(rows);
    request.inputs.reverse();
    for (const input of request.inputs) if (Array.isArray(input["data"])) input["data"] = input["data"].map((value: unknown) => [value]);
    const answer = await answerOf(await infer(request));
    expect(answer.outputs[1]?.data[79]).toBeCloseTo(expectedProbability(rowOf(39)), 5);
  });

  test("gives only the outputs that are asked for, under the version that is asked for", async () => {
    const reply = await infer(jsonRequest([rowOf(1)], { outputs: [{ name: "probabilities" }] }), "/v2/models/delay/versions/3/infer");
    const answer = await answerOf(reply);
    expect(answer.outputs).toEqual([
      { name: "probabilities", datatype: "FP32", shape: [1, 2], data: [expect.any(Number), expect.any(Number)] },
    ]);
    expect(answer.id).not.toBe("");
  });

  test.each([
    ["temp", "INT64", 12],
    ["temp", "FP64", 12],
    ["temp", "UINT8", 12],
    ["distance", "INT32", 700],
    ["distance", "FP32", 700],
    ["distance", "BOOL", true],
    ["day", "FP64", 3],
    ["day", "INT8", 3],
    ["night", "INT64", 1],
    ["night", "FP32", 0],
  ])("takes %s sent as %s where nothing is lost", async (name, datatype, value) => {
    const row = { ...rowOf(1), [name]: typeof value === "boolean" ? Number(value) : value };
    const request = jsonRequest([row]);
    const input = request.inputs.find((each) => each["name"] === name);
    Object.assign(input ?? {}, { datatype, data: [value] });
    const answer = await answerOf(await infer(request));
    expect(answer.outputs[1]?.data[1]).toBeCloseTo(expectedProbability(row), 5);
  });
});
