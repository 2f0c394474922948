import { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";
import { send } from "./raw.ts";

let folder: ModelFolder;
let server: InferenceServer;

beforeAll(async () => {
  folder = await modelFolder();
  server = await startInference({
    models: [{ name: "delay", version: "1", file: await folder.write("1.onnx", smallModel({ fragile: true })) }],
    maxRequestBytes: 100_000,
  });
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const path = "/v2/models/delay/infer";
const good = (): ReturnType<typeof jsonRequest> => jsonRequest([rowOf(1), rowOf(2)]);

/** The good request with one input changed. */
function changed(name: string, change: Record<string, unknown>): object {
  const request = good();
  for (const input of request.inputs) if (input["name"] === name) Object.assign(input, change);
  return request;
}

/** [what is wrong, body, status, what the error says] */
const bodies: readonly (readonly [string, unknown, number, string])[] = [
  ["an empty body", "", 400, "the body is not JSON"],
  ["cut JSON", '{"inputs": [', 400, "the body is not JSON"],
  ["NaN in JSON", '{"inputs": [{"data": [NaN]}]}', 400, "a missing value is written null"],
  ["a JSON that is no object", "[1]", 400, "the body must be a JSON object with 'inputs'"],
  ["no inputs", {}, 400, "'inputs' must be an array of tensors"],
  ["inputs that are no array", { inputs: {} }, 400, "'inputs' must be an array of tensors"],
  ["an input that is no object", { inputs: [3] }, 400, "every input must be an object with a text 'name'"],
  ["an input without a name", { inputs: [{ shape: [1, 1] }] }, 400, "every input must be an object with a text 'name'"],
  [
    "an unknown input",
    changed("temp", { name: "temperature" }),
    400,
    'the model has no input "temperature"; it takes carrier, distance, day, night, temp',
  ],
  ["a missing input", { inputs: good().inputs.slice(0, 4) }, 400, "input 'temp' is missing"],
  ["an input twice", { inputs: [...good().inputs, ...good().inputs] }, 400, "input 'carrier' is sent twice"],
  [
    "a shape without the second dimension",
    changed("temp", { shape: [2] }),
    400,
    "input 'temp': expected the shape [-1,1] with at least one row, given [2]",
  ],
  [
    "a shape of another width",
    changed("temp", { shape: [2, 2] }),
    400,
    "input 'temp': expected the shape [-1,1] with at least one row, given [2,2]",
  ],
  [
    "a shape of no rows",
    changed("temp", { shape: [0, 1], data: [] }),
    400,
    "input 'temp': expected the shape [-1,1] with at least one row, given [0,1]",
  ],
  ["a negative shape", changed("temp", { shape: [-1, 1] }), 400, "input 'temp': expected the shape [-1,1]"],
  ["no shape", changed("temp", { shape: null }), 400, "input 'temp': expected the shape [-1,1]"],
  [
    "a shape beyond the data",
    changed("carrier", { shape: [2 ** 52, 1] }),
    400,
    "input 'carrier': the shape [4503599627370496,1] has 4503599627370496 elements, 'data' has 2",
  ],
  ["rows that differ", changed("temp", { shape: [1, 1], data: [1] }), 400, "input 'temp' has 1 rows, and input 'carrier' has 2"],
  ["data that is too short", changed("temp", { data: [1] }), 400, "input 'temp': the shape [2,1] has 2 elements, 'data' has 1"],
  ["data nested otherwise", changed("temp", { data: [[1, 2]] }), 400, "input 'temp': 'data' is not nested as its shape [2,1] says"],
  ["data nested too deep", changed("temp", { data: [[[1]], [[2]]] }), 400, "input 'temp', element 0: [1] is no FP32"],
  ["no data", changed("temp", { data: undefined }), 400, "input 'temp': 'data' must be an array"],
  ["an unknown datatype", changed("temp", { datatype: "float" }), 400, "input 'temp': unknown datatype \"float\"; the model takes FP32"],
  ["text for a number", changed("temp", { data: ["1", 2] }), 400, "input 'temp', element 0: \"1\" is no FP32"],
  ["BYTES for a number", changed("temp", { datatype: "BYTES", data: ["1", "2"] }), 400, "input 'temp' is FP32; the request sends BYTES"],
  ["a number for text", changed("carrier", { data: ["UA", 7] }), 400, "input 'carrier', element 1: 7 is no BYTES"],
  ["a number for BOOL", changed("night", { data: [true, 1] }), 400, "input 'night', element 1: 1 is no BOOL"],
  ["2 for BOOL", changed("night", { datatype: "INT32", data: [0, 2] }), 400, "input 'night', element 1: 2 is neither 0 nor 1"],
  ["a fraction for INT64", changed("day", { data: [1, 1.5] }), 400, "input 'day', element 1: 1.5 is no INT64"],
  ["a number beyond its own type", changed("temp", { datatype: "INT8", data: [1, 300] }), 400, "input 'temp', element 1: 300 is no INT8"],
  [
    "an integer that JSON has rounded",
    changed("day", { data: [1, 2 ** 53] }),
    400,
    "input 'day', element 1: an integer beyond 2^53 loses digits in JSON",
  ],
  [
    "a number beyond FP32",
    changed("temp", { data: [1, 1e39] }),
    400,
    "input 'temp', element 1: 1e+39 is beyond the range of the input's type FP32",
  ],
  [
    "a number beyond FP64",
    JSON.stringify(changed("temp", { data: [1, 12345] })).replace("12345", "1e999"),
    400,
    "input 'temp', element 1: a number beyond the range of FP64 is no FP32",
  ],
  ["an unknown output", { ...good(), outputs: [{ name: "score" }] }, 400, 'the model has no output "score"; it gives label, probabilities'],
  ["an output twice", { ...good(), outputs: [{ name: "label" }, { name: "label" }] }, 400, "output 'label' is asked for twice"],
  ["outputs that are no array", { ...good(), outputs: 1 }, 400, "'outputs' must be an array"],
  [
    "a classification",
    { ...good(), outputs: [{ name: "label", parameters: { classification: 3 } }] },
    400,
    "output 'label': classification is not offered",
  ],
  ["shared memory", changed("temp", { parameters: { shared_memory_region: "x" } }), 400, "input 'temp': shared memory is not offered"],
  ["parameters that are no object", changed("temp", { parameters: [] }), 400, "input 'temp': 'parameters' must be an object"],
  [
    "a binary size without binary data",
    changed("temp", { data: undefined, parameters: { binary_data_size: 8 } }),
    400,
    "input 'temp': its binary_data_size of 8 bytes exceeds what the body holds",
  ],
  [
    "a binary size that is no number",
    changed("temp", { data: undefined, parameters: { binary_data_size: "8" } }),
    400,
    "input 'temp': binary_data_size must be a whole number",
  ],
  [
    "data and a binary size",
    changed("temp", { parameters: { binary_data_size: 0 } }),
    400,
    "input 'temp' has both 'data' and binary_data_size",
  ],
  ["an id that is no text", { ...good(), id: 7 }, 400, "'id' must be a text of at most 200 characters"],
  ["a value that the model cannot evaluate", changed("day", { data: [1, 99] }), 422, "the model cannot evaluate these inputs"],
];

test.each(bodies)("%s is answered with what is wrong", async (_, body, status, message) => {
  const reply = await send(server.url + path, { body: typeof body === "string" ? body : JSON.stringify(body) });
  expect(JSON.parse(reply.body.toString())).toEqual({ error: expect.stringContaining(message) });
  expect(reply.status).toBe(status);
});

const ok = JSON.stringify(good());

describe("paths, methods and headers", () => {
  test.each([
    ["an unknown model", "POST", "/v2/models/none/infer", {}, 404, 'there is no model "none"; served are delay'],
    [
      "an unknown version",
      "POST",
      "/v2/models/delay/versions/9/infer",
      {},
      404,
      "model 'delay' is served in version 1; there is no version \"9\"",
    ],
    ["an unknown path", "GET", "/v3", {}, 404, "there is nothing at /v3"],
    ["an unknown action", "GET", "/v2/models/delay/explain", {}, 404, "there is nothing at /v2/models/delay/explain"],
    ["shared memory", "GET", "/v2/systemsharedmemory/status", {}, 404, "there is nothing at /v2/systemsharedmemory/status"],
    ["GET where POST is due", "GET", path, {}, 405, "GET is not allowed here; use POST"],
    ["POST where GET is due", "POST", "/v2/models/delay", {}, 405, "POST is not allowed here; use GET"],
    ["DELETE", "DELETE", "/v2/models/delay", {}, 405, "DELETE is not allowed here; use GET"],
    ["a path with a broken escape", "GET", "/v2/models/%zz", {}, 400, "the path is not well encoded"],
    [
      "a header length that is no number",
      "POST",
      path,
      { "inference-header-content-length": "x" },
      400,
      'inference-header-content-length is "x"',
    ],
    [
      "a header length beyond the body",
      "POST",
      path,
      { "inference-header-content-length": "99999" },
      400,
      'inference-header-content-length is "99999"',
    ],
    [
      "bytes behind the JSON that no input names",
      "POST",
      path,
      { "inference-header-content-length": String(ok.length - 1) },
      400,
      "the body is not JSON",
    ],
    ["a compressed body", "POST", path, { "content-encoding": "gzip" }, 415, "a body in gzip is not accepted"],
  ])("%s", async (_, method, target, headers, status, message) => {
    const reply = await send(server.url + target, { method, headers, ...(method === "POST" ? { body: ok } : {}) });
    expect(JSON.parse(reply.body.toString())).toEqual({ error: expect.stringContaining(message) });
    expect(reply.status).toBe(status);
    if (status === 405) expect(reply.headers["allow"]).toBe(message.endsWith("POST") ? "POST" : "GET, HEAD");
  });

  test("JSON that is not UTF-8 is refused", async () => {
    const reply = await send(server.url + path, { body: Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')]) });
    expect([reply.status, JSON.parse(reply.body.toString()).error]).toEqual([400, "the body's JSON is not UTF-8"]);
  });
});

describe("a body that is too large is answered with 413, and the server goes on", () => {
  const large = Buffer.alloc(1_000_000, 0x20);
  test.each([
    ["when its length is declared", {}],
    ["when it comes in chunks", { "transfer-encoding": "chunked" }],
  ])("%s", async (_, headers) => {
    const reply = await send(server.url + path, { headers, body: large });
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.body.toString()).error).toMatch(/at most 100000 are accepted/);
    expect((await send(server.url + path, { body: ok })).status).toBe(200);
  });
});

test("what is no HTTP request is answered with 400", async () => {
  const text = await new Promise<string>((resolve, reject) => {
    let received = "";
    const socket = new Socket();
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
    socket.connect(server.port, "127.0.0.1", () => socket.write("\x16\x03\x01 not http\r\n\r\n"));
  });
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(text).toContain('{"error":"this is no HTTP request"}');
});

test("a client that leaves in the middle of its body harms nobody", async () => {
  await new Promise<void>((resolve) => {
    const socket = new Socket();
    socket.on("close", () => resolve());
    socket.connect(server.port, "127.0.0.1", () => {
      socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"inputs"`);
      setTimeout(() => socket.destroy(), 20);
    });
  });
  expect((await send(server.url + path, { body: ok })).status).toBe(200);
});

test("none of this was a defect of the server", async () => {
  const { body } = await send(`${server.url}/metrics`, { method: "GET" });
  expect(body.toString()).not.toMatch(/code="500".*\} [1-9]/);
});
