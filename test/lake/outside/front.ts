import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";

/** A request that passes, and what may be done to it. */
export interface Passing {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
  /** Sends it on; gives the status of the reply, which then waits for `reply`. */
  pass(): Promise<number>;
  /** Answers with what was passed on and came back. */
  reply(): void;
  answer(status: number, body: object): void;
  /** Ends the connection without a word. */
  cut(): void;
}

/** A door before a server, whose keeper decides what becomes of each request. */
export interface Front {
  readonly url: string;
  readonly seen: readonly { readonly method: string; readonly url: string }[];
  keeper: (passing: Passing) => Promise<void>;
  stop(): Promise<void>;
}

export const letThrough = async (passing: Passing): Promise<void> => {
  await passing.pass();
  passing.reply();
};

/** Opens a door on 127.0.0.1 that lets everything through until its keeper is changed. */
export async function openFront(target: string): Promise<Front> {
  const { hostname, port } = new URL(target);
  const seen: { method: string; url: string }[] = [];
  const server = createServer((message, response) => {
    const { method = "GET", url = "/" } = message;
    seen.push({ method, url });
    void handle(message, response).catch(() => response.destroy());
  });
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/", headers } = message;
    const body = await readAll(message);
    let came: { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: Buffer } | null = null;
    await front.keeper({
      method,
      url,
      authorization: headers.authorization ?? "",
      body: body.toString("utf8"),
      async pass() {
        const onward = request({ hostname, port, path: url, method, headers: { ...headers, connection: "close" } });
        onward.end(body);
        const [incoming]: IncomingMessage[] = await once(onward, "response");
        if (incoming === undefined) throw new Error("no response");
        came = { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await readAll(incoming) };
        return came.status;
      },
      reply() {
        if (came === null) throw new Error("nothing was passed on");
        const { "transfer-encoding": _, connection: __, ...kept } = came.headers;
        response.writeHead(came.status, kept).end(came.body);
      },
      answer: (status, answer) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer)),
      cut: () => void message.socket.destroy(),
    });
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const front: Front = {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    keeper: letThrough,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
