import { expect, test } from "vitest";
import { boostedTrees, count, endpoint, environment, metric, model, platform, source, table } from "../../src/index.ts";
import { sqlite } from "../../src/systems/index.ts";
import { inputsOf, selectSteps, stepsOf } from "../../src/run/graph.ts";

const orders = source("shop").table("orders", { key: "id", columns: { id: "bigint", customer: "text", paid: "boolean", at: "timestamp" } });
const customers = source("shop").table("customers", { columns: { name: "text", country: "text" } });
const clean = table("orders_clean", orders).dedupe("id").load();
const both = table("both", clean).join(customers, { on: { customer: "name" }, columns: ["country"] });
const paid = model("paid", {
  from: both,
  target: "paid",
  split: { by: "at", test: "last 5 days" },
  train: boostedTrees({ trees: 5 }),
  accept: {},
});
const definition = platform({
  name: "shop",
  assets: [metric("orders_total", clean, () => count()), endpoint("score", { model: paid })],
  environments: { local: environment({ shop: sqlite({ file: "shop.sqlite" }) }) },
});

const namesOf = (names: readonly string[]) => selectSteps(definition, names).map((step) => step.name);

test("every step comes after what it needs, a load right behind its table", () => {
  const steps = stepsOf(definition);
  const position = new Map(steps.map((step, index) => [step.name, index]));
  for (const [index, step] of steps.entries()) for (const need of step.needs) expect(position.get(need)).toBeLessThan(index);
  expect(position.get("warehouse.orders_clean")).toBe((position.get("orders_clean") ?? 0) + 1);
  expect(steps).toHaveLength(8);
});

test("each kind of asset reads what it was made from", () => {
  const inputs = Object.fromEntries(definition.assets.map((asset) => [asset.name, inputsOf(asset)]));
  expect(inputs).toEqual({
    orders: [],
    orders_clean: ["orders"],
    orders_total: ["orders_clean"],
    customers: [],
    both: ["orders_clean", "customers"],
    paid: ["both"],
    score: ["paid"],
  });
});

test("nothing named means everything", () => {
  expect(namesOf([])).toEqual(stepsOf(definition).map((step) => step.name));
});

test("naming an asset takes what it needs and its own load, and nothing else", () => {
  expect(namesOf(["orders_clean"])).toEqual(["orders", "orders_clean", "warehouse.orders_clean"]);
  expect(namesOf(["customers"])).toEqual(["customers"]);
  expect(namesOf(["both"])).not.toContain("warehouse.orders_clean");
  expect(new Set(namesOf(["score", "score", "both"]))).toEqual(new Set(["orders", "orders_clean", "customers", "both", "paid", "score"]));
});

test("an unknown asset is refused with those there are", () => {
  expect(() => selectSteps(definition, ["order"])).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: "unknown-asset", where: definition.origin }) }),
  );
  expect(() => selectSteps(definition, ["order"])).toThrow("orders_clean");
});
