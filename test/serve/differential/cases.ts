import type { Datatype } from "../../../src/serve/datatype.ts";
import { rowOf } from "../model.ts";

/** A tensor as a client has it, before it is written in one of the protocol's ways. */
export interface SentTensor {
  name: string;
  datatype: string;
  shape: number[];
  /** Flat; 64-bit integers may be bigints. */
  data: unknown[];
}

export interface SentRequest {
  model: string;
  version: string | null;
  inputs: SentTensor[];
  outputs: { name: string; parameters?: Readonly<Record<string, unknown>> }[];
}

export type Way = "json" | "binary" | "grpc";

/** What the two servers are to do: answer alike or refuse both, or differ as docs/serving.md says. */
export type Expectation = "both-answer" | "both-refuse" | "we-refuse" | "we-answer";

export interface Case {
  readonly kind: string;
  readonly way: Way;
  readonly expected: Expectation;
  readonly request: SentRequest;
  /** Changes the written bytes. */
  readonly damage: ((body: Buffer) => Buffer) | null;
}

export type Random = () => number;

const below = (next: Random, limit: number): number => Math.floor(next() * limit);

function pick<Value>(next: Random, from: readonly [Value, ...Value[]]): Value {
  return from[below(next, from.length)] ?? from[0];
}

const types: Readonly<Record<string, Datatype>> = { carrier: "BYTES", distance: "FP64", day: "INT64", night: "BOOL", temp: "FP32" };

/** A request that is right, with random rows. */
function rightRequest(next: Random, way: Way): SentRequest {
  const rows = next() < 0.1 ? 1 + below(next, 64) : 1 + below(next, 5);
  const value = (name: string): unknown => {
    const row = rowOf(below(next, 1000));
    if (name === "carrier") return next() < 0.3 ? pick(next, ["", "Zürich ✈", '"\\\n', "a".repeat(300), "\u0000"]) : (row.carrier ?? "");
    if (name === "distance") return way !== "json" && next() < 0.1 ? NaN : pick(next, [0, -1.5, 1e-300, (next() - 0.5) * 1e4]);
    if (name === "day") return next() < 0.1 && way !== "json" ? -(2n ** 63n) + BigInt(below(next, 9)) : below(next, 1000) - 500;
    if (name === "night") return next() < 0.5;
    return Math.fround((next() - 0.5) * 100);
  };
  const inputs = Object.entries(types).map(([name, datatype]) => ({
    name,
    datatype,
    shape: [rows, 1],
    data: Array.from({ length: rows }, () => value(name)),
  }));
  if (next() < 0.3) inputs.reverse();
  const outputs = next() < 0.5 ? [] : next() < 0.5 ? [{ name: "label" }] : [{ name: "probabilities" }, { name: "label" }];
  return { model: "delay", version: next() < 0.3 ? "1" : null, inputs, outputs };
}

interface Change {
  readonly ways: readonly Way[];
  readonly expected: Expectation;
  /** How often, among the changes. */
  apply(request: SentRequest, next: Random): ((body: Buffer) => Buffer) | void;
}

const everyWay: readonly Way[] = ["json", "binary", "grpc"];
const numeric = (request: SentRequest, next: Random): SentTensor => find(request, pick(next, ["distance", "day", "temp"]));
const any = (request: SentRequest, next: Random): SentTensor => request.inputs[below(next, request.inputs.length)] ?? fail();

function find(request: SentRequest, name: string): SentTensor {
  return request.inputs.find((input) => input.name === name) ?? fail();
}

function fail(): never {
  throw new Error("a right request lacks an input");
}

function replaceOne(tensor: SentTensor, next: Random, value: unknown): void {
  tensor.data[below(next, tensor.data.length)] = value;
}

