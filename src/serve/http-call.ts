import type { IncomingMessage, ServerResponse } from "node:http";
import { Call } from "./call.ts";
import { grpcTimeout, timeoutParameter } from "./timeout.ts";

/**
 * The call of an HTTP request: its deadline is in the header `timeout` (microseconds) or `grpc-timeout`, and it is over when
 * the connection closes before the answer has gone.
 * @throws Fault 400 for a deadline that cannot be read
 */
export function httpCall(request: IncomingMessage, response: ServerResponse): Call {
  const call = new Call();
  const { timeout, "grpc-timeout": grpc } = request.headers;
  const microseconds = timeoutParameter(timeout);
  if (microseconds !== null) call.expireAfter(microseconds);
  if (typeof grpc === "string") call.expireAfter(grpcTimeout(grpc));
  response.once("close", () => call.cancel());
  return call;
}
