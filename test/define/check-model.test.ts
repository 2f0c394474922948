import { expect, test } from "vitest";
import { collectFindings, type Diagnostic } from "../../src/define/check/diagnostic.ts";
import { checkModel } from "../../src/define/check/model.ts";
import type { Column } from "../../src/define/column.ts";
import type { ModelNode } from "../../src/define/node.ts";
import { grid } from "../../src/define/search.ts";
import { modelNode } from "../train/model-node.ts";

const columns: readonly Column[] = [
  { name: "label", type: "boolean" },
  { name: "happened", type: "timestamp" },
  { name: "city", type: "text" },
  { name: "amount", type: "double" },
  { name: "price", type: "decimal(10,2)" },
  { name: "month", type: "integer" },
];

function check(parts: Partial<ModelNode>, given: readonly Column[] | null = columns): readonly Diagnostic[] {
  const findings = collectFindings("/platform");
  checkModel(modelNode(parts), given, findings);
  return findings.list();
}
const words = (problems: readonly Diagnostic[]): string[] => problems.map(({ severity, code, what }) => `${severity} ${code}: ${what}`);

test("a model whose columns are there and fit has no problems", () => {
  expect(
    check({
      prepare: { city: "onehot", month: "ordinal", amount: "zscore", price: "minmax" },
      slices: ["city"],
      accept: { auc: { atLeast: 0.7 } },
    }),
  ).toEqual([]);
});

test("each column that a model names must be in its table; the nearest names are suggested", () => {
  const problems = check({
    target: "labels",
    split: { by: "hapened", days: 20 },
    features: ["city", "amuont"],
    ignore: ["monht"],
    slices: ["town"],
    prepare: { prise: "log" },
  });
  expect(words(problems)).toEqual([
    "error unknown-column: examples has no column 'labels', which model 'outcome' names as its target",
    "error unknown-column: examples has no column 'hapened', which model 'outcome' names as what it splits by",
    "error unknown-column: examples has no column 'monht', which model 'outcome' names as one to ignore",
    "error unknown-column: examples has no column 'amuont', which model 'outcome' names as a feature",
    "error unknown-column: examples has no column 'town', which model 'outcome' names as a slice",
    "error unknown-column: examples has no column 'prise', which model 'outcome' names as one to prepare",
  ]);
  expect(problems.map(({ fix }) => fix)).toEqual([
    "did you mean 'label'?",
    "did you mean 'happened'?",
    "did you mean 'month'?",
    "did you mean 'amount'?",
    "use one of: label, happened, city, amount, price, month",
    "did you mean 'price'?",
  ]);
});

test("types must fit: the target, the split, features, slices and preparations", () => {
  const binary: readonly Column[] = [...columns, { name: "photo", type: "binary" }];
  expect(words(check({ target: "city", split: { by: "amount", days: 20 }, features: ["month"], slices: ["photo"] }, binary))).toEqual([
    "error wrong-type: model 'outcome': its target 'city' is text",
    "error wrong-type: model 'outcome': it splits by 'amount', which is double",
    "error wrong-type: model 'outcome': 'photo' is binary and cannot be a slice",
  ]);
  expect(words(check({}, binary))).toEqual(["error wrong-type: model 'outcome': 'photo' is binary and cannot be a feature"]);
  expect(check({ ignore: ["photo"] }, binary)).toEqual([]);
  expect(words(check({ prepare: { city: "zscore", amount: "ordinal", price: "onehot" } }))).toEqual([
    "error wrong-type: model 'outcome': 'zscore' cannot prepare 'city', which is text",
    "error wrong-type: model 'outcome': 'ordinal' cannot prepare 'amount', which is double",
    "error wrong-type: model 'outcome': 'onehot' cannot prepare 'price', which is decimal(10,2)",
  ]);
});

test("a target among the features, no features at all, a split without days, an unknown metric, a search out of range and an idle preparation are found", () => {
  expect(words(check({ features: ["label", "city"] }))).toEqual([
    "error target-as-feature: model 'outcome' has its target 'label' among its features",
  ]);
  expect(words(check({ ignore: ["city", "amount", "price", "month"] }))).toEqual(["error no-features: model 'outcome' has no features"]);
  expect(words(check({ split: { by: "happened", days: Number.NaN } }))).toEqual([
    "error bad-split: model 'outcome' has no whole number of test days",
  ]);
  expect(words(check({ accept: { acu: { atLeast: 0.7 } } }))).toEqual([
    "error unknown-metric: the gate of model 'outcome' names the metric 'acu'",
  ]);
  expect(words(check({ search: grid({ leaves: [1, 7] }, { folds: 3 }) }))).toEqual([
    "error parameter-value: boostedTrees' leaves is 1, not a whole number from 2 to 131072",
  ]);
  expect(words(check({ features: ["city"], prepare: { month: "ordinal" } }))).toEqual([
    "warning unused-preparation: model 'outcome' prepares 'month', which is none of its features",
  ]);
});

test("where the table's columns are not known, only what does not depend on them is reported", () => {
  expect(check({ target: "anything" }, null)).toEqual([]);
});

test("the place is given relative to the platform's folder", () => {
  const findings = collectFindings("/platform");
  findings.warning({ code: "x", what: "y", where: { file: "/platform/tables/clean.ts", line: 3 } });
  findings.warning({ code: "x", what: "y", where: { file: "/platform/tables/clean.ts", line: 3 } });
  expect(findings.list()).toEqual([{ severity: "warning", code: "x", what: "y", where: "tables/clean.ts:3" }]);
});
