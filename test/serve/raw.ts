import { Agent, request } from "node:http";
import type { OutgoingHttpHeaders } from "node:http";

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One HTTP request with exactly these bytes and headers. */
export function send(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: Buffer | string;
    readonly agent?: Agent;
  } = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { method = "POST", headers = {}, body, agent } = options;
    const sent = request(url, { method, headers, ...(agent === undefined ? {} : { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
