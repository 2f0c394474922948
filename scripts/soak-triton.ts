// `npm run soak -- --triton N`: N random requests, right and wrong, over JSON, binary tensors and gRPC, to our server and to a real Triton with
// the same model; both must answer alike, but for what docs/serving.md lists.
import { compareWithTriton } from "../test/serve/differential/compare.ts";

export async function soakTriton(count: number, seed: number): Promise<void> {
  const { kinds, blamed, surprises } = await compareWithTriton(count, seed);
  for (const [kind, times] of kinds) console.log(`${String(times).padStart(6)}  ${kind}`);
  console.log(`${blamed} refusals that Triton tells as its own failure (5xx) and we as the caller's (4xx)`);
  for (const surprise of surprises) console.log(surprise);
  if (surprises.length > 0) throw new Error("the two servers differ");
}
