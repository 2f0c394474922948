import { send } from "./raw.ts";
import { mangleBodies, mangleConnections, properStatuses, type Statuses } from "./mangle-http.ts";
import { mangleFrames, mangleMessages, properCodes } from "./mangle-grpc.ts";
import { answerOf, expectedProbability, jsonRequest, modelFolder, probabilityIn, rowOf, smallModel } from "./model.ts";
import { randomChoices } from "./random.ts";
import { startServing } from "./serving.ts";

export interface Mangled {
  readonly bodies: Statuses;
  /** 0: closed without a reply. */
  readonly connections: Statuses;
  /** Codes of gRPC. */
  readonly messages: Statuses;
  /** Connections of HTTP/2 with broken frames, by how they ended. */
  readonly frames: ReadonlyMap<string, number>;
}

/**
 * Sends so many broken requests to a server in its own process: half of them HTTP bodies, and bytes of HTTP, messages and frames of gRPC.
 * @throws Error when one gets what is no proper answer, when the server ends, says that it has a defect, or no longer predicts rightly
 */
export async function mangle(count: number, seed: number): Promise<Mangled> {
  const random = randomChoices(seed);
  const folder = await modelFolder();
  const serving = await startServing(
    [{ name: "delay", version: "1", file: await folder.write("1.onnx", smallModel({ fragile: true })) }],
    true,
  );
  const url = `http://127.0.0.1:${serving.port}`;
  const infer = `${url}/v2/models/delay/infer`;
  try {
    const part = (share: number): number => Math.round(count * share);
    const bodies = await mangleBodies(infer, part(0.5), random);
    const connections = await mangleConnections(serving.port, part(0.2), random);
    const messages = await mangleMessages(serving.grpc ?? "", part(0.2), random);
    const frames = await mangleFrames(serving.grpc ?? "", part(0.1), random);
    for (const status of [...bodies.keys(), ...connections.keys()])
      if (status !== 0 && !properStatuses.has(status)) throw new Error(`status ${status}`);
    for (const code of messages.keys()) if (!properCodes.has(code)) throw new Error(`gRPC code ${code}`);
    if (serving.ended() !== null) throw new Error(`${serving.ended()}: ${serving.said()}`);
    const reply = await fetch(infer, { method: "POST", body: JSON.stringify(jsonRequest([rowOf(5)])) });
    if (!(Math.abs(probabilityIn(await answerOf(reply)) - expectedProbability(rowOf(5))) < 1e-5))
      throw new Error("a wrong prediction after all that");
    const { body } = await send(`${url}/metrics`, { method: "GET" });
    const defects = body.toString().match(/^.*code="500".*\} [1-9].*$/m);
    if (defects !== null) throw new Error(`${defects[0]}: ${serving.said()}`);
    return { bodies, connections, messages, frames };
  } finally {
    await serving.stop();
    await folder.remove();
  }
}
