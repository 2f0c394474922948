import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** One HTTP request as it goes out. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Incoming {
  readonly status: number;
  /** Seconds or a date, as the server sent it. */
  readonly retryAfter: string | null;
  readonly text: string;
}

/** No reply came. */
export class NoReply extends Error {
  /** Whether the request may have reached the server: then nobody knows what it did. */
  readonly sent: boolean;
  constructor(sent: boolean, reason: string) {
    super(reason);
    this.name = "NoReply";
    this.sent = sent;
  }
}

/** Silence for so long counts as no reply, in milliseconds. */
const patience = 120_000;

// What only reads may use a connection again: where the server has just closed it, asking once more does no harm.
const kept = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

/**
 * Sends a request once. What may change something goes over a connection of its own: on an old one that the server is just closing,
 * nobody could tell whether it arrived.
 *
 * @throws NoReply
 */
export function send({ method, url, headers, body }: Outgoing): Promise<Incoming> {
  const secure = url.protocol === "https:";
  const reads = method === "GET" || method === "HEAD";
  const agent = reads ? (secure ? kept.https : kept.http) : false;
  const content = body === "" ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    let sent = false;
    const fail = (error: NodeJS.ErrnoException): void => reject(new NoReply(sent, error.code ?? error.message));
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent,
      timeout: patience,
      headers: { accept: "application/json", ...content, ...headers },
    });
    outgoing.on("socket", (socket) => {
      if (socket.connecting) socket.once(secure ? "secureConnect" : "connect", () => (sent = true));
      else sent = true;
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no reply within ${patience / 1000} s`)));
    outgoing.on("error", fail);
    outgoing.on("response", (message) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("error", fail);
      message.on("aborted", () => fail(new Error("the reply broke off")));
      message.on("end", () =>
        resolve({
          status: message.statusCode ?? 0,
          retryAfter: message.headers["retry-after"] ?? null,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    outgoing.end(body === "" ? undefined : body);
  });
}
