import { clock } from "./call.ts";
import type { FromWorker, RunMessage } from "./message.ts";
import type { Session } from "./session.ts";
import { bufferSize, tensorsOf } from "./signature.ts";

/** Runs a batch that is laid out by `tensorsOf` in this thread; what the model cannot evaluate is an outcome too. */
export async function execute(
  session: Session,
  { rows, buffer, strings }: Omit<RunMessage, "kind">,
): Promise<Extract<FromWorker, { kind: "done" | "failed" }>> {
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
    return { kind: "done", buffer: answer, strings: texts, inputs: buffer, began, milliseconds };
  } catch (error) {
    return { kind: "failed", reason: textOf(error) };
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
