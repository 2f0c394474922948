import type * as Grpc from "@grpc/grpc-js";
import { MillwrightError } from "../../error.ts";
import { Call } from "../call.ts";
import { Fault, faultOf } from "../fault.ts";
import { requireAllowed } from "../gate.ts";
import type { Gate } from "../gate.ts";
import type { ServerMetrics } from "../metrics.ts";
import type { Observer } from "../observe.ts";
import type { Tls } from "../tls.ts";
import { serverCredentials } from "./credentials.ts";
import { endpointOf, infer, methods, readMessage, writeMessage } from "./methods.ts";
import type { Answering, Method } from "./methods.ts";
import type { Message } from "./messages.ts";

export interface GrpcOptions extends Answering {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly gate: Gate;
  readonly observer: Observer;
  readonly metrics: ServerMetrics;
  readonly tls: Tls | null;
  readonly maxRequestBytes: number;
}

export interface GrpcServer {
  readonly port: number;
  /** Answers what has been asked, for at most `milliseconds`, then closes. */
  stop(milliseconds: number): Promise<void>;
}

const service = "/inference.GRPCInferenceService/";
const identity = (bytes: Buffer): Buffer => bytes;
const mostInStream = 64;

/** Serves the Open Inference Protocol over gRPC. @throws MillwrightError `port-unavailable` or `grpc-missing` */
export async function startGrpc(options: GrpcOptions): Promise<GrpcServer> {
  const grpc = await library();
  const server = new grpc.Server({ "grpc.max_receive_message_length": options.maxRequestBytes, "grpc.max_send_message_length": -1 });
  const definition: Record<string, Grpc.MethodDefinition<Buffer, Buffer>> = {};
  const handlers: Record<string, Grpc.UntypedHandleCall> = {};
  const add = (name: string, stream: boolean, handle: Grpc.UntypedHandleCall): void => {
    definition[name] = {
      path: service + name,
      requestStream: stream,
      responseStream: stream,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    };
    handlers[name] = handle;
  };
  for (const [name, method] of Object.entries(methods))
    add(name, false, (call: Grpc.ServerUnaryCall<Buffer, Buffer>, reply: Grpc.sendUnaryData<Buffer>) => {
      unary(options, method, call).then(
        (bytes) => reply(null, bytes),
        (error: unknown) => reply(statusOf(grpc, told(options, call.request, method, error))),
      );
    });
  add("ModelStreamInfer", true, (call: Grpc.ServerDuplexStream<Buffer, Buffer>) => stream(options, call));
  server.addService(definition, handlers);
  const address = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, serverCredentials(grpc, options.tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(unavailable(address, error));
    });
  });
  return {
    port,
    async stop(milliseconds) {
      const deadline = setTimeout(() => server.forceShutdown(), milliseconds);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(deadline);
    },
  };
}

async function library(): Promise<typeof Grpc> {
  try {
    return await import("@grpc/grpc-js");
  } catch (error) {
    throw new MillwrightError(
      {
        code: "grpc-missing",
        what: "gRPC needs the package @grpc/grpc-js, which is not installed",
        fix: 'npm install "@grpc/grpc-js@^1.13.0"',
      },
      { cause: error },
    );
  }
}

async function unary(options: GrpcOptions, method: Method, asked: Grpc.ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> {
  const caller = method.scope === "anybody" ? null : admit(options, asked);
  const request = readMessage(method.request, asked.request);
  if (caller !== null && method.scope !== "known") requireAllowed(caller, method.scope === "endpoint" ? endpointOf(request) : null);
  return writeMessage(method.reply, await method.answer(request, options, callOf(options, asked)));
}

type AnyCall = Pick<Grpc.ServerUnaryCall<Buffer, Buffer>, "metadata" | "getPeer" | "getDeadline"> & {
  on(event: "cancelled", listener: () => void): unknown;
};

function admit({ gate }: GrpcOptions, asked: AnyCall): ReturnType<Gate["admit"]> {
  return gate.admit(header(asked, "authorization"), asked.getPeer().replace(/:\d+$/, ""));
}

function header({ metadata }: AnyCall, name: string): string | undefined {
  const [value] = metadata.get(name);
  return value === undefined ? undefined : String(value);
}

/** A request on its way, with the caller's deadline, for as long as the caller waits. */
function callOf({ observer }: GrpcOptions, asked: AnyCall): Call {
  const call = new Call("grpc");
  call.trace = observer.begin(header(asked, "traceparent"), header(asked, "tracestate"));
  const deadline = Number(asked.getDeadline());
  if (Number.isFinite(deadline)) call.expireAfter(Math.max(0, deadline - Date.now()) * 1000);
  asked.on("cancelled", () => call.cancel());
  return call;
}

/** Each request of the stream is answered by a message of its own, in their order; a fault is a message too, and the stream goes on. */
function stream(options: GrpcOptions, asked: Grpc.ServerDuplexStream<Buffer, Buffer>): void {
  let last: Promise<unknown> = Promise.resolve();
  let pending = 0;
  asked.on("data", (bytes: Buffer) => {
    pending++;
    if (pending >= mostInStream) asked.pause();
    const reply = streamed(options, asked, bytes);
    last = last.then(async () => {
      asked.write(writeMessage("ModelStreamInferResponse", await reply));
      pending--;
      if (pending < mostInStream) asked.resume();
    });
  });
  asked.on("end", () => void last.then(() => asked.end()));
}

async function streamed(options: GrpcOptions, asked: Grpc.ServerDuplexStream<Buffer, Buffer>, bytes: Buffer): Promise<object> {
  try {
    const request = readMessage("ModelInferRequest", bytes);
    requireAllowed(admit(options, asked), endpointOf(request));
    const response: Message = await infer(request, options, callOf(options, asked));
    return { infer_response: response };
  } catch (error) {
    return { error_message: told(options, bytes, methods["ModelInfer"], error).message };
  }
}

/** Counts a refusal, warns of a defect, and gives what the caller is told. */
function told({ deployments, metrics }: GrpcOptions, bytes: Buffer, method: Method | undefined, error: unknown): Fault {
  const fault = faultOf(error);
  if (fault !== error) process.emitWarning(`inference: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const name = fault.reason === "bad-message" || method?.scope !== "endpoint" ? null : endpointOf(readMessage(method.request, bytes));
  metrics.failed(name !== null && deployments.get(name) !== undefined ? name : "", fault);
  return fault;
}

/** HTTP's status in gRPC's words. */
function statusOf({ status, Metadata }: typeof Grpc, fault: Fault): Partial<Grpc.StatusObject> {
  const codes: Readonly<Record<number, Grpc.status>> = {
    400: status.INVALID_ARGUMENT,
    401: status.UNAUTHENTICATED,
    403: status.PERMISSION_DENIED,
    404: status.NOT_FOUND,
    413: status.RESOURCE_EXHAUSTED,
    422: status.INVALID_ARGUMENT,
    429: status.RESOURCE_EXHAUSTED,
    499: status.CANCELLED,
    503: status.UNAVAILABLE,
    504: status.DEADLINE_EXCEEDED,
  };
  const metadata = new Metadata();
  const retry = fault.headers["retry-after"];
  if (retry !== undefined) metadata.set("retry-after", retry);
  return { code: codes[fault.status] ?? status.INTERNAL, details: fault.message, metadata };
}

function unavailable(address: string, error: Error): MillwrightError {
  return new MillwrightError(
    {
      code: "port-unavailable",
      what: `gRPC cannot listen on ${address}: ${error.message}`,
      fix: "choose another port, or 0 for a free one",
    },
    { cause: error },
  );
}
