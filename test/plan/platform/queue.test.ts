import { describe, expect, test } from "vitest";
import { answeredWithin, erlangC, meanWait, mostArrivals, normalQuantile, pointsOf, waitsLonger } from "../../../src/plan/sizing/queue.ts";
import { simulate } from "../../../src/plan/sizing/simulate.ts";

const quick = { p50: 0.001, p99: 0.002 };

describe("formulas of queues", () => {
  test("Erlang's C is what tables print", () => {
    // One server waits as often as it is busy.
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    // Two servers, two thirds busy: (4/3)^2/2 x 3 / (1 + 4/3 + (4/3)^2/2 x 3) = 8/15.
    expect(erlangC(2, 4 / 3)).toBeCloseTo(8 / 15, 12);
    // Ten servers with 8 erlangs: 0.4092 (tables of Erlang C).
    expect(erlangC(10, 8)).toBeCloseTo(0.4092, 4);
    expect(erlangC(3, 3)).toBe(1);
  });

  test("waits of M/M/1, M/D/1 and M/M/2 are those of the textbook", () => {
    // M/M/1 at 0.8: 0.8 / (10 - 8) = 0.4 s; constant service halves it (Pollaczek-Khinchine).
    expect(meanWait({ arrivals: 8, rate: 10, servers: 1, variation: 1 })).toBeCloseTo(0.4, 12);
    expect(meanWait({ arrivals: 8, rate: 10, servers: 1, variation: 0 })).toBeCloseTo(0.2, 12);
    // M/M/2, rate 3 each, 4 arrivals: 8/15 / (6 - 4).
    expect(meanWait({ arrivals: 4, rate: 3, servers: 2, variation: 1 })).toBeCloseTo(4 / 15, 12);
    // More than one second: 0.8 e^-2.
    expect(waitsLonger({ arrivals: 8, rate: 10, servers: 1, variation: 1 }, 1)).toBeCloseTo(0.8 * Math.exp(-2), 12);
    expect(meanWait({ arrivals: 10, rate: 10, servers: 1, variation: 1 })).toBe(Number.POSITIVE_INFINITY);
  });

  test("quantiles of the normal distribution are within the stated error", () => {
    for (const [share, exact] of [
      [0.5, 0],
      [0.9, 1.281552],
      [0.99, 2.326348],
      [0.01, -2.326348],
    ] as const)
      expect(Math.abs(normalQuantile(share) - exact)).toBeLessThan(4.5e-4);
  });

  test("without others a request takes its own time, and the points of it have the stated median and 99th percentile", () => {
    const points = pointsOf(quick, 1000);
    expect(points[499]).toBeCloseTo(0.001, 5);
    expect(points[989]).toBeCloseTo(0.002, 4);
    expect(answeredWithin({ arrivals: 0, rate: 1000, servers: 1, variation: 1 }, quick, 0.99)).toBeCloseTo(0.002, 4);
  });

  test("the most arrivals within a bound keep it, and one in a hundred more does not", () => {
    const station = { rate: 1000, servers: 1, variation: 1 };
    const most = mostArrivals(station, quick, 0.99, 0.02);
    expect(answeredWithin({ ...station, arrivals: most }, quick, 0.99)).toBeLessThanOrEqual(0.02);
    expect(answeredWithin({ ...station, arrivals: 1.01 * most }, quick, 0.99)).toBeGreaterThan(0.02);
    expect(mostArrivals(station, quick, 0.99, 0.0015)).toBe(0);
  });
});

describe("simulation", () => {
  test.each([
    [1, 0.7, 1],
    [1, 0.9, 1],
    [4, 0.8, 1],
    [8, 0.9, 1],
  ] as const)("with %i servers %f busy and variation %f it comes to what the formula says", (servers, busy, variation) => {
    const station = { arrivals: servers * busy * 100, rate: 100, servers, variation };
    const formula = answeredWithin(station, quick, 0.99);
    const played = simulate(station, quick, 0.99, 200_000);
    expect(Math.abs(played / formula - 1)).toBeLessThan(0.15);
  });

  test("of constant services the formula is on the safe side, by less than a quarter", () => {
    const station = { arrivals: 80, rate: 100, servers: 1, variation: 0 };
    const ratio = answeredWithin(station, quick, 0.99) / simulate(station, quick, 0.99, 200_000);
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.25);
  });

  test("the same seed gives the same answer, another one another", () => {
    const station = { arrivals: 70, rate: 100, servers: 1, variation: 1 };
    expect(simulate(station, quick, 0.99, 5000, 3)).toBe(simulate(station, quick, 0.99, 5000, 3));
    expect(simulate(station, quick, 0.99, 5000, 3)).not.toBe(simulate(station, quick, 0.99, 5000, 4));
  });
});
