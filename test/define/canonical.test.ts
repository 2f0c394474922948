import { expect, test } from "vitest";
import { canonicalJson, contentHash } from "../../src/define/canonical.ts";
import { source, table } from "../../src/index.ts";

const orders = source("shop").table("orders", { key: "id", columns: { id: "bigint", origin: "text", amount: "double" } });
const declare = (name: string) => table(name, orders).dedupe("id");

test("the order of keys does not matter, the order of lists does", () => {
  expect(contentHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(contentHash({ b: { d: null, c: [1, 2] }, a: 1 }));
  expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
});

test("moving a declaration in its file changes no hash", () => {
  const here = declare("clean");
  const moved = { ...here.node, origin: { file: "elsewhere.ts", line: 99 } };
  expect(contentHash(moved)).toBe(contentHash(here.node));
  expect(contentHash({ ...here.node, name: "other" })).not.toBe(contentHash(here.node));
});

test("a column called origin counts", () => {
  const plain = source("shop").table("orders", { columns: { id: "bigint" } }).node;
  const named = source("shop").table("orders", { columns: { id: "bigint", origin: "text" } }).node;
  const retyped = source("shop").table("orders", { columns: { id: "bigint", origin: "integer" } }).node;
  expect(new Set([plain, named, retyped].map(contentHash)).size).toBe(3);
  expect(canonicalJson(named)).toContain('"origin":"text"');
});

test("columns called file and line do not make a declaration's place of a record", () => {
  // Two columns with just these names, in a record that happens to be called origin.
  expect(canonicalJson({ origin: { file: "text", line: "integer" } })).toContain("integer");
});

test("what JSON leaves out is left out, and a hash is 32 hex digits", () => {
  expect(contentHash({ a: undefined, b: 1 })).toBe(contentHash({ b: 1 }));
  expect(contentHash(null)).toMatch(/^[0-9a-f]{32}$/);
});
