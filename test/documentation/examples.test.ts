import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import * as millwright from "../../src/index.ts";
import * as systems from "../../src/systems/index.ts";
import { boostedTreesParameters } from "../../src/train/lightgbm/parameters.ts";
import { modelNode } from "../train/model-node.ts";
import { judge, type Judged } from "./program.ts";
import { expressionInterfaces, fencedBlocks, pages, pageText, publicFunctions, root } from "./snippets.ts";

const functions = publicFunctions();
const expressions = expressionInterfaces();
const snippets = [
  ...[...functions, ...expressions].flatMap(({ example }) => example ?? []),
  ...pages.flatMap(fencedBlocks).filter(({ language }) => language === "ts"),
];

let judged: Judged;
beforeAll(() => {
  judged = judge(snippets);
});

test("every function that the package exports is among those whose documentation is read here", () => {
  const exported = [...Object.entries(millwright), ...Object.entries(systems)].flatMap(([name, value]) =>
    typeof value === "function" ? [name] : [],
  );
  const read = new Set(functions.map(({ name }) => name));
  // `table` is documented at the interface of its calls.
  expect(exported.filter((name) => !read.has(name) && !(name === "table" && read.has("TableFunction")))).toEqual([]);
});

test("every function that users call has an example", () => {
  expect(functions.filter(({ example }) => example === null).map(({ name }) => name)).toEqual([]);
});

test("every method of an expression is shown in an example", () => {
  const missing = expressions.flatMap(({ name, example, methods }) =>
    methods.filter((method) => !example?.code.includes(`.${method}(`)).map((method) => `${name}.${method}`),
  );
  expect(missing).toEqual([]);
});

test("every function and method that users call stands on some page", () => {
  const text = pages.map(pageText).join("\n");
  const names = [
    ...functions.map(({ name }) => name.replace("TableFunction", "table").split(".").at(-1) ?? ""),
    ...expressions.flatMap(({ methods }) => methods),
  ];
  // An error is caught rather than called.
  expect(names.filter((name) => name !== "MillwrightError" && !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

test("the defaults that boostedTrees documents are those that it trains with", () => {
  const documented = [
    ...readFileSync(join(root, "src/define/trainer.ts"), "utf8").matchAll(/@default (\S+) \*\/\n {2}readonly (\w+)\?/g),
  ].map((match) => [match[2] ?? "", JSON.parse(match[1] ?? "null")]);
  expect(Object.fromEntries(documented)).toEqual(
    boostedTreesParameters(modelNode({ train: { trainer: "boosted-trees", parameters: {} } })),
  );
});

test("nothing but the snippets is wrong", () => {
  expect(judged.elsewhere).toBe("");
});

test.each(snippets.map(({ where }, index) => ({ where, index })))("the code at $where compiles and runs", ({ index }) => {
  expect(judged.compiled.get(index)).toBeUndefined();
  expect(judged.ran.get(index)).toBeUndefined();
});
