import type * as Grpc from "@grpc/grpc-js";
import type { SparkAddress } from "./address.ts";
import { decode, encode, type ExecuteResponse, type Replies } from "./messages.ts";

/** A connection to a Spark Connect server: calls by name, messages as plain objects. */
export interface Channel {
  readonly address: SparkAddress;
  call<Name extends keyof Replies>(method: string, request: object, reply: Name): Promise<Replies[Name]>;
  /** The responses of an execution as they come; leaving the loop ends the call, not the execution. */
  stream(method: "ExecutePlan" | "ReattachExecute", request: object): AsyncIterable<ExecuteResponse>;
  close(): void;
}

/** Names of the messages that the calls send. */
const requests: Readonly<Record<string, string>> = {
  Interrupt: "InterruptRequest",
  Config: "ConfigRequest",
  AnalyzePlan: "AnalyzePlanRequest",
  ExecutePlan: "ExecutePlanRequest",
  ReattachExecute: "ReattachExecuteRequest",
  ReleaseExecute: "ReleaseExecuteRequest",
  ReleaseSession: "ReleaseSessionRequest",
  FetchErrorDetails: "FetchErrorDetailsRequest",
};

/** Seconds that a call which runs no job may take: analysing a query may list many files. */
const callSeconds = 300;

/** Opens a channel; nothing is sent before the first call, and a lost connection is made anew by the next one. */
export function openChannel(grpc: typeof Grpc, address: SparkAddress): Channel {
  const credentials = address.secure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
  const client = new grpc.Client(`${address.host}:${address.port}`, credentials, {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    // Another client of the same process is another connection: one that is broken must not be shared.
    "grpc.use_local_subchannel_pool": 1,
  });
  const metadata = new grpc.Metadata();
  if (address.token !== null) metadata.set("authorization", `Bearer ${address.token}`);
  for (const [name, value] of Object.entries(address.headers)) metadata.set(name, value);
  const path = (method: string) => `/spark.connect.SparkConnectService/${method}`;
  const send = (method: string) => (value: object) => encode(requests[method] ?? method, value);
  return {
    address,
    call: (method, request, reply) =>
      new Promise((resolve, reject) => {
        const receive = (bytes: Buffer) => decode(reply, bytes);
        const deadline = Date.now() + callSeconds * 1000;
        client.makeUnaryRequest(path(method), send(method), receive, request, metadata, { deadline }, (error, value) => {
          if (error !== null) reject(error);
          else if (value === undefined) reject(new Error(`${method} gave no reply`));
          else resolve(value);
        });
      }),
    stream: (method, request) =>
      client.makeServerStreamRequest(path(method), send(method), (bytes) => decode("ExecutePlanResponse", bytes), request, metadata),
    close: () => client.close(),
  };
}
