import { parentPort, workerData } from "node:worker_threads";
import { clock } from "./call.ts";
import type { FromWorker, RunMessage, ToWorker, WorkerStart } from "./message.ts";
import { openSession } from "./session.ts";
import type { Session } from "./session.ts";
import { bufferSize, tensorsOf } from "./signature.ts";

// One model in one thread, because ONNX Runtime blocks the thread that it runs on.

const port = parentPort;
if (port === null) throw new Error("src/serve/worker is started as a worker thread");
const { model }: WorkerStart = workerData;

function post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run(session: Session, { rows, buffer, strings }: RunMessage): Promise<void> {
  try {
    const { inputs, outputs } = session.signature;
    const began = clock();
    const results = await session.run(tensorsOf(inputs, rows, buffer, strings), rows);
    const milliseconds = clock() - began;
    const texts = results.filter((data) => Array.isArray(data));
    const answer = new ArrayBuffer(bufferSize(outputs, rows));
    tensorsOf(outputs, rows, answer, texts).forEach((view, index) => {
      const data = results[index];
      if (Array.isArray(view) || data === undefined || Array.isArray(data)) return;
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    post({ kind: "done", buffer: answer, strings: texts, inputs: buffer, began, milliseconds }, [answer, buffer]);
  } catch (error) {
    post({ kind: "failed", reason: text(error) });
  }
}

try {
  const session = await openSession(model);
  port.on("message", (message: ToWorker) => {
    if (message.kind === "run") void run(session, message);
    else void session.release().then(() => port.close());
  });
  post({ kind: "ready", signature: session.signature });
} catch (error) {
  post({ kind: "refused", reason: text(error) });
  port.close();
}
