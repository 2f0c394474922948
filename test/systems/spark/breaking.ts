import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be cut. */
export interface BreakingWay {
  readonly port: number;
  /** How many connections were cut. */
  readonly cuts: number;
  /** Cuts every connection once it has brought so many bytes from the server, as often as `times` says. */
  cutAfter(bytes: number, times: number): void;
  stop(): Promise<void>;
}

/** Passes everything on to a port of this machine. */
export async function breakingWay(target: number): Promise<BreakingWay> {
  const sockets = new Set<Socket>();
  let limit = Infinity;
  let left = 0;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let passed = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Either end may have been cut; its close ends the other one.
      socket
        .on("error", () => undefined)
        .once("close", () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => {
      passed += chunk.length;
      if (left > 0 && passed > limit) {
        left -= 1;
        cuts += 1;
        client.destroy();
      } else if (!client.write(chunk)) {
        upstream.pause();
        client.once("drain", () => upstream.resume());
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system lent no port");
  return {
    port: address.port,
    get cuts() {
      return cuts;
    },
    cutAfter(bytes, times) {
      limit = bytes;
      left = times;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
