import { expect, test } from "vitest";
import { gdprArticles, hipaaSafeguards, nistControls, type Baseline } from "../../src/plan/catalogue/controls/index.ts";

test.each<[Baseline, number]>([
  ["FedRAMP Low", 156],
  ["FedRAMP Moderate", 323],
  ["FedRAMP High", 410],
  ["NIST Low", 149],
  ["NIST Moderate", 287],
  ["NIST High", 370],
  ["NIST Privacy", 96],
])("%s has %i controls, as its profile lists", (baseline, count) => {
  expect(nistControls.filter(({ baselines }) => baselines.includes(baseline))).toHaveLength(count);
});

test("a control stands once, and so does a citation", () => {
  const keys = [
    ...nistControls.map(({ id }) => id),
    ...hipaaSafeguards.map(({ citation }) => citation),
    ...gdprArticles.map(({ article }) => article),
  ];
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test("HIPAA's safeguards name controls by their identifiers", () => {
  expect(hipaaSafeguards).toHaveLength(68);
  for (const { controls } of hipaaSafeguards) for (const id of controls) expect(id).toMatch(/^[A-Z]{2}-\d+(\(\d+\))?$/);
});
