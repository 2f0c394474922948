import { afterEach, expect, test, vi } from "vitest";
import { env, environment, platform, source } from "../../src/index.ts";
import type { BindingNode } from "../../src/index.ts";
import { sqlite } from "../../src/systems/index.ts";
import { bindingOf, connectSource, environmentOf } from "../../src/run/bind.ts";
import { temporaryFolder } from "./temporary.ts";

const orders = source("shop").table("orders", { columns: { id: "bigint" } });
const bound = sqlite({ file: env("MILLWRIGHT_TEST_FILE") });
const definition = platform({ name: "shop", assets: [orders], environments: { local: environment({ shop: bound }) } });
const local = environmentOf(definition, "local");

afterEach(() => vi.unstubAllEnvs());

test("an unknown environment is refused with those there are", () => {
  expect(() => environmentOf(definition, "prod")).toThrow("no environment 'prod'");
  expect(() => environmentOf(definition, "prod")).toThrow("use one of: local");
});

test("an unbound source names the table that needs it and the environment's place", () => {
  const empty = { ...local, bindings: {} };
  expect(() => bindingOf(empty, orders.node)).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({ code: "unbound-role", where: { file: import.meta.filename, line: expect.any(Number) } }),
    }),
  );
  expect(() => bindingOf(empty, orders.node)).toThrow("does not bind the source 'shop', which the table 'orders' needs");
});

test("a missing secret names its variable, and only connecting reads it", async () => {
  expect(JSON.stringify(definition)).not.toContain("ops.sqlite");
  await expect(connectSource(bindingOf(local, orders.node), temporaryFolder())).rejects.toMatchObject({
    problem: { code: "missing-secret", what: "the environment variable MILLWRIGHT_TEST_FILE is not set", where: bound.origin },
  });
  vi.stubEnv("MILLWRIGHT_TEST_FILE", "none.sqlite");
  await expect(connectSource(bindingOf(local, orders.node), temporaryFolder())).rejects.toThrow("none.sqlite");
});

test("a system that does not exist is refused at the binding's place", async () => {
  const wrong: BindingNode = { ...bound, system: "punchcards" };
  await expect(connectSource(wrong, temporaryFolder())).rejects.toMatchObject({ problem: { code: "unknown-system", where: bound.origin } });
});
