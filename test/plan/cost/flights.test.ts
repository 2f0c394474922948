import { expect, test } from "vitest";
import flights from "../../../examples/flights/platform.ts";
import type { EnvironmentNode, Place } from "../../../src/define/node.ts";
import type { Figure } from "../../../src/plan/figure.ts";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { Measurements, PlatformPlan } from "../../../src/plan/vocabulary.ts";
import { expectToAddUp } from "./by-hand.ts";

function measured(name: string, value: number, unit: Figure["unit"]): Figure {
  return { name, value, unit, range: null, origin: { kind: "measured", what: name, run: "1", time: "2026-11-22T00:00:00Z" } };
}

/** As if a run had measured every table, model and endpoint of the flights. */
function measurements(): Measurements {
  const of = (...kinds: readonly string[]) => flights.assets.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  const each = <T>(names: readonly string[], one: T) => Object.fromEntries(names.map((name) => [name, one]));
  return {
    tables: each(of("source", "table"), {
      rows: measured("rows", 336_776, "count"),
      bytes: measured("bytes", 12e6, "bytes"),
      seconds: measured("seconds", 2, "seconds"),
    }),
    models: each(of("model"), {
      version: "1",
      quality: { auc: measured("auc", 0.74, "count") },
      seconds: measured("seconds of training", 40, "seconds"),
      rows: measured("rows", 280_000, "count"),
      operations: measured("operations", 6000, "count"),
      bytes: measured("bytes", 2e6, "bytes"),
    }),
    endpoints: each(of("endpoint"), {
      version: "1",
      cores: measured("cores", 2, "count"),
      processorSeconds: measured("processor seconds", 0.0004, "seconds"),
      p50: measured("p50", 0.002, "seconds"),
      p99: measured("p99", 0.006, "seconds"),
      rate: measured("rate", 2000, "1/second"),
    }),
    machine: { engine: "duckdb", cores: measured("cores", 2, "count"), processor: "a processor" },
    evidence: [],
  };
}

function plan(name: string, place: Place | null): PlatformPlan {
  const environment: EnvironmentNode | undefined = flights.environments[name];
  if (environment === undefined) throw new Error(`the flights have no environment ${name}`);
  const names = Array.from({ length: 12 }, (_, index) => `column_${index}`);
  const columns = Object.fromEntries(
    flights.assets.flatMap((asset) =>
      asset.kind === "source" || asset.kind === "table"
        ? [[asset.name, names.map((column) => ({ name: column, type: "bigint" as const }))]]
        : [],
    ),
  );
  return planPlatform({ definition: flights, environment: { ...environment, place }, measurements: measurements(), columns, prices: {} });
}

test("the flights' bills add up to the cent by hand, in every environment, at every provider", () => {
  for (const name of Object.keys(flights.environments))
    for (const provider of ["aws", "google", "azure", "owned"] as const) {
      const { cost } = plan(name, { provider, region: null, zones: 1, purchase: "on-demand" });
      for (const option of cost.options) expectToAddUp(option);
      // On one machine all is known that its parts take.
      const known = cost.options.filter(({ monthly }) => monthly.value !== null).map((one) => one.provider);
      if (name === "local") expect(known).toEqual(expect.arrayContaining(["aws", "google", "azure", "owned"]));
    }
});
