import { randomNumbers } from "../../src/random.ts";

/** Numbers that look random and are the same every time, and choices by them. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number below. */
  below(limit: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function randomChoices(seed: number): Random {
  const next = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, pick: (from) => from[below(from.length)] ?? from[0] };
}

/** Bytes with a few of them changed, taken away, doubled or put in. */
export function mangleBytes(bytes: Buffer, random: Random): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(result.length + 1);
    const end = Math.min(result.length, at + random.below(12));
    const way = random.below(5);
    if (way === 0 && at < result.length) result[at] = random.below(256);
    else if (way === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(end)]);
    else if (way === 2) result = Buffer.concat([result.subarray(0, end), result.subarray(at)]);
    else if (way === 3) result = Buffer.concat([result.subarray(0, at), Buffer.from([random.below(256), 0xff, 0x80]), result.subarray(at)]);
    else result = result.subarray(0, at);
  }
  return result;
}
