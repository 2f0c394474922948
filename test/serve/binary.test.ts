import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesFromStrings } from "../../src/serve/bytes.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { expectedProbability, modelFolder, rowOf, smallModel } from "./model.ts";
import type { ModelFolder, Row } from "./model.ts";
import { send } from "./raw.ts";
import type { RawReply } from "./raw.ts";

let folder: ModelFolder;
let server: InferenceServer;

beforeAll(async () => {
  folder = await modelFolder();
  server = await startInference({ models: [{ name: "delay", version: "1", file: await folder.write("1.onnx", smallModel()) }] });
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

interface Binary {
  readonly name: string;
  readonly datatype: string;
  readonly bytes: Buffer;
}

const floats = (values: readonly (number | null)[]): Buffer => Buffer.from(Float32Array.from(values, (value) => value ?? NaN).buffer);
const doubles = (values: readonly (number | null)[]): Buffer => Buffer.from(Float64Array.from(values, (value) => value ?? NaN).buffer);

function binaryOf(rows: readonly Row[]): Binary[] {
  return [
    { name: "carrier", datatype: "BYTES", bytes: bytesFromStrings(rows.map(({ carrier }) => carrier ?? "")) },
    { name: "distance", datatype: "FP64", bytes: doubles(rows.map(({ distance }) => distance)) },
    { name: "day", datatype: "INT64", bytes: Buffer.from(BigInt64Array.from(rows, ({ day }) => BigInt(day)).buffer) },
    { name: "night", datatype: "BOOL", bytes: Buffer.from(rows.map(({ night }) => Number(night))) },
    { name: "temp", datatype: "FP32", bytes: floats(rows.map(({ temp }) => temp)) },
  ];
}

function inferBinary(rows: number, tensors: readonly Binary[], more: object = {}): Promise<RawReply> {
  const inputs = tensors.map(({ name, datatype, bytes }) => ({
    name,
    datatype,
    shape: [rows, 1],
    parameters: { binary_data_size: bytes.length },
  }));
  const json = Buffer.from(JSON.stringify({ inputs, ...more }));
  return send(`${server.url}/v2/models/delay/infer`, {
    headers: { "inference-header-content-length": json.length },
    body: Buffer.concat([json, ...tensors.map(({ bytes }) => bytes)]),
  });
}

const rows = Array.from({ length: 33 }, (_, index) => rowOf(index));

test("binary inputs give the same answers as JSON ones, NaN and empty texts being missing values", async () => {
  const reply = await inferBinary(33, binaryOf(rows));
  expect(reply.headers["content-type"]).toBe("application/json");
  const answer = JSON.parse(reply.body.toString());
  rows.forEach((row, index) => expect(answer.outputs[1].data[index * 2 + 1]).toBeCloseTo(expectedProbability(row), 5));
});

test.each([
  ["for all outputs", { parameters: { binary_data_output: true } }],
  [
    "by output",
    {
      outputs: [
        { name: "label", parameters: { binary_data: true } },
        { name: "probabilities", parameters: { binary_data: true } },
      ],
    },
  ],
])("binary outputs, asked %s, follow the JSON with their sizes", async (_, more) => {
  const reply = await inferBinary(33, binaryOf(rows), more);
  expect(reply.headers["content-type"]).toBe("application/octet-stream");
  const length = Number(reply.headers["inference-header-content-length"]);
  expect(JSON.parse(reply.body.subarray(0, length).toString()).outputs).toEqual([
    { name: "label", datatype: "INT64", shape: [33], parameters: { binary_data_size: 33 * 8 } },
    { name: "probabilities", datatype: "FP32", shape: [33, 2], parameters: { binary_data_size: 33 * 8 } },
  ]);
  expect(reply.body.length).toBe(length + 33 * 16);
  rows.forEach((row, index) => {
    const probability = reply.body.readFloatLE(length + 33 * 8 + index * 8 + 4);
    expect(probability).toBeCloseTo(expectedProbability(row), 5);
    expect(reply.body.readBigInt64LE(length + index * 8)).toBe(probability >= 0.5 ? 1n : 0n);
  });
});

test("one output may be binary and the other JSON", async () => {
  const reply = await inferBinary(33, binaryOf(rows), {
    outputs: [{ name: "probabilities" }, { name: "label", parameters: { binary_data: true } }],
  });
  const length = Number(reply.headers["inference-header-content-length"]);
  const { outputs } = JSON.parse(reply.body.subarray(0, length).toString());
  expect(outputs.map(({ name }: { name: string }) => name)).toEqual(["probabilities", "label"]);
  expect(outputs[0].data).toHaveLength(66);
  expect(reply.body.length - length).toBe(33 * 8);
});

describe("binary tensors of another type are converted where nothing is lost", () => {
  test.each([
    ["temp", "FP64", doubles([12])],
    ["temp", "INT16", Buffer.from(Int16Array.of(12).buffer)],
    ["distance", "UINT32", Buffer.from(Uint32Array.of(700).buffer)],
    ["day", "INT32", Buffer.from(Int32Array.of(5).buffer)],
    ["night", "UINT8", Buffer.from([1])],
  ])("%s sent as %s", async (name, datatype, bytes) => {
    const row = { ...rowOf(1), temp: 12, distance: 700, day: 5, night: true };
    const reply = await inferBinary(
      1,
      binaryOf([row]).map((tensor) => (tensor.name === name ? { name, datatype, bytes } : tensor)),
    );
    expect(JSON.parse(reply.body.toString()).outputs[1].data[1]).toBeCloseTo(expectedProbability(row), 5);
  });
});

describe("a malformed binary tensor is refused by its name", () => {
  test.each([
    ["too few bytes", "temp", "FP32", Buffer.alloc(3), "input 'temp': 1 elements of FP32 take 4 bytes; its binary_data_size is 3"],
    ["too many bytes", "temp", "FP32", Buffer.alloc(8), "input 'temp': 1 elements of FP32 take 4 bytes; its binary_data_size is 8"],
    [
      "a text that ends too early",
      "carrier",
      "BYTES",
      Buffer.from([9, 0, 0, 0, 65]),
      "input 'carrier': element 0 ends beyond its binary_data_size",
    ],
    ["a text without its length", "carrier", "BYTES", Buffer.from([9, 0]), "input 'carrier': element 0 ends beyond its binary_data_size"],
    ["no text", "carrier", "BYTES", Buffer.alloc(0), "input 'carrier': 0 elements, and its shape has 1"],
    ["two texts", "carrier", "BYTES", bytesFromStrings(["a", "b"]), "input 'carrier': more than the 1 elements of its shape"],
    ["a text that is not UTF-8", "carrier", "BYTES", Buffer.from([2, 0, 0, 0, 0xc3, 0x28]), "input 'carrier', element 0 is not UTF-8"],
    ["a BOOL of 2", "night", "BOOL", Buffer.from([2]), "input 'night', element 0: a BOOL is the byte 0 or 1, not 2"],
    [
      "a whole number beyond INT64",
      "day",
      "UINT64",
      Buffer.alloc(8, 0xff),
      "input 'day', element 0: 18446744073709551615 is no integer within the input's type INT64",
    ],
    ["a fraction for INT64", "day", "FP64", doubles([1.5]), "input 'day', element 0: 1.5 is no integer within the input's type INT64"],
    [
      "NaN for BOOL",
      "night",
      "FP32",
      floats([NaN]),
      "input 'night', element 0: a missing value is neither 0 nor 1, as the input's type BOOL asks",
    ],
    ["text for a number", "temp", "BYTES", bytesFromStrings(["1"]), "input 'temp' is FP32; the request sends BYTES"],
    ["a half-precision number", "temp", "FP16", Buffer.alloc(2), "input 'temp': unknown datatype \"FP16\"; the model takes FP32"],
  ])("%s", async (_, name, datatype, bytes, message) => {
    const reply = await inferBinary(
      1,
      binaryOf([rowOf(1)]).map((tensor) => (tensor.name === name ? { name, datatype, bytes } : tensor)),
    );
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body.toString()).error).toBe(message);
  });
});
