import { randomNumbers } from "../../random.ts";
import { pointsOf, type Alone, type Station } from "./queue.ts";

/**
 * The time that a share of the requests keeps, by playing it: requests come at random times, each takes the server that is free first, and its service is
 * gamma-distributed with the station's variation (a constant for 0, exponential for 1). It checks the formulas of `answeredWithin`; the same seed gives the same answer.
 *
 * @param requests how many; the first tenth is not counted, because the queue starts empty
 */
export function simulate(station: Station, alone: Alone, share: number, requests: number = 20_000, seed: number = 1): number {
  const { arrivals, rate, servers, variation } = station;
  const next = randomNumbers(seed);
  const points = pointsOf(alone);
  const free = new Float64Array(servers);
  const times = new Float64Array(requests);
  let now = 0;
  for (let request = 0; request < requests; request++) {
    now += exponential(next) / arrivals;
    const server = free.reduce((best, time, index) => (time < (free[best] ?? 0) ? index : best), 0);
    const begins = Math.max(now, free[server] ?? 0);
    free[server] = begins + service(next, variation) / rate;
    times[request] = begins - now + (points[Math.floor(next() * points.length)] ?? 0);
  }
  const counted = times.subarray(Math.floor(requests / 10)).toSorted();
  return counted[Math.max(0, Math.ceil(share * counted.length) - 1)] ?? Number.NaN;
}

/** A service of mean 1: a sum of `1 / variation` exponential stages, to the nearest whole number of them (Erlang's distribution). */
function service(next: () => number, variation: number): number {
  if (variation < 0.02) return 1;
  const stages = Math.max(1, Math.round(1 / variation));
  let sum = 0;
  for (let stage = 0; stage < stages; stage++) sum += exponential(next);
  return sum / stages;
}

function exponential(next: () => number): number {
  return -Math.log(1 - next());
}
