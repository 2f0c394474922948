import { expect, test } from "vitest";
import { existsSync, readdirSync } from "node:fs";
import flights from "../../../examples/flights/platform.ts";
import type { Definition, EnvironmentNode } from "../../../src/define/node.ts";
import type { Figure } from "../../../src/plan/figure.ts";
import { costOf } from "../../../src/plan/cost/cost.ts";
import { partsOf } from "../../../src/plan/parts.ts";
import { sizePlatform } from "../../../src/plan/sizing/sizing.ts";
import type { Measurements, PlanInput } from "../../../src/plan/vocabulary.ts";
import { expectToAddUp } from "./by-hand.ts";

function measured(name: string, value: number, unit: Figure["unit"]): Figure {
  return { name, value, unit, range: null, origin: { kind: "measured", what: name, run: "1", time: "2026-11-22T00:00:00Z" } };
}

/** As if a run had measured every table, model and endpoint of a platform. */
function measurements({ assets }: Definition): Measurements {
  const of = (...kinds: readonly string[]) => assets.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
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

/** What the bills of an environment are made from; sized once, as that takes longest. */
function inputOf(definition: Definition, environment: EnvironmentNode) {
  const names = Array.from({ length: 12 }, (_, index) => `column_${index}`);
  const columns = Object.fromEntries(
    definition.assets.flatMap((asset) =>
      asset.kind === "source" || asset.kind === "table"
        ? [[asset.name, names.map((column) => ({ name: column, type: "bigint" as const }))]]
        : [],
    ),
  );
  const input: PlanInput = { definition, environment, measurements: measurements(definition), columns, prices: {} };
  const parts = partsOf(definition, environment);
  return { input, parts, sizing: sizePlatform(input, parts) };
}

/** The bills of every environment, where it stands and at every provider. */
function expectAllToAddUp(definition: Definition): void {
  for (const environment of Object.values(definition.environments)) {
    const { input, parts, sizing } = inputOf(definition, environment);
    for (const provider of [null, "aws", "google", "azure", "owned"] as const) {
      const place =
        provider === null
          ? environment.place
          : ({ provider, region: null, zones: 1, purchase: "on-demand", encryptedDisks: false } as const);
      const cost = costOf({ ...input, environment: { ...environment, place } }, parts, sizing);
      expect(cost.chosen.lines.length).toBeGreaterThan(0);
      for (const option of cost.options) expectToAddUp(option);
    }
  }
}

test("the flights' bills add up to the cent by hand, in every environment, at every provider; on one machine all is known", () => {
  expectAllToAddUp(flights);
  const { local } = flights.environments;
  if (local === undefined) throw new Error("the flights have no environment local");
  const { input, parts, sizing } = inputOf(flights, local);
  const known = costOf(input, parts, sizing).options.filter(({ monthly }) => monthly.value !== null);
  expect(known.map(({ provider }) => provider)).toEqual(expect.arrayContaining(["aws", "google", "azure", "owned"]));
});

const templates = new URL("../../../templates/", import.meta.url);

test("so do the bills of every template", async () => {
  const names = existsSync(templates) ? readdirSync(templates, { withFileTypes: true }).filter((entry) => entry.isDirectory()) : [];
  for (const { name } of names) {
    const module: { readonly default: Definition } = await import(new URL(`${name}/platform.ts`, templates).href);
    expectAllToAddUp(module.default);
  }
});
