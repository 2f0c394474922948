import { describe, expect, test } from "vitest";
import { driftReport } from "../../src/monitor/drift.ts";
import { profileFeatures } from "../../src/train/profile.ts";
import { random } from "./random.ts";

const many = (length: number, value: (index: number) => number): Float64Array<ArrayBuffer> =>
  Float64Array.from({ length }, (_, index) => value(index));
const draw = random(1);
const rows = 20_000;
const dictionary = ["UA", "DL", "AA", ...Array.from({ length: 500 }, (_, index) => `rare ${index}`), ""];
const carrierOf = (share: number): number =>
  share < 0.4 ? 0 : share < 0.7 ? 1 : share < 0.9 ? 2 : share < 0.98 ? 3 + (Math.floor(share * 1e6) % 500) : 503;
const profile = profileFeatures(
  [
    { kind: "number", name: "temp", type: "double", values: many(rows, () => (draw() < 0.05 ? NaN : 60 + 20 * (draw() + draw() - 1))) },
    { kind: "number", name: "hour", type: "integer", values: many(rows, () => Math.floor(draw() * 24)) },
    { kind: "text", name: "carrier", type: "text", dictionary, codes: Int32Array.from({ length: rows }, () => carrierOf(draw())) },
    { kind: "boolean", name: "night", type: "boolean", values: Uint8Array.from({ length: rows }, () => (draw() < 0.3 ? 1 : 0)) },
  ],
  rows,
);

function windowOf(length: number, seed: number) {
  const next = random(seed);
  return {
    temp: Array.from({ length }, () => (next() < 0.05 ? null : 60 + 20 * (next() + next() - 1))),
    hour: Array.from({ length }, () => Math.floor(next() * 24)),
    carrier: Array.from({ length }, () => dictionary[carrierOf(next())] ?? ""),
    night: Array.from({ length }, () => next() < 0.3),
  };
}

const psiOf = (report: ReturnType<typeof driftReport>, name: string): number =>
  report.features.find((feature) => feature.name === name)?.psi ?? NaN;

describe("a window of the training's own distribution", () => {
  test.each([200, 500, 2000])("of %i rows is not over, whatever the draw", (length) => {
    for (let seed = 100; seed < 150; seed++) {
      const report = driftReport(profile, windowOf(length, seed));
      expect(report).toMatchObject({ rows: length, enough: true, over: false });
      expect(report.features).toHaveLength(4);
    }
  });

  test("of few rows is not over even at a limit that noise exceeds", () => {
    const reports = Array.from({ length: 50 }, (_, seed) =>
      driftReport(profile, windowOf(200, seed + 500), { rule: { figure: "psi", limit: 0.01 } }),
    );
    expect(reports.filter(({ features }) => features.some(({ psi }) => psi > 0.01)).length).toBeGreaterThan(40);
    expect(reports.filter(({ over }) => over).length).toBeLessThanOrEqual(1);
  });
});

describe("a window that differs in one feature is over in that feature only", () => {
  const base = windowOf(1000, 7);
  test.each([
    ["temp", { temp: base.temp.map((value) => (value === null ? null : value + 12)) }],
    ["temp", { temp: base.temp.map((value, index) => (index % 2 === 0 ? null : value)) }],
    ["hour", { hour: base.hour.map((hour) => Math.floor(hour / 2)) }],
    ["carrier", { carrier: base.carrier.map((carrier, index) => (index % 3 === 0 ? "a new one" : carrier)) }],
    ["carrier", { carrier: base.carrier.map((carrier, index) => (index % 3 === 0 ? "" : carrier)) }],
    ["night", { night: base.night.map((night, index) => night || index % 2 === 0) }],
  ])("%s", (name, change) => {
    const report = driftReport(profile, { ...base, ...change });
    expect(report.over).toBe(true);
    expect(report.features.filter(({ over }) => over).map((feature) => feature.name)).toEqual([name]);
    expect(report.features[0]?.name).toBe(name);
  });
});

test("numbers have a Kolmogorov-Smirnov test, categories a chi-squared one", () => {
  const report = driftReport(profile, windowOf(1000, 9));
  const of = (name: string) => report.features.find((feature) => feature.name === name);
  expect(of("temp")?.ksError).toBeLessThan(0.02);
  expect(of("temp")?.pValue).toBeGreaterThan(0.001);
  expect(of("hour")?.ks).toBeLessThan(0.05);
  expect(of("carrier")).toMatchObject({ ks: null, ksError: null, wasserstein: null });
  expect(of("carrier")?.pValue).toBeGreaterThan(0.001);
});

test("values may come as the model sees them: bigints, ones and zeros, the smallest integer for missing", () => {
  const base = windowOf(1000, 11);
  const raw = driftReport(profile, base);
  const seen = driftReport(profile, {
    temp: Float64Array.from(base.temp, (value) => value ?? NaN),
    hour: BigInt64Array.from(base.hour, (hour) => BigInt(hour)),
    carrier: base.carrier,
    night: Uint8Array.from(base.night, Number),
  });
  expect(seen).toEqual(raw);
  const missing = driftReport(profile, { ...base, hour: base.hour.map(() => -(2n ** 63n)) });
  expect(psiOf(missing, "hour")).toBeGreaterThan(1);
});

test("fewer rows than the minimum give no verdict", () => {
  expect(driftReport(profile, windowOf(199, 3))).toEqual({ rows: 199, enough: false, features: [], over: false, prediction: null });
  expect(driftReport(profile, windowOf(30, 3), { minimumRows: 30 }).enough).toBe(true);
});

test("a feature without a column, or of another length, is refused by its name", () => {
  const { temp: _, ...rest } = windowOf(300, 3);
  expect(() => driftReport(profile, rest)).toThrow("the feature temp has no column");
  expect(() => driftReport(profile, { ...windowOf(300, 3), night: [true] })).toThrow("the feature night has 1 rows, others have 300");
});
