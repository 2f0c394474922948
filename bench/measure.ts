/** One round of one variant, in seconds. `cpu`: processor time, user and system, of all threads. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Variant {
  readonly name: string;
  measure(round: number): Promise<Sample>;
  /** Clears up after a round; not measured. */
  after?(round: number): Promise<void>;
}

/** Measures work within this process. */
export async function timed(work: () => Promise<unknown> | void): Promise<Sample> {
  const usage = process.cpuUsage();
  const began = performance.now();
  await work();
  const wall = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(usage);
  return { wall, cpu: (user + system) / 1e6 };
}

/**
 * Measures variants in turn, A B C A B C, so that what else the machine does falls on all alike.
 *
 * @param options.discarded first rounds that only warm caches up.
 */
export async function alternate(
  variants: readonly Variant[],
  options: { readonly rounds: number; readonly discarded?: number },
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const discarded = options.discarded ?? 0;
  const samples = new Map<string, Sample[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds + discarded; round++) {
    for (const variant of variants) {
      const sample = await variant.measure(round);
      if (round >= discarded) samples.get(variant.name)?.push(sample);
      await variant.after?.(round);
    }
  }
  return samples;
}

/** @throws RangeError for no values at all. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high, least, most] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)], sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || least === undefined || most === undefined)
    throw new RangeError("there is no median of no values");
  return { median: (low + high) / 2, least, most };
}

/** How many times as long as the other a variant takes, round by round: neighbours in time saw the same machine. */
export function ratioOf(samples: readonly Sample[], others: readonly Sample[], of: keyof Sample): Spread {
  return spreadOf(samples.flatMap((sample, round) => (others[round] === undefined ? [] : [sample[of] / others[round][of]])));
}
