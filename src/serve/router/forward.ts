import { request as requestHttp, type Agent, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline } from "node:stream";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";

/** Where a request goes on to. */
export interface Target {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  readonly maxRequestBytes: number;
}

/** Of the caller's headers, those that the server is told. Its key is ours, and is not. */
const passedOn = [
  "content-type",
  "content-length",
  "content-encoding",
  "inference-header-content-length",
  "accept",
  "timeout",
  "traceparent",
  "tracestate",
];
const passedBack = ["content-type", "content-length", "content-encoding", "inference-header-content-length", "retry-after"];

/**
 * Sends a request on as it comes, piece by piece, and its answer back likewise: nothing is kept, so that large tensors take no memory here.
 * @param call ends the wait: at its deadline, or when the caller has gone, the server's connection is closed
 * @param refused gets the whole body of an answer that is no 2xx (at most 64 KiB), and writes what the caller is told
 * @returns the status that the caller got
 * @throws Fault 413, 503 when the server cannot be reached, and what the call is over for; nothing has been written then
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  call: Call,
  refused: (status: number, body: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = open(target, request.method ?? "GET", pick(request, passedOn));
    let failed = false;
    const fail = (fault: Fault): void => {
      // That it is then closed is told as an error, too.
      if (failed) return;
      failed = true;
      outgoing.destroy();
      // What is still sent is read and thrown away: a client that is cut off would never see the answer.
      request.removeAllListeners("data").resume();
      if (response.headersSent) response.destroy();
      reject(fault);
    };
    call.whenOver(fail);
    outgoing.on("error", () => fail(unreachable()));
    outgoing.once("response", (reply) => {
      const status = reply.statusCode ?? 502;
      if (status < 200 || status > 299) {
        collect(reply).then(
          (body) => {
            refused(status, body);
            resolve(status);
          },
          () => fail(unreachable()),
        );
        return;
      }
      response.writeHead(status, pick(reply, passedBack));
      response.once("finish", () => {
        // Before its connection closes, which would else count as the caller's going.
        call.close();
        resolve(status);
      });
      pipeline(reply, response, (error) => {
        if (error) fail(unreachable());
      });
    });
    sendBody(request, outgoing, target.maxRequestBytes, fail);
  });
}

type Outgoing = ReturnType<typeof requestHttp>;

function open({ url, headers, agent }: Target, method: string, own: OutgoingHttpHeaders): Outgoing {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  return send(url, { method, agent, headers: { ...own, ...headers } });
}

function sendBody(request: IncomingMessage, outgoing: Outgoing, maxBytes: number, fail: (fault: Fault) => void): void {
  const tooLarge = (size: number): Fault =>
    new Fault(413, "too-large", `the body has ${size} bytes or more; at most ${maxBytes} are accepted`);
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxBytes) return fail(tooLarge(declared));
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) return fail(tooLarge(size));
    if (outgoing.write(chunk)) return;
    request.pause();
    outgoing.once("drain", () => request.resume());
  });
  request.once("end", () => outgoing.end());
  request.once("error", () => fail(new Fault(400, "aborted", "the connection ended before the body did")));
}

function pick({ headers }: IncomingMessage, names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
}

const longestRefusal = 2 ** 16;

async function collect(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply) {
    if (!(chunk instanceof Buffer)) continue;
    if (size < longestRefusal) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks).toString("utf8").slice(0, longestRefusal);
}

/** The address is ours to know, not the caller's. */
export function unreachable(): Fault {
  return new Fault(503, "server-unreachable", "the server behind this router cannot be reached at the moment", { "retry-after": "1" });
}
