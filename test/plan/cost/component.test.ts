import { expect, test } from "vitest";
import { grids } from "../../../src/plan/catalogue/power.ts";
import { instances } from "../../../src/plan/catalogue/instances/index.ts";
import { disks, tiersOf, transfers } from "../../../src/plan/cost/component.ts";
import { inUnits } from "../../../src/plan/cost/quantity.ts";
import { services } from "../../../src/plan/catalogue/services/index.ts";
import { systemFacts } from "../../../src/systems/catalogue/index.ts";
import { said } from "./shop.ts";

/** Everything that a plan may bill as a service. */
const components = [
  ...[...systemFacts.values()].flatMap(({ prices }) => prices.flatMap((component) => ("machines" in component ? [] : [component]))),
  ...Object.values(disks),
  ...Object.values(transfers),
];

test("whatever a system is billed by is a row of the catalogue, in a unit that quantities are known in", () => {
  expect(components.length).toBeGreaterThan(15);
  for (const component of components)
    for (const { item } of tiersOf(component)) {
      const row = services.find((one) => one.provider === component.provider && one.service === component.service && one.item === item);
      expect(row, `${component.provider}/${component.service}/${item}`).toBeDefined();
      expect(inUnits(said("quantity", 1e15), row?.unit ?? "").value, `${item} in ${row?.unit}`).not.toBeNull();
    }
});

test("the steps of a price follow each other without a gap, and the last has no end", () => {
  const steps = tiersOf({
    provider: "aws",
    service: "data-transfer",
    item: "Outbound data transfer to Internet",
    quantity: "gigabytes out",
  });
  expect(steps.map(({ upTo }) => upTo)).toEqual([10e12, 50e12, 150e12, Number.POSITIVE_INFINITY]);
  for (const component of components) expect(tiersOf(component).at(-1)?.upTo).toBe(Number.POSITIVE_INFINITY);
});

test("every system that others run is billed by a service, or says whose price to give", () => {
  const without = [...systemFacts.values()].filter(({ managed, prices }) => managed && prices.length === 0).map(({ name }) => name);
  expect(without.toSorted()).toEqual(["looker", "power-bi", "tableau"]);
});

test("of each region of Amazon, Google and Microsoft where machines are known, the grid is known too, but for the one that only a TPU stands in", () => {
  const regions = new Set(
    instances
      .filter(({ provider }) => ["aws", "google", "azure"].includes(provider))
      .map(({ provider, region }) => `${provider} ${region}`),
  );
  const known = new Set(grids.map(({ provider, region }) => `${provider} ${region}`));
  expect([...regions].filter((region) => !known.has(region))).toEqual(["google us-central2"]);
});