/** What is done to a right request. */
export const changes: Readonly<Record<string, Change>> = {
  nothing: { ways: everyWay, expected: "both-answer", apply: () => undefined },
  "a shape of another rank": { ways: everyWay, expected: "both-refuse", apply: (r, n) => void any(r, n).shape.pop() },
  "a shape of another width": {
    ways: everyWay,
    expected: "both-refuse",
    apply(r, n) {
      const tensor = any(r, n);
      tensor.shape = [tensor.shape[0] ?? 1, 2];
      tensor.data = [...tensor.data, ...tensor.data];
    },
  },
  "rows that differ": {
    ways: everyWay,
    expected: "both-refuse",
    apply(r, n) {
      const tensor = any(r, n);
      tensor.shape = [tensor.data.length + 1, 1];
      tensor.data.push(tensor.data[0]);
    },
  },
  "no rows": {
    ways: everyWay,
    expected: "both-refuse",
    apply(r, n) {
      const tensor = any(r, n);
      tensor.shape = [0, 1];
      tensor.data = [];
    },
  },
  "data that is too short": { ways: everyWay, expected: "both-refuse", apply: (r, n) => void any(r, n).data.pop() },
  "data that is too long": {
    ways: everyWay,
    expected: "both-refuse",
    apply(r, n) {
      const tensor = any(r, n);
      tensor.data.push(tensor.data[0]);
    },
  },
  "a missing input": { ways: everyWay, expected: "both-refuse", apply: (r, n) => void r.inputs.splice(below(n, r.inputs.length), 1) },
  "an unknown input": { ways: everyWay, expected: "both-refuse", apply: (r, n) => void (any(r, n).name = "unknown") },
  "an input twice": { ways: everyWay, expected: "both-refuse", apply: (r, n) => void r.inputs.push({ ...any(r, n) }) },
  "an unknown datatype": { ways: ["json", "grpc"], expected: "both-refuse", apply: (r, n) => void (any(r, n).datatype = "FLOAT") },
  "text for a number": {
    ways: ["json"],
    expected: "both-refuse",
    apply: (r, n) => replaceOne(numeric(r, n), n, pick<unknown>(n, ["1", true, {}])),
  },
  "a number for text": { ways: ["json"], expected: "both-refuse", apply: (r, n) => replaceOne(find(r, "carrier"), n, 7) },
  "a number for BOOL": { ways: ["json"], expected: "both-refuse", apply: (r, n) => replaceOne(find(r, "night"), n, 1) },
  "a fraction for an integer": { ways: ["json"], expected: "both-refuse", apply: (r, n) => replaceOne(find(r, "day"), n, 1.5) },
  "an unknown output": { ways: everyWay, expected: "both-refuse", apply: (r) => void (r.outputs = [{ name: "score" }]) },
  "an unknown model": { ways: everyWay, expected: "both-refuse", apply: (r) => void (r.model = "none") },
  "an unknown version": { ways: everyWay, expected: "both-refuse", apply: (r) => void (r.version = "9") },
  "a body that is cut": {
    ways: ["json"],
    expected: "both-refuse",
    apply: (_, n) => (body) => body.subarray(0, 1 + below(n, body.length - 2)),
  },
  "tensors that are cut": {
    ways: ["binary"],
    expected: "both-refuse",
    apply: (_, n) => (body) => body.subarray(0, body.length - 1 - below(n, 3)),
  },
  "tensors with more behind them": {
    ways: ["binary"],
    expected: "both-refuse",
    apply: () => (body) => Buffer.concat([body, Buffer.alloc(3)]),
  },
  "a text that is not UTF-8": {
    ways: ["binary", "grpc"],
    expected: "both-refuse",
    apply: (r, n) => replaceOne(find(r, "carrier"), n, Buffer.from([0xff])),
  },
  "a message that is cut": { ways: ["grpc"], expected: "both-refuse", apply: () => (body) => body.subarray(0, body.length - 1) },

  // Where we differ on purpose.
  "a missing value": {
    ways: ["json"],
    expected: "we-answer",
    apply: (r, n) => replaceOne(find(r, pick(n, ["carrier", "distance", "temp", "night", "day"])), n, null),
  },
  "numbers of another type": {
    ways: everyWay,
    expected: "we-answer",
    apply(r, n) {
      const tensor = numeric(r, n);
      tensor.datatype = "INT32";
      tensor.data = tensor.data.map(() => below(n, 100));
    },
  },
  "more rows than a batch": {
    ways: everyWay,
    expected: "we-answer",
    apply(r) {
      for (const tensor of r.inputs) {
        tensor.data = Array.from({ length: 65 }, () => tensor.data[0]);
        tensor.shape = [65, 1];
      }
    },
  },
  "an integer whose digits JSON loses": {
    ways: ["json"],
    expected: "we-refuse",
    apply: (r, n) => replaceOne(find(r, "day"), n, 2 ** 53 + 2),
  },
  "a number beyond FP32": { ways: ["json"], expected: "we-refuse", apply: (r, n) => replaceOne(find(r, "temp"), n, 1e39) },
  "an output twice": {
    ways: ["json", "binary"],
    expected: "we-refuse",
    apply: (r) => void (r.outputs = [{ name: "label" }, { name: "label" }]),
  },
  "a BOOL that is neither 0 nor 1": {
    ways: ["binary", "grpc"],
    expected: "we-refuse",
    apply: (r, n) => replaceOne(find(r, "night"), n, 2),
  },
  "a classification": {
    ways: ["json"],
    expected: "we-refuse",
    apply: (r) => void (r.outputs = [{ name: "probabilities", parameters: { classification: 1 } }]),
  },
};

const rightOnes = 0.45;

/** The next request: nearly half are right. */
export function nextCase(next: Random): Case {
  const kinds = Object.keys(changes).slice(1);
  const kind = next() < rightOnes ? "nothing" : (kinds[below(next, kinds.length)] ?? "nothing");
  const { ways, expected, apply } = changes[kind] ?? fail();
  const way = ways[below(next, ways.length)] ?? "json";
  const request = rightRequest(next, way);
  const damage = apply(request, next) ?? null;
  return { kind, way, expected, request, damage };
}
