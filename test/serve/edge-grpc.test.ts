import { credentials, Metadata, Client, status } from "@grpc/grpc-js";
import type { ChannelCredentials, ServiceError } from "@grpc/grpc-js";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createGate } from "../../src/serve/gate.ts";
import { encode } from "../../src/serve/grpc/messages.ts";
import { keysFromText } from "../../src/serve/keys.ts";
import { otlpSink } from "../../src/serve/otlp.ts";
import type { PredictionBatch } from "../../src/serve/prediction.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceOptions, InferenceServer } from "../../src/serve/server.ts";
import { openTls } from "../../src/serve/tls.ts";
import { createTracer } from "../../src/serve/trace.ts";
import { makeCertificate } from "./certificate.ts";
import { startCollector } from "./collector.ts";
import { modelFolder, rowOf, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";

let folder: string;
let models: ModelFolder;
let server: InferenceServer | null;
const clients: Client[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-edge-grpc-"));
  models = await modelFolder();
  server = null;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.stop();
  await models.remove();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<InferenceOptions>, loaded = true): Promise<InferenceServer> {
  const file = await models.write("model.onnx", smallModel());
  return (server = await startInference({ models: loaded ? [{ name: "delay", version: "1", file }] : [], grpcPort: 0, ...options }));
}

function clientOf(by: ChannelCredentials = credentials.createInsecure()): Client {
  const client = new Client(server?.grpc ?? "", by, { "grpc.default_authority": "localhost", "grpc.use_local_subchannel_pool": 1 });
  clients.push(client);
  return client;
}

const identity = (bytes: Buffer): Buffer => bytes;

/** The code that a call ends with. */
function ask(
  client: Client,
  method: string,
  message: Buffer,
  {
    key,
    deadline,
    trace,
    started = () => undefined,
  }: { readonly key?: string; readonly deadline?: number; readonly trace?: string; readonly started?: (cancel: () => void) => void } = {},
): Promise<number> {
  const metadata = new Metadata();
  if (key !== undefined) metadata.set("authorization", `Bearer ${key}`);
  if (trace !== undefined) metadata.set("traceparent", trace);
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      `/inference.GRPCInferenceService/${method}`,
      identity,
      identity,
      message,
      metadata,
      deadline === undefined ? {} : { deadline: Date.now() + deadline },
      (error: ServiceError | null) => resolve(error?.code ?? status.OK),
    );
    started(() => call.cancel());
  });
}

function request(rows: number, timeout?: number): Buffer {
  const all = Array.from({ length: rows }, (_, index) => rowOf(index));
  const tensor = (name: string, datatype: string, contents: object): object => ({ name, datatype, shape: [rows, 1], contents });
  return encode("ModelInferRequest", {
    model_name: "delay",
    ...(timeout === undefined ? {} : { parameters: { timeout: { int64_param: timeout } } }),
    inputs: [
      tensor("carrier", "BYTES", { bytes_contents: all.map(({ carrier }) => Buffer.from(carrier ?? "")) }),
      tensor("distance", "FP64", { fp64_contents: all.map(({ distance }) => distance ?? Number.NaN) }),
      tensor("day", "INT64", { int64_contents: all.map(({ day }) => day) }),
      tensor("night", "BOOL", { bool_contents: all.map(({ night }) => night) }),
      tensor("temp", "FP32", { fp32_contents: all.map(({ temp }) => temp ?? Number.NaN) }),
    ],
  });
}

const named = (name: string): Buffer => encode("Named", { name });
const nothing = Buffer.alloc(0);

test("keys and limits stand before gRPC as before HTTP", async () => {
  const key = "a-key-for-delay-only-1234";
  await start(
    {
      gate: createGate({ keys: keysFromText(`a ${key} delay;b another-key-for-all-12345`, "a test"), requestsPerSecond: 0.001, burst: 4 }),
    },
    false,
  );
  const client = clientOf();
  expect(await ask(client, "ServerLive", nothing)).toBe(status.OK);
  expect(await ask(client, "ModelMetadata", named("delay"))).toBe(status.UNAUTHENTICATED);
  expect(await ask(client, "ModelMetadata", named("delay"), { key: "wrong" })).toBe(status.UNAUTHENTICATED);
  expect(await ask(client, "ModelMetadata", named("delay"), { key })).toBe(status.NOT_FOUND);
  expect(await ask(client, "ModelMetadata", named("fares"), { key })).toBe(status.PERMISSION_DENIED);
  expect(await ask(client, "ModelInfer", request(1), { key })).toBe(status.NOT_FOUND);
  expect(await ask(client, "RepositoryIndex", nothing, { key })).toBe(status.PERMISSION_DENIED);
  expect(await ask(client, "ModelMetadata", named("delay"), { key })).toBe(status.RESOURCE_EXHAUSTED);
  expect(await ask(client, "RepositoryIndex", nothing, { key: "another-key-for-all-12345" })).toBe(status.OK);
});

