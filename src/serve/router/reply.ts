import type { IncomingMessage, ServerResponse } from "node:http";
import { messageIn, type ServerProtocol } from "./protocols.ts";

/** An answer of the router's own: JSON, unless it is bytes already. */
export function send(
  response: ServerResponse,
  status: number,
  body: object | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", ...headers, "content-length": content.length }).end(content);
}

/** A refusal of the server's, in the protocol's words. */
export function refuse(response: ServerResponse, status: number, body: string, protocol: Pick<ServerProtocol, "refusal">): void {
  const worded = protocol.refusal(body) ?? messageIn(body, "error") ?? `the server answers ${status}`;
  send(response, status, { error: worded });
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
