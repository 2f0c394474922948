import { connect } from "node:net";

/** One reply of HTTP/1.1 that has a content-length. */
export interface PlainReply {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks over one connection, one request after the other, with as little work as can be: many of these leave the processor to the server.
 * @param next the next request as it goes over the wire; null ends it
 * @throws Error when the connection ends or something else than a reply comes
 */
export function keepAsking(port: number, next: () => Buffer | null, answered: (reply: PlainReply) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    let asked = false;
    const ask = (): void => {
      const request = next();
      if (request === null) {
        socket.removeAllListeners("close");
        socket.end();
        resolve();
      } else {
        asked = true;
        socket.write(request);
      }
    };
    socket.once("connect", ask);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(asked ? "the connection ended before the answer" : "the connection ended")));
    socket.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = received.indexOf("\r\n\r\n");
      if (head === -1) return;
      const text = received.toString("latin1", 0, head);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
      const end = head + 4 + length;
      if (Number.isNaN(length)) return void socket.destroy(new Error(`no length in ${text}`));
      if (received.length < end) return;
      const body = received.toString("utf8", head + 4, end);
      received = received.subarray(end);
      asked = false;
      try {
        answered({ status: Number(text.slice(9, 12)), body });
      } catch (error) {
        return void socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
      ask();
    });
  });
}
