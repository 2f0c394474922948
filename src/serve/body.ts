import type { IncomingMessage } from "node:http";
import { Fault } from "./fault.ts";

/**
 * The body of a request. One that is too large is refused at once and read to its end without being kept,
 * because a client that is cut off while it sends would never see the answer.
 * @throws Fault 413, or 415 for a body that is compressed
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (fault: Fault): void => {
      request.removeAllListeners("data");
      request.resume();
      reject(fault);
    };
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") return refuse(new Fault(415, "compressed", `a body in ${encoding} is not accepted; send it uncompressed`));
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > maxBytes) return refuse(tooLarge(declared, maxBytes));
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) return refuse(tooLarge(size, maxBytes));
      chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", () => reject(new Fault(400, "aborted", "the connection ended before the body did")));
  });
}

function tooLarge(size: number, maxBytes: number): Fault {
  return new Fault(413, "too-large", `the body has ${size} bytes or more; at most ${maxBytes} are accepted`);
}
