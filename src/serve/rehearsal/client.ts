import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { PhaseResult, RehearsalPhase, RehearsalTask } from "./rehearse.ts";

// A client in a thread of its own, so that it does not slow the server's thread down that it measures. Each connection asks again when it has its answer.

const port = parentPort;
if (port === null) throw new Error("src/serve/rehearsal/client is started as a worker thread");
const task: RehearsalTask = workerData;
/** However slow the model is. */
const fewest = 5;
const { hostname, port: number } = new URL(task.url);
const requests = task.bodies.map((body) =>
  Buffer.from(
    `POST /v2/models/${encodeURIComponent(task.endpoint)}/infer HTTP/1.1\r\nhost: ${hostname}:${number}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
);

for (const phase of task.phases) {
  port.postMessage("begins");
  port.postMessage(await measurePhase(phase));
}

async function measurePhase({ connections, requests: most, seconds }: RehearsalPhase): Promise<PhaseResult> {
  const latencies: number[] = [];
  const open = await Promise.all(Array.from({ length: connections }, openConnection));
  const before = process.threadCpuUsage();
  const began = performance.now();
  const end = began + seconds * 1000;
  let asked = 0;
  try {
    await Promise.all(
      open.map(async (connection) => {
        while (asked < fewest || (asked < most && performance.now() < end)) {
          const sent = performance.now();
          await connection.ask(requests[asked++ % requests.length] ?? Buffer.alloc(0));
          latencies.push(performance.now() - sent);
        }
      }),
    );
  } finally {
    for (const connection of open) connection.close();
  }
  const used = process.threadCpuUsage(before);
  return {
    latencies: Float64Array.from(latencies).sort(),
    seconds: (performance.now() - began) / 1000,
    clientSeconds: (used.user + used.system) / 1e6,
  };
}

interface Connection {
  /** Resolves with the answer; one at a time. */
  ask(request: Buffer): Promise<void>;
  close(): void;
}

async function openConnection(): Promise<Connection> {
  const socket: Socket = connect({ host: hostname, port: Number(number), noDelay: true });
  socket.setEncoding("latin1");
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  let text = "";
  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = null;
  };
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed a connection with a request on it")));
  socket.on("data", (chunk: string) => {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head + 2))?.[1];
    if (!text.startsWith("HTTP/1.1 200 ") || length === undefined) return fail(new Error(`no answer: ${text.slice(0, 300)}`));
    if (text.length < head + 4 + Number(length)) return;
    text = "";
    const answered = waiting;
    waiting = null;
    answered?.resolve();
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}
