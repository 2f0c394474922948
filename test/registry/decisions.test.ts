import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tellAliases } from "../../src/registry/event.ts";
import { openRegistry, type Registry } from "../../src/registry/registry.ts";
import { openJournal } from "../../src/run/journal.ts";
import { registration } from "./registration.ts";

let root: string;
let directory: string;
let registry: Registry;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millwright-decisions-"));
  directory = join(root, "models");
  registry = openRegistry(directory);
});

afterEach(() => {
  registry.close();
  rmSync(root, { recursive: true, force: true });
});

const ada = { by: "ada", because: "it was better" };
const championNow = (): number => registry.resolve("outcome").version;
const register = (...weights: readonly string[]): void => {
  for (const one of weights) registry.register(registration(root, one));
};

describe("going back", () => {
  test("leads through all earlier champions one by one, and never to what was gone back from", () => {
    register("a", "b", "c");
    registry.rollBack("outcome", ada);
    expect(championNow()).toBe(2);
    registry.rollBack("outcome", ada);
    expect(championNow()).toBe(1);
    expect(() => registry.rollBack("outcome", ada)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: "no-earlier-champion" }) }),
    );
    register("d");
    expect(championNow()).toBe(4);
    registry.rollBack("outcome", ada);
    expect(championNow()).toBe(1);
  });

  test("passes over what never was champion, and knows what a person made champion", () => {
    register("a", "b");
    registry.register(registration(root, "bad", { wanted: 0.9 }));
    register("d");
    registry.alias("outcome", "champion", 1, ada);
    registry.rollBack("outcome", ada);
    expect(championNow()).toBe(4);
    registry.rollBack("outcome", ada);
    expect(championNow()).toBe(2);
  });

  test("stands against training the same again, or declaring it again; a person's word undoes it", () => {
    register("a", "b");
    registry.rollBack("outcome", ada);
    register("b");
    registry.restore("outcome", 2, "run-7");
    expect(championNow()).toBe(1);
    registry.approve("outcome", 2, ada);
    expect(championNow()).toBe(2);
    register("a");
    expect(championNow()).toBe(1);
    register("b");
    expect(championNow()).toBe(2);
  });

  test("knows the champion of a registry that was made before moves were remembered", () => {
    register("a", "b");
    registry.close();
    const database = new DatabaseSync(join(directory, "registry.sqlite"));
    database.exec("DROP TABLE alias_change");
    database.close();
    registry = openRegistry(directory);
    expect(() => registry.rollBack("outcome", ada)).toThrow("no champion before the present one");
    register("c");
    registry.rollBack("outcome", ada);
    expect(championNow()).toBe(2);
  });
});

describe("an approval that is required", () => {
  const waiting = (weights: string): void => void registry.register(registration(root, weights, { approval: "required" }));

  test("leaves an accepted version the challenger until a person approves it; who and why is kept", () => {
    register("a");
    waiting("b");
    expect(registry.get("outcome", 2)?.aliases).toEqual(["challenger"]);
    expect(championNow()).toBe(1);
    expect(() => registry.alias("outcome", "champion", 2, ada)).toThrow("has to be approved before");
    registry.approve("outcome", 2, ada);
    expect(registry.get("outcome", 2)?.aliases).toEqual(["champion"]);
    expect(
      registry
        .changes("outcome")
        .map(({ alias, version, previous, cause, by, because, run }) => [alias, version, previous, cause, by, because, run]),
    ).toEqual([
      ["champion", 1, null, "registered", null, null, "run-1"],
      ["challenger", 2, null, "registered", null, null, "run-1"],
      ["champion", 2, 1, "approved", "ada", "it was better", null],
      ["challenger", null, 2, "approved", "ada", "it was better", null],
    ]);
  });

  test("holds for good: what was approved serves again when it is declared again, or pointed to", () => {
    waiting("a");
    registry.approve("outcome", 1, ada);
    waiting("b");
    registry.approve("outcome", 2, ada);
    registry.restore("outcome", 1, "run-7");
    expect(championNow()).toBe(1);
    registry.alias("outcome", "champion", 2, ada);
    expect(championNow()).toBe(2);
  });

  test("the newest that waits is the challenger", () => {
    waiting("a");
    waiting("b");
    expect(registry.resolve("outcome@challenger").version).toBe(2);
    expect(registry.get("outcome", "champion")).toBeNull();
  });
});

test("a version that its gate rejected is never the champion, by whatever way", () => {
  register("a");
  registry.register(registration(root, "bad", { wanted: 0.9 }));
  registry.restore("outcome", 2, "run-7");
  expect(() => registry.approve("outcome", 2, ada)).toThrow("missed its acceptance gate");
  expect(() => registry.alias("outcome", "champion", 2, ada)).toThrow("missed its acceptance gate");
  expect(championNow()).toBe(1);
  expect(() => registry.approve("outcome", 9, ada)).toThrow("no version 9");
});

test("the journal is told of each move once, by however many, and again in the same words when it was lost", () => {
  register("a");
  registry.register(registration(root, "b", { approval: "required" }));
  registry.approve("outcome", 2, ada);
  registry.rollBack("outcome", { by: "max", because: "complaints" });
  const told = (file: string) => {
    using journal = openJournal(join(root, file));
    const second = openRegistry(directory);
    tellAliases(second, journal);
    second.close();
    tellAliases(registry, journal);
    return journal.events().map(({ type, time, asset, run, body }) => ({ type, time, asset, run, body }));
  };
  const first = told("journal.sqlite");
  expect(
    first.map(({ type, body }) => [type, body["alias"], body["version"], body["previous"], body["champion"], body["by"], body["because"]]),
  ).toEqual([
    ["model.aliased", "champion", 1, null, 1, null, null],
    ["model.aliased", "challenger", 2, null, 1, null, null],
    ["model.approved", "champion", 2, 1, 2, "ada", "it was better"],
    ["model.aliased", "challenger", null, 2, 2, "ada", "it was better"],
    ["model.aliased", "champion", 1, 2, 1, "max", "complaints"],
  ]);
  expect(first[4]?.body["content"]).toBe(registry.get("outcome", 1)?.content);
  expect(told("other.sqlite")).toEqual(first);
});
