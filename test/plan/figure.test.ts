import { expect, test } from "vitest";
import { computed, unknown, whyUnknown, type Figure } from "../../src/plan/figure.ts";

const declared = (name: string, value: number): Figure => ({
  name,
  value,
  unit: "count",
  range: null,
  origin: { kind: "declared", where: { file: "platform.ts", line: 3 } },
});

test("a figure is computed from others and keeps them", () => {
  const total = computed("total", "count", "a x b", [declared("a", 2), declared("b", 3)], (a = 0, b = 0) => a * b);
  expect(total.value).toBe(6);
  expect(total.origin).toMatchObject({ kind: "computed", formula: "a x b" });
  expect(whyUnknown(total)).toBeNull();
});

test("what is computed from something unknown is unknown for the same reason, and never 0", () => {
  const price = unknown("price", "USD/hour", "the catalogue has no price of it in eu-west-1");
  const cost = computed("cost", "USD", "hours x price", [declared("hours", 730), price], (hours = 0, each = 0) => hours * each);
  const total = computed("total", "USD", "sum", [cost, declared("other", 5)], (a = 0, b = 0) => a + b);
  expect(total.value).toBeNull();
  expect(whyUnknown(total)).toBe("the catalogue has no price of it in eu-west-1");
});
