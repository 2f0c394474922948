import type { Duplex } from "node:stream";

const statuses: Readonly<Record<string, readonly [number, string]>> = Object.freeze({
  HPE_HEADER_OVERFLOW: [431, "the headers are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive in time"],
});

/** Answers what is no HTTP request, and closes the connection. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] = statuses[error.code ?? ""] ?? [400, "this is no HTTP request"];
  const body = JSON.stringify({ error: text });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
