import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildGraph } from "../../src/train/onnx/build.ts";
import { encodeModel } from "../../src/train/onnx/proto.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { answerOf, expectedProbability, jsonRequest, modelFolder, probabilityIn, rowOf, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";

let folder: ModelFolder;
let server: InferenceServer;

beforeEach(async () => {
  folder = await modelFolder();
  server = await startInference({ models: [{ name: "delay", version: "1", file: await folder.write("1.onnx", smallModel()) }] });
});

afterEach(async () => {
  await server.stop();
  await folder.remove();
});

const infer = (index: number): Promise<Response> =>
  fetch(`${server.url}/v2/models/delay/infer`, { method: "POST", body: JSON.stringify(jsonRequest([rowOf(index)])) });

/** A model that copies its input, of the given shape. */
function copier(shape: readonly (number | string)[], output: readonly (number | string)[] = shape, operator = "Identity"): Uint8Array {
  const graph = buildGraph(["x", "y"]);
  graph.add(operator, ["x"], {}, { output: "y" });
  return encodeModel(
    graph.finish({
      name: "copier",
      description: "",
      inputs: [{ name: "x", type: "float", shape }],
      outputs: [{ name: "y", type: "float", shape: output }],
      metadata: {},
    }),
  );
}

test("a swap under load drops nothing: every answer is whole, of the old version or the new", async () => {
  let running = true;
  let asked = 0;
  const versions = new Set<string>();
  const clients = Array.from({ length: 16 }, async () => {
    while (running) {
      const index = asked++;
      const reply = await infer(index);
      expect(reply.status).toBe(200);
      const answer = await answerOf(reply);
      versions.add(answer.model_version);
      expect(probabilityIn(answer)).toBeCloseTo(expectedProbability(rowOf(index), Number(answer.model_version) - 1), 5);
    }
  });
  for (const version of [2, 3, 4]) {
    const file = await folder.write(`${version}.onnx`, smallModel({ bias: version - 1 }));
    await server.deploy({ name: "delay", version: String(version), file });
    expect((await answerOf(await infer(asked++))).model_version).toBe(String(version));
  }
  running = false;
  await Promise.all(clients);
  expect([...versions].toSorted()).toEqual(expect.arrayContaining(["1", "2", "3", "4"]));
  const metrics = await server.registry.metrics();
  expect(metrics).toContain(`millwright_inference_requests_total{endpoint="delay",code="200"} ${asked}`);
  expect(metrics.match(/^millwright_inference_model_info\{.*$/gm)).toEqual([expect.stringContaining('version="4"')]);
});

test("two deployments at once end with the later one", async () => {
  const [second, third] = await Promise.all([
    folder.write("2.onnx", smallModel({ bias: 1 })),
    folder.write("3.onnx", smallModel({ bias: 2 })),
  ]);
  await Promise.all([
    server.deploy({ name: "delay", version: "2", file: second }),
    server.deploy({ name: "delay", version: "3", file: third }),
  ]);
  expect(server.models()).toMatchObject([{ name: "delay", version: "3" }]);
});

test("a server may begin without models and get them later", async () => {
  const empty = await startInference({ models: [] });
  try {
    expect((await fetch(`${empty.url}/v2/models/delay`)).status).toBe(404);
    await empty.deploy({ name: "delay", version: "1", file: await folder.write("later.onnx", smallModel()) });
    expect((await fetch(`${empty.url}/v2/models/delay/ready`)).status).toBe(200);
  } finally {
    await empty.stop();
  }
});

describe("a version that cannot be served is refused, and the old one stays", () => {
  test.each([
    ["no ONNX", Buffer.from("this is no model"), "model-refused", /cannot be served/],
    ["an empty file", Buffer.alloc(0), "model-refused", /cannot be served/],
    ["fixed rows", copier([4, 1]), "model-refused", /input 'x' has the shape \[4,1\]; only its first dimension, the rows, may be free/],
    ["a second free dimension", copier(["n", "m"]), "model-refused", /input 'x' has the shape \[n,m\]/],
    ["an output that is not by row", copier(["n", 1], [2], "Shape"), "model-refused", /cannot be served/],
  ])("%s", async (_, model, code, message) => {
    const file = await folder.write("bad.onnx", model);
    await expect(server.deploy({ name: "delay", version: "2", file })).rejects.toMatchObject({
      problem: { code, what: expect.stringMatching(message) },
    });
    expect((await answerOf(await infer(3))).model_version).toBe("1");
  });

  test("a missing file", async () => {
    await expect(server.deploy({ name: "delay", version: "2", file: "/nowhere/model.onnx" })).rejects.toMatchObject({
      problem: { code: "model-unreadable" },
    });
    expect(server.ready()).toBe(true);
  });

  test("a file that is not the registered one", async () => {
    const file = await folder.write("2.onnx", smallModel({ bias: 1 }));
    const right = createHash("sha256")
      .update(smallModel({ bias: 1 }))
      .digest("hex");
    await expect(server.deploy({ name: "delay", version: "2", file, sha256: "0".repeat(64) })).rejects.toMatchObject({
      problem: { code: "model-hash" },
    });
    expect((await answerOf(await infer(3))).model_version).toBe("1");
    await server.deploy({ name: "delay", version: "2", file, sha256: right });
    expect((await answerOf(await infer(3))).model_version).toBe("2");
    // Served already with this hash: the file is not even read.
    await server.deploy({ name: "delay", version: "2", file: "/nowhere/model.onnx", sha256: right });
  });
});

test("a port that is taken is said so, and no thread is left", async () => {
  const file = await folder.write("2.onnx", smallModel());
  await expect(startInference({ models: [{ name: "delay", version: "1", file }], port: server.port })).rejects.toMatchObject({
    problem: { code: "port-unavailable" },
  });
});
