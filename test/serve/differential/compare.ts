import { credentials, Client } from "@grpc/grpc-js";
import { Agent } from "node:http";
import { startInference } from "../../../src/serve/server.ts";
import { startTriton } from "../../servers/triton.ts";
import { modelFolder, smallModel } from "../model.ts";
import { ask } from "./ask.ts";
import type { Place, Reply } from "./ask.ts";
import { nextCase } from "./cases.ts";
import { randomNumbers } from "../../../src/random.ts";
import type { Case, Expectation } from "./cases.ts";

export interface Comparison {
  /** How many requests there were, by what was done to them. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Refusals that Triton calls its own failure (5xx) and we the caller's (4xx). */
  readonly blamed: number;
  /** What went otherwise than expected, in words; at most twenty. */
  readonly surprises: readonly string[];
}

const together = 8;

/** The same model behind a real Triton, with ONNX Runtime in its Python backend, and behind us: the same random requests to both. */
export async function compareWithTriton(count: number, seed: number): Promise<Comparison> {
  const folder = await modelFolder();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => folder.remove());
  const file = await folder.write("model.onnx", smallModel());
  const triton = await startTriton([
    {
      name: "delay",
      file,
      maxBatch: 64,
      inputs: [
        ["carrier", "TYPE_STRING", [1]],
        ["distance", "TYPE_FP64", [1]],
        ["day", "TYPE_INT64", [1]],
        ["night", "TYPE_BOOL", [1]],
        ["temp", "TYPE_FP32", [1]],
      ],
      outputs: [
        ["label", "TYPE_INT64", []],
        ["probabilities", "TYPE_FP32", [2]],
      ],
    },
  ]);
  stack.defer(() => triton.stop());
  const server = await startInference({ models: [{ name: "delay", version: "1", file }], workers: 1, grpcPort: 0 });
  stack.defer(() => server.stop());
  const place = (url: string, address: string): Place => {
    const made = {
      url,
      grpc: new Client(address, credentials.createInsecure()),
      agent: new Agent({ keepAlive: true, maxSockets: together }),
    };
    stack.defer(() => {
      made.grpc.close();
      made.agent.destroy();
    });
    return made;
  };
  const [ours, theirs] = [place(server.url, server.grpc ?? ""), place(triton.url, triton.grpc)];
  const next = randomNumbers(seed);
  const kinds = new Map<string, number>();
  const surprises: string[] = [];
  let blamed = 0;
  for (let done = 0; done < count; done += together) {
    const cases = Array.from({ length: Math.min(together, count - done) }, () => nextCase(next));
    const replies = await Promise.all(cases.map(async (each) => [each, await ask(ours, each), await ask(theirs, each)] as const));
    for (const [asked, mine, other] of replies) {
      kinds.set(asked.kind, (kinds.get(asked.kind) ?? 0) + 1);
      if (mine.status < 500 && mine.status >= 400 && other.status >= 500) blamed++;
      const surprise = judge(asked, mine, other);
      if (surprise !== null && surprises.length < 20) surprises.push(`${asked.kind} (${asked.way}): ${surprise}`);
    }
  }
  return { kinds, blamed, surprises };
}

const answers: Readonly<Record<Expectation, readonly [ours: boolean, theirs: boolean]>> = {
  "both-answer": [true, true],
  "both-refuse": [false, false],
  "we-refuse": [false, true],
  "we-answer": [true, false],
};

/** What is not as it should be; null when all is. */
function judge({ expected, request, kind }: Case, mine: Reply, other: Reply): string | null {
  const [ours, theirs] = answers[expected];
  const said = (who: string, { status, error }: Reply): string => `${who} ${status} ${error.slice(0, 200)}`;
  if ((mine.status === 200) !== ours || (other.status === 200) !== theirs)
    return `expected ${expected}, but ${said("we said", mine)}, ${said("Triton", other)}; ${JSON.stringify(request, words).slice(0, 300)}`;
  if (!ours && (mine.status < 400 || mine.status > 499 || mine.error === "")) return `we refuse with ${said("", mine)}`;
  // Triton tells what it cannot parse as a failure of its own; where it blames the caller, so do we, and with the same status.
  if (!ours && !theirs && other.status < 500 && mine.status !== other.status && kind !== "a text that is not UTF-8")
    return `${said("we said", mine)}, ${said("Triton", other)}`;
  return ours && theirs ? difference(mine, other) : null;
}

const words = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

function difference(mine: Reply, other: Reply): string | null {
  const names = (reply: Reply): string =>
    reply.outputs
      .map(({ name }) => name)
      .toSorted()
      .join(", ");
  if (names(mine) !== names(other)) return `outputs ${names(mine)} against ${names(other)}`;
  for (const { name, datatype, shape, data } of mine.outputs) {
    const same = other.outputs.find((output) => output.name === name);
    if (same === undefined || same.datatype !== datatype) return `${name} is ${datatype} against ${same?.datatype ?? "nothing"}`;
    // Triton writes a batched output without further dimensions as [rows, 1].
    const itsShape = shape.length === 1 ? same.shape.slice(0, 1) : same.shape;
    if (itsShape.join() !== shape.join()) return `${name} has the shape [${shape.join()}] against [${same.shape.join()}]`;
    if (data.length !== same.data.length) return `${name} has ${data.length} elements against ${same.data.length}`;
    const off = data.findIndex((value, index) => !(Math.abs(value - (same.data[index] ?? NaN)) <= 1e-6));
    if (off !== -1) return `${name}[${off}] is ${data[off]} against ${same.data[off]}`;
  }
  return null;
}
