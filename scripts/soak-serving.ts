// `npm run soak -- --serving`: a million predictions over 64 connections while the model is swapped ten times, then 100,000 mangled
// requests over HTTP and gRPC. The tests do the same with a tenth.
import { mangle } from "../test/serve/mangled.ts";
import { swapUnderLoad } from "../test/serve/swap.ts";

export interface SoakServing {
  readonly predictions: string;
  readonly mangled: string;
  readonly seed: string;
}

const mebibytes = (bytes: number | undefined): string => `${((bytes ?? 0) / 2 ** 20).toFixed(0)} MiB`;

export async function soakServing({ predictions, mangled, seed }: SoakServing): Promise<void> {
  const swapped = await swapUnderLoad({ predictions: Number(predictions), connections: 64, swaps: 10, note: console.log });
  const { used, resident, versions } = swapped;
  console.log(
    `${swapped.predictions} predictions in ${swapped.requests} requests, ${swapped.seconds.toFixed(0)} s, by ${versions.size} versions: no error, none mixed; ` +
      `in use ${mebibytes(used[1])} after the first swap and ${mebibytes(used.at(-1))} at the end, resident ${mebibytes(resident[1])} and ${mebibytes(resident.at(-1))}`,
  );
  const count = Number(mangled);
  if (count === 0) return;
  const { bodies, connections, messages, frames } = await mangle(count, Number(seed));
  const counts = (of: ReadonlyMap<unknown, number>): string => [...of].map(([what, times]) => `${String(what)} ${times}`).join(", ");
  console.log(`${count} mangled requests, seed ${seed}: HTTP bodies by status ${counts(bodies)}; bytes of HTTP ${counts(connections)};`);
  console.log(`messages of gRPC by code ${counts(messages)}; frames ${counts(frames)}; the server lives and predicts rightly`);
}
