import * as grpc from "@grpc/grpc-js";
import type { Agent } from "node:http";
import { decode, encode } from "../../../src/serve/grpc/messages.ts";
import { send } from "../raw.ts";
import type { Case, SentRequest, SentTensor } from "./cases.ts";

/** What a server said, whichever way it was asked. */
export interface Reply {
  /** HTTP's status, or gRPC's in its words. */
  readonly status: number;
  readonly error: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly number[];
  }[];
}

export interface Place {
  readonly url: string;
  readonly grpc: grpc.Client;
  readonly agent: Agent;
}

/** gRPC's codes that the two servers give. */
const statuses: Readonly<Record<number, number>> = {
  [grpc.status.INVALID_ARGUMENT]: 400,
  [grpc.status.NOT_FOUND]: 404,
  [grpc.status.INTERNAL]: 500,
  [grpc.status.UNIMPLEMENTED]: 501,
  [grpc.status.UNAVAILABLE]: 503,
};

export function ask(place: Place, asked: Case): Promise<Reply> {
  return asked.way === "grpc" ? askGrpc(place, asked) : askHttp(place, asked);
}

/** One tensor's bytes. */
function bytesOf({ datatype, data }: SentTensor): Buffer {
  return Buffer.concat(
    data.map((value) => {
      if (datatype === "BYTES") {
        const text = Buffer.isBuffer(value) ? value : Buffer.from(String(value), "utf8");
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, text]);
      }
      const bytes = Buffer.alloc(datatype === "BOOL" ? 1 : datatype === "FP32" || datatype === "INT32" ? 4 : 8);
      if (datatype === "BOOL") bytes.writeUInt8(Number(value));
      else if (datatype === "INT32") bytes.writeInt32LE(Number(value));
      else if (datatype === "FP32") bytes.writeFloatLE(Number(value));
      else if (datatype === "INT64") bytes.writeBigInt64LE(BigInt(typeof value === "bigint" ? value : Number(value)));
      else bytes.writeDoubleLE(Number(value));
      return bytes;
    }),
  );
}

async function askHttp({ url, agent }: Place, { way, request, damage }: Case): Promise<Reply> {
  const tails = way === "binary" ? request.inputs.map(bytesOf) : [];
  const head = Buffer.from(
    JSON.stringify({
      inputs: request.inputs.map(({ data, ...input }, index) =>
        way === "binary" ? { ...input, parameters: { binary_data_size: tails[index]?.length ?? 0 } } : { ...input, data },
      ),
      ...(request.outputs.length === 0 ? {} : { outputs: request.outputs }),
    }),
  );
  const whole = Buffer.concat([head, ...tails]);
  const version = request.version === null ? "" : `/versions/${request.version}`;
  const reply = await send(`${url}/v2/models/${request.model}${version}/infer`, {
    agent,
    headers: way === "binary" ? { "inference-header-content-length": head.length } : {},
    body: damage === null ? whole : damage(whole),
  });
  const json: { error?: string; outputs?: Reply["outputs"] } = JSON.parse(reply.body.toString("utf8"));
  return { status: reply.status, error: json.error ?? "", outputs: json.outputs ?? [] };
}

function askGrpc({ grpc: client }: Place, { request, damage }: Case): Promise<Reply> {
  const message = encode("ModelInferRequest", messageOf(request));
  const whole = damage === null ? message : damage(message);
  return new Promise((resolve) => {
    const identity = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest<Buffer, Buffer>(
      "/inference.GRPCInferenceService/ModelInfer",
      identity,
      identity,
      whole,
      { deadline: Date.now() + 60_000 },
      (error, bytes) => {
        if (error !== null) resolve({ status: statuses[error.code] ?? 599, error: `${error.code} ${error.details}`, outputs: [] });
        else resolve({ status: 200, error: "", outputs: outputsOf(bytes ?? Buffer.alloc(0)) });
      },
    );
  });
}

function messageOf({ model, version, inputs, outputs }: SentRequest): object {
  return {
    model_name: model,
    model_version: version ?? "",
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    outputs: outputs.map(({ name }) => ({ name })),
    raw_input_contents: inputs.map(bytesOf),
  };
}

function outputsOf(bytes: Buffer): Reply["outputs"] {
  const { outputs, raw_output_contents: raw } = decode("ModelInferResponse", bytes);
  if (!Array.isArray(outputs) || !Array.isArray(raw)) throw new Error("a reply without outputs");
  return outputs.map(({ name, datatype, shape }: { name: string; datatype: string; shape: string[] }, index) => {
    const copy = new Uint8Array(raw[index]).buffer;
    return {
      name,
      datatype,
      shape: shape.map(Number),
      data: datatype === "INT64" ? Array.from(new BigInt64Array(copy), Number) : [...new Float32Array(copy)],
    };
  });
}