test("a call whose deadline passes, or whose caller cancels, leaves the queue and is not computed", async () => {
  const batches: PredictionBatch[] = [];
  const { registry } = await start({ maxBatch: 2, maxDelayMicroseconds: 600_000_000, onPrediction: (batch) => void batches.push(batch) });
  const queued = (rows: number): Promise<void> =>
    vi.waitFor(async () => expect(await registry.metrics()).toContain(`queue_rows{endpoint="delay"} ${rows}\n`), 20_000);
  const client = clientOf();
  expect(await ask(client, "ModelInfer", request(1, 20_000))).toBe(status.DEADLINE_EXCEEDED);
  expect(await ask(client, "ModelInfer", request(1), { deadline: 300 })).toBe(status.DEADLINE_EXCEEDED);
  await queued(0);
  let cancel = (): void => undefined;
  const cancelled = ask(client, "ModelInfer", request(1), { started: (by) => (cancel = by) });
  await queued(1);
  cancel();
  expect(await cancelled).toBe(status.CANCELLED);
  await queued(0);
  expect(batches).toEqual([]);
  expect(await ask(client, "ModelInfer", request(2), { deadline: 60_000 })).toBe(status.OK);
  expect(await registry.metrics()).toMatch(/deadline_misses_total\{endpoint="delay",version="1"\} [12]/);
});

test("TLS of gRPC shows a renewed certificate to the next client, and asks for theirs where told so", async () => {
  const authority = makeCertificate("an authority");
  const ca = Buffer.from(authority.certificate);
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const own = makeCertificate("the server", authority);
  const files = {
    certificate: await write("server.crt", own.certificate),
    key: await write("server.key", own.key),
    clientCertificates: await write("clients.crt", authority.certificate),
  };
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const tls = openTls(files, 20);
  try {
    await start({ tls }, false);
    const known = makeCertificate("a client", authority);
    const secure = (): Client => clientOf(credentials.createSsl(ca, Buffer.from(known.key), Buffer.from(known.certificate)));
    expect(await ask(secure(), "ServerLive", nothing, { deadline: 60_000 })).toBe(status.OK);
    expect(await ask(clientOf(credentials.createSsl(ca)), "ServerLive", nothing, { deadline: 60_000 })).toBe(status.UNAVAILABLE);
    expect(await ask(clientOf(), "ServerLive", nothing, { deadline: 60_000 })).toBe(status.UNAVAILABLE);
    // Signed by another authority: those who trust the first one only do not take it any more.
    const other = makeCertificate("another authority");
    const renewed = makeCertificate("the server", other);
    await write("server.key", renewed.key);
    await write("server.crt", renewed.certificate);
    await vi.waitFor(async () => expect(await ask(secure(), "ServerLive", nothing, { deadline: 60_000 })).toBe(status.UNAVAILABLE), {
      timeout: 30_000,
      interval: 100,
    });
    const trusting = credentials.createSsl(Buffer.from(other.certificate), Buffer.from(known.key), Buffer.from(known.certificate));
    expect(await ask(clientOf(trusting), "ServerLive", nothing, { deadline: 60_000 })).toBe(status.OK);
  } finally {
    tls.stop();
    warned.mockRestore();
  }
});

test("a gRPC call goes on with its caller's trace (collector: a stand-in)", async () => {
  const collector = await startCollector();
  const tracer = createTracer(otlpSink({ url: collector.url, service: "flights", intervalMilliseconds: 10 }), 0);
  try {
    await start({ tracer });
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    expect(await ask(clientOf(), "ModelInfer", request(2), { trace: `00-${trace}-00f067aa0ba902b7-01` })).toBe(status.OK);
    await tracer.stop();
    expect(collector.complaints).toEqual([]);
    expect(collector.spans.map(({ name, traceId }) => [name, traceId]).toSorted()).toEqual([
      ["compute", trace],
      ["infer delay", trace],
      ["queue", trace],
    ]);
    expect(collector.spans.find(({ kind }) => kind === 2)?.attributes).toContainEqual({
      key: "rpc.system",
      value: { stringValue: "grpc" },
    });
  } finally {
    await collector.stop();
  }
});
