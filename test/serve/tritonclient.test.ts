import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { clientRequirements } from "../servers/triton.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { modelFolder, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";

// What tritonclient of PyPI finds; the answers themselves it compares with ONNX Runtime in Python.
let folder: ModelFolder;
let server: InferenceServer;
let found: Readonly<Record<"http" | "grpc", Readonly<Record<string, unknown>>>> & { readonly metrics: readonly string[] };

beforeAll(async () => {
  const environment = await pythonEnvironment([...clientRequirements, "prometheus_client==0.26.0"]);
  folder = await modelFolder();
  const file = await folder.write("model.onnx", smallModel());
  const versions = ["3", "4"].map((version) => ({ version, file, aliases: version === "3" ? ["champion"] : ["challenger"] }));
  server = await startInference({ models: [], grpcPort: 0, workers: 1, repository: { models: () => new Map([["delay", versions]]) } });
  await server.serve("delay", versions);
  const script = fileURLToPath(new URL("ask-as-triton.py", import.meta.url));
  const { code, stdout, stderr } = await environment.run([script, new URL(server.url).host, server.grpc ?? "", "delay", file]);
  expect(code, stderr).toBe(0);
  found = JSON.parse(stdout);
}, 300_000);

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

test.each(["http", "grpc"] as const)("tritonclient over %s finds health, metadata, configuration, statistics and index", (protocol) => {
  const { configuration, statistics, all_statistics: all, ...told } = found[protocol];
  expect(told).toMatchObject({
    live: true,
    ready: true,
    model_ready: true,
    version_ready: true,
    server: { name: "millwright", extensions: expect.arrayContaining(["statistics"]) },
    metadata: { name: "delay", versions: ["3", "4"], platform: "onnxruntime_onnx" },
    version_metadata: { name: "delay" },
  });
  // JSON of a protobuf message leaves out what is false, and writes 64-bit integers as texts.
  expect(told["unknown_ready"] ?? false).toBe(false);
  const plain = protocol === "http" ? configuration : Object(configuration)["config"];
  expect(plain).toMatchObject({
    name: "delay",
    max_batch_size: 64,
    input: expect.arrayContaining([expect.objectContaining({ name: "carrier", data_type: "TYPE_STRING" })]),
    instance_group: [{ kind: "KIND_CPU", count: 1 }],
  });
  // Over gRPC after what was asked over HTTP since the version was loaded.
  const asked = protocol === "http" ? 3 : 16;
  const number = (count: number): unknown => (protocol === "http" ? count : String(count));
  expect(statistics).toMatchObject({
    model_stats: [
      {
        name: "delay",
        version: "3",
        inference_count: number(asked * 37),
        execution_count: number(asked),
        inference_stats: { success: { count: number(asked) }, queue: { count: number(asked) }, compute_infer: { count: number(asked) } },
        batch_stats: [{ batch_size: number(37), compute_infer: { count: number(asked) } }],
      },
    ],
  });
  expect(Object(all)["model_stats"]).toHaveLength(2);
});

test.each(["http", "grpc"] as const)(
  "tritonclient over %s gets the answers of ONNX Runtime in Python, whichever way it asks",
  (protocol) => {
    const ways = ["plain", "version", "timeout", "async", ...(protocol === "http" ? ["json", "binary_in", "binary_both"] : ["compressed"])];
    for (const way of ways) expect(found[protocol][way], way).toBeLessThanOrEqual(1e-6);
    expect(found[protocol]).toMatchObject({ id: "from triton" });
    expect(found.http["one_output"]).toEqual(["label"]);
    expect(found.grpc["one_output"]).toEqual(["probabilities"]);
  },
);

test("over gRPC elements by type, streams and messages that are none are answered", () => {
  const close = expect.toSatisfy((difference: unknown) => typeof difference === "number" && difference <= 1e-6);
  expect(found.grpc["typed"]).toEqual([true, close]);
  expect(found.grpc["stream"]).toEqual([close, expect.stringContaining('there is no model "none"'), close]);
  expect(found.grpc["broken"]).toEqual(["INVALID_ARGUMENT", expect.stringContaining("the request cannot be read")]);
});

test.each(["http", "grpc"] as const)("tritonclient over %s loads and unloads", (protocol) => {
  const versions = (ready: readonly string[]): unknown[] =>
    ["3", "4"].map((version) =>
      expect.objectContaining({ name: "delay", version, state: ready.includes(version) ? "READY" : "UNAVAILABLE" }),
    );
  const entries = (name: string): unknown => (protocol === "http" ? found.http[name] : Object(found.grpc[name])["models"]);
  const { loaded_configuration: configuration, ...told } = found[protocol];
  expect(entries("index")).toEqual(expect.arrayContaining(versions(["3", "4"])));
  expect(told["unloaded_ready"]).toBe(false);
  expect(told["unloaded_infer"]).toEqual([
    protocol === "http" ? "404" : "StatusCode.NOT_FOUND",
    'there is no model "delay"; none is served',
  ]);
  expect(told).toMatchObject({ loaded: { versions: ["4"] }, loaded_again: { versions: ["3", "4"] } });
  expect(protocol === "http" ? configuration : Object(configuration)["config"]).toMatchObject({ max_batch_size: 16 });
  expect(entries("loaded_index")).toEqual(expect.arrayContaining(versions(["4"])));
  const invalid = protocol === "http" ? "400" : "StatusCode.INVALID_ARGUMENT";
  expect(told["load_with_files"]).toEqual([invalid, expect.stringContaining("files cannot be sent")]);
  expect(told["load_unknown"]).toEqual([protocol === "http" ? "404" : "StatusCode.NOT_FOUND", 'the repository has no model "none"']);
});

test("tritonclient is told what is refused and what is not offered", () => {
  const [http, grpc] = [found.http, found.grpc];
  expect(http["unknown_model"]).toEqual(["404", 'there is no model "none"; served are delay']);
  expect(grpc["unknown_model"]).toEqual(["StatusCode.NOT_FOUND", 'there is no model "none"; served are delay']);
  expect(http["unknown_version"]).toEqual(["404", expect.stringContaining('there is no version "9"')]);
  expect(grpc["unknown_version"]).toEqual(["StatusCode.NOT_FOUND", expect.stringContaining('there is no version "9"')]);
  expect(http["too_late"]).toEqual(["504", expect.stringContaining("deadline")]);
  expect(grpc["too_late"]).toEqual(["StatusCode.DEADLINE_EXCEEDED", expect.stringContaining("deadline")]);
  expect(grpc["deadline"]).toEqual(["StatusCode.DEADLINE_EXCEEDED", expect.anything()]);
  expect(http["compressed"]).toEqual(["415", expect.stringContaining("gzip")]);
  for (const what of ["shared_memory", "trace_settings", "log_settings"]) expect([http[what], grpc[what]]).toEqual([true, true]);
});

test("the metrics are read by Prometheus' own parser", () => {
  expect(found.metrics).toEqual(
    expect.arrayContaining(["millwright_inference_requests", "millwright_inference_request_seconds", "millwright_inference_model_info"]),
  );
});
