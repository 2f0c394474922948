import { createServer, request as send, type IncomingMessage, type OutgoingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What happens to a request: `pass`; `unavailable`: status 503, and the server hears nothing of it; `silent`: no answer for `silence`, then the
 * connection ends; `slow`: the answer comes in two halves with a pause between; `cut`: the connection ends in the middle of the answer;
 * `lost`: the server does it, and the connection ends instead of the answer.
 */
export const treatments = ["pass", "unavailable", "silent", "slow", "cut", "lost"] as const;
export type Treatment = (typeof treatments)[number];

export interface Proxied {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

export interface Proxy {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  /** How often each happened. */
  counts(): Readonly<Record<Treatment, number>>;
  stop(): Promise<void>;
}

/**
 * Stands before an HTTP server of the tests and treats each request as told.
 *
 * @param options `silence` in milliseconds, for each silent request.
 */
export async function startProxy(
  target: string,
  choose: (request: Proxied) => Treatment,
  options: { readonly silence?: (request: Proxied) => number } = {},
): Promise<Proxy> {
  const counts: Record<Treatment, number> = { pass: 0, unavailable: 0, silent: 0, slow: 0, cut: 0, lost: 0 };
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const proxied: Proxied = { method: message.method ?? "GET", url: message.url ?? "/", headers: message.headers };
    const treatment = choose(proxied);
    counts[treatment] += 1;
    const body = await bodyOf(message);
    if (treatment === "unavailable") {
      response.writeHead(503, { "content-type": "application/xml" });
      response.end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
      return;
    }
    if (treatment === "silent") {
      await sleep(options.silence?.(proxied) ?? 1_000, undefined, { ref: false });
      message.socket.destroy();
      return;
    }
    const answer = await forward(new URL(proxied.url, target), message, body);
    if (treatment === "lost") {
      message.socket.destroy();
      return;
    }
    const half = Math.floor(answer.body.length / 2);
    response.writeHead(answer.status, answer.headers);
    if (treatment !== "pass") {
      response.write(answer.body.subarray(0, half));
      // Headers alone are sent, too.
      response.flushHeaders();
      await sleep(treatment === "slow" ? 700 : 20);
      if (treatment === "cut") {
        message.socket.destroy();
        return;
      }
    }
    response.end(treatment === "pass" ? answer.body : answer.body.subarray(half));
  };
  const server: Server = createServer((message, response) => {
    handle(message, response).catch(() => message.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system lent no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    counts: () => ({ ...counts }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function forward(
  url: URL,
  message: IncomingMessage,
  body: Buffer,
): Promise<{ readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { "transfer-encoding": _chunked, connection: _connection, expect: _expect, ...headers } = message.headers;
    const outgoing = send(url, { method: message.method ?? "GET", headers: { ...headers, "content-length": body.length } }, (answer) => {
      bodyOf(answer).then((content) => {
        const { connection: _own, "transfer-encoding": _encoding, ...kept } = answer.headers;
        resolve({ status: answer.statusCode ?? 502, headers: kept, body: content });
      }, reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
