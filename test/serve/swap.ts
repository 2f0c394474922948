import { expectedProbability, jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";
import type { Answer, Row } from "./model.ts";
import { keepAsking } from "./keep-asking.ts";
import { startServing } from "./serving.ts";

export interface SwapOptions {
  /** Rows at least, in requests of one to four: the load goes on until the last version has answered too. */
  readonly predictions: number;
  readonly connections: number;
  readonly swaps: number;
  /** Told after each swap. */
  readonly note?: (text: string) => void;
}

export interface Swapped {
  readonly predictions: number;
  readonly requests: number;
  readonly seconds: number;
  /** Requests answered by each version. */
  readonly versions: ReadonlyMap<string, number>;
  /** Bytes in use in the server, after a collection: before the load, after each swap, and at the end. */
  readonly used: readonly number[];
  readonly resident: readonly number[];
}

/** Version 6 of eleven has no bias, and neighbours differ by far more than rounding does. */
const biasOf = (version: number): number => (version - 6) / 2;
const shapes = 64;

/**
 * Asks a server in its own process over so many connections at once, while its model is swapped so many times. Every reply must have the status 200,
 * and each row in it the probability of that very row from the very version that the reply names.
 * @throws Error on the first reply that is anything else
 */
export async function swapUnderLoad({ predictions, connections, swaps, note = () => undefined }: SwapOptions): Promise<Swapped> {
  const folder = await modelFolder();
  const source = async (version: number) => ({
    name: "delay",
    version: String(version),
    file: await folder.write(`${version}.onnx`, smallModel({ bias: biasOf(version) })),
  });
  const serving = await startServing([await source(1)]);
  try {
    const requests = Array.from({ length: shapes }, (_, index) => requestOf(index));
    const versions = new Map<string, number>();
    let asked = 0;
    let answered = 0;
    let answers = 0;
    const began = performance.now();
    const client = (): Promise<void> => {
      let current = requests[0] ?? requestOf(0);
      return keepAsking(
        serving.port,
        () => {
          if (asked >= predictions && versions.has(String(swaps + 1))) return null;
          current = requests[answers++ % shapes] ?? current;
          asked += current.rows.length;
          return current.bytes;
        },
        ({ status, body }) => {
          if (status !== 200) throw new Error(`${status}: ${body}`);
          const answer: Answer = JSON.parse(body);
          check(answer, current.rows);
          versions.set(answer.model_version, (versions.get(answer.model_version) ?? 0) + 1);
          answered += current.rows.length;
        },
      );
    };
    const memory = [await serving.memory()];
    const clients = Promise.all(Array.from({ length: connections }, client));
    const swapping = (async () => {
      for (let swap = 1; swap <= swaps; swap++) {
        while (answered < (predictions * swap) / (swaps + 1))
          await Promise.race([clients, new Promise((resolve) => setTimeout(resolve, 5))]);
        await serving.deploy(await source(swap + 1));
        memory.push(await serving.memory());
        note(`version ${swap + 1} after ${answered} predictions, ${Math.round((memory.at(-1)?.used ?? 0) / 2 ** 20)} MiB in use`);
      }
    })();
    await Promise.all([clients, swapping]);
    const seconds = (performance.now() - began) / 1000;
    memory.push(await serving.memory());
    return {
      predictions: answered,
      requests: answers,
      seconds,
      versions,
      used: memory.map(({ used }) => used),
      resident: memory.map(({ resident }) => resident),
    };
  } finally {
    await serving.stop();
    await folder.remove();
  }
}

interface Prepared {
  readonly rows: readonly Row[];
  readonly bytes: Buffer;
}

function requestOf(index: number): Prepared {
  const rows = Array.from({ length: 1 + (index % 4) }, (_, row) => rowOf((index * 4 + row) % 50));
  const body = JSON.stringify(jsonRequest(rows));
  const head = `POST /v2/models/delay/infer HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return { rows, bytes: Buffer.from(head + body) };
}

function check(answer: Answer, rows: readonly Row[]): void {
  const [label, probabilities] = answer.outputs;
  if (label?.data.length !== rows.length || probabilities?.data.length !== rows.length * 2)
    throw new Error(`a wrong number of rows: ${JSON.stringify(answer)}`);
  rows.forEach((row, index) => {
    const expected = expectedProbability(row, biasOf(Number(answer.model_version)));
    if (!(Math.abs((probabilities.data[index * 2 + 1] ?? Number.NaN) - expected) < 1e-5))
      throw new Error(`row ${index} is not of version ${answer.model_version}: ${JSON.stringify(answer)}, expected ${expected}`);
  });
}
