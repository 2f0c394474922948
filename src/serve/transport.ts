import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { answerBrokenRequest } from "./broken.ts";
import type { Tls } from "./tls.ts";

export interface TransportOptions {
  /** null: in the clear. */
  readonly tls: Tls | null;
  /** Connections at the same time; more are closed as they come. */
  readonly maxConnections: number;
  /** Of all headers of a request; more get 431. */
  readonly maxHeaderBytes: number;
}

const requestTimeout = 60_000;
const headersTimeout = 20_000;
const handshakeTimeout = 20_000;

/** The HTTP server, with or without TLS; it does not listen yet. */
export function createTransport({ tls, maxConnections, maxHeaderBytes }: TransportOptions, listener: RequestListener): Server {
  const limits = { requestTimeout, headersTimeout, keepAliveTimeout: requestTimeout, maxHeaderSize: maxHeaderBytes };
  const server = tls === null ? createServer(limits, listener) : secure(tls, limits, listener);
  server.maxConnections = maxConnections;
  server.on("clientError", answerBrokenRequest);
  return server;
}

function secure(tls: Tls, limits: object, listener: RequestListener): Server {
  const server = createSecureServer({ ...limits, handshakeTimeout, ...tls.current() }, listener);
  tls.onChange((settings) => server.setSecureContext(settings));
  // A handshake that fails has no request to answer; its socket is closed by Node.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}
