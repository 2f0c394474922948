import { connect as connectHttp2 } from "node:http2";
import type { ClientHttp2Session } from "node:http2";
import { connect } from "node:net";
import { encode } from "../../src/serve/grpc/messages.ts";
import { rowOf } from "./model.ts";
import type { Statuses } from "./mangle-http.ts";
import { mangleBytes, type Random } from "./random.ts";

const service = "/inference.GRPCInferenceService/";
const methods = [
  "ModelInfer",
  "ModelInfer",
  "ModelInfer",
  "ModelStreamInfer",
  "ModelMetadata",
  "ModelConfig",
  "ModelStatistics",
  "RepositoryIndex",
  "ServerLive",
  "Nonsense",
] as const;

const { carrier, distance, day, night, temp } = rowOf(3);
const tensor = (name: string, datatype: string, contents: object): object => ({ name, datatype, shape: [1, 1], contents });
const message = Buffer.from(
  encode("ModelInferRequest", {
    model_name: "delay",
    id: "mangled",
    parameters: { timeout: { int64_param: 10_000_000 } },
    inputs: [
      tensor("carrier", "BYTES", { bytes_contents: [Buffer.from(carrier ?? "")] }),
      tensor("distance", "FP64", { fp64_contents: [distance ?? 0] }),
      tensor("day", "INT64", { int64_contents: [day] }),
      tensor("night", "BOOL", { bool_contents: [night] }),
      tensor("temp", "FP32", { fp32_contents: [temp ?? 0] }),
    ],
  }),
);

/** Codes of gRPC that may answer a broken message: OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED, and INTERNAL for broken framing. */
export const properCodes: ReadonlySet<number> = new Set([0, 3, 4, 5, 8, 12, 13]);

/** Sends mangled messages of Protocol Buffers in proper streams; the status of each. @throws Error for one that ends without a status */
export async function mangleMessages(address: string, count: number, random: Random): Promise<Statuses> {
  const codes: Statuses = new Map();
  let left = count;
  const client = async (): Promise<void> => {
    const session = connectHttp2(`http://${address}`);
    session.on("error", () => undefined);
    while (left-- > 0) {
      const code = await ask(session, random.pick(methods), framed(random));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    session.destroy();
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return codes;
}

/** A message with its prefix: a byte for compression, four of length; now and then these are wrong too. */
function framed(random: Random): Buffer {
  const body = mangleBytes(message, random);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  const whole = Buffer.concat([prefix, body]);
  return random.next() < 0.1 ? Buffer.concat([mangleBytes(prefix, random), body]) : whole;
}

function ask(session: ClientHttp2Session, method: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": service + method, "content-type": "application/grpc", te: "trailers" });
    let code: number | null = null;
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      const status = headers["grpc-status"];
      if (status !== undefined) code = Number(status);
    };
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("error", () => undefined);
    stream.on("close", () => {
      if (code === null) reject(new Error(`${method} ended with no status, but ${stream.rstCode}: ${body.toString("hex")}`));
      else resolve(code);
    });
    stream.resume();
    stream.end(body);
  });
}

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A frame of HTTP/2: length, type, flags, stream. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Headers as literals that no table keeps (HPACK 6.2.2). */
function literals(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => [Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]),
  );
}

const head = literals([
  [":method", "POST"],
  [":scheme", "http"],
  [":path", `${service}ServerLive`],
  [":authority", "x"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
]);

/** Sends mangled frames, each lot over a connection of its own; how these ended. */
export async function mangleFrames(address: string, count: number, random: Random): Promise<ReadonlyMap<string, number>> {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const ends = new Map<string, number>();
  let left = count;
  const good = [
    frame(4, 0, 0, Buffer.alloc(0)),
    frame(1, 4, 1, head),
    frame(0, 1, 1, Buffer.alloc(5)),
    frame(6, 0, 0, Buffer.alloc(8)),
    frame(8, 0, 0, Buffer.from([0, 0, 1, 0])),
  ];
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const frames = mangleBytes(Buffer.concat(good), random);
      const bytes = random.next() < 0.1 ? mangleBytes(Buffer.concat([preface, frames]), random) : Buffer.concat([preface, frames]);
      const end = await converse(port, bytes);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return ends;
}

/** A server may wait for the rest of a frame: what it says within a moment is enough, the connection is then closed from here. */
const patience = 30;

function converse(port: number, bytes: Buffer): Promise<"goaway" | "closed" | "answered" | "waits"> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    let waits = false;
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    const timer = setTimeout(() => {
      waits = true;
      socket.destroy();
    }, patience);
    socket.on("data", (chunk) => (received = Buffer.concat([received, chunk])));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      const types = typesOf(received);
      resolve(types.includes(7) ? "goaway" : types.includes(1) ? "answered" : waits ? "waits" : "closed");
    });
  });
}

/** The types of the frames in these bytes. */
function typesOf(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes[at + 3] ?? 0);
  return types;
}
