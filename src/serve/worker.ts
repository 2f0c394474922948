import { parentPort, workerData } from "node:worker_threads";
import { execute, textOf } from "./execute.ts";
import type { FromWorker, RunMessage, ToWorker, WorkerStart } from "./message.ts";
import { openSession } from "./session.ts";
import type { Session } from "./session.ts";

// One model in one thread, because ONNX Runtime blocks the thread that it runs on.

const port = parentPort;
if (port === null) throw new Error("src/serve/worker is started as a worker thread");
const { model }: WorkerStart = workerData;

function post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function run(session: Session, job: RunMessage): Promise<void> {
  const outcome = await execute(session, job);
  post(outcome, outcome.kind === "done" ? [outcome.buffer, outcome.inputs] : []);
}

try {
  const session = await openSession(model);
  port.on("message", (message: ToWorker) => {
    if (message.kind === "run") void run(session, message);
    else void session.release().then(() => port.close());
  });
  post({ kind: "ready", signature: session.signature, milliseconds: session.milliseconds });
} catch (error) {
  post({ kind: "refused", reason: textOf(error) });
  port.close();
}
