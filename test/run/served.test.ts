import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { champion, openRegistry } from "../../src/registry/registry.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { followRegistry, servedRepository } from "../../src/run/served.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { registration } from "../registry/registration.ts";
import { smallModel } from "../serve/model.ts";

let root: string;
let registry: Registry;
let server: InferenceServer;
const node = { name: "delay", model: "outcome" };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-served-"));
  registry = openRegistry(join(root, "models"));
  for (const bias of [1, 2, 3]) {
    const trained = registration(root, String(bias));
    writeFileSync(join(trained.directory, "model.onnx"), smallModel({ bias }));
    registry.register(trained);
  }
  server = await startInference({ models: [], workers: 1, repository: servedRepository(registry, [node]) });
});

afterAll(async () => {
  await server.stop();
  registry.close();
  rmSync(root, { recursive: true, force: true });
});

const follow = (): Promise<boolean> => {
  const best = registry.get("outcome", champion);
  if (best === null) throw new Error("there is no champion");
  return followRegistry(registry, server, node, best);
};
const versions = (): readonly (readonly [string, number])[] => server.models().map(({ version, percent }) => [version, percent]);

const control = (kind: "load" | "unload"): Promise<Response> =>
  fetch(`${server.url}/v2/repository/models/delay/${kind}`, { method: "POST" });

test("an endpoint serves the champion, and the challenger beside it for those who name it, as the registry says", async () => {
  expect(await follow()).toBe(true);
  expect(versions()).toEqual([["3", 100]]);
  registry.alias("outcome", "challenger", 2);
  expect(await follow()).toBe(false);
  expect(versions()).toEqual([
    ["3", 100],
    ["2", 0],
  ]);
  expect((await fetch(`${server.url}/v2/models/delay/versions/2/ready`)).status).toBe(200);
  registry.alias("outcome", champion, 2);
  expect(await follow()).toBe(true);
  expect(versions()).toEqual([["2", 100]]);
});

test("a division gives each version its part, until it is all the champion's again", async () => {
  const best = registry.get("outcome", champion);
  if (best === null) throw new Error("there is no champion");
  await followRegistry(registry, server, node, best, { "1": 10, [best.version]: 70, "3": 20 });
  expect(versions()).toEqual([
    [String(best.version), 70],
    ["1", 10],
    ["3", 20],
  ]);
  expect(await followRegistry(registry, server, node, best, { "3": 100 })).toBe(false);
  expect(versions()).toEqual([
    [String(best.version), 0],
    ["3", 100],
  ]);
  expect(await follow()).toBe(false);
  expect(versions()).toEqual([[String(best.version), 100]]);
});

test("what a client has loaded or unloaded stays, whatever the registry says", async () => {
  expect((await control("unload")).status).toBe(200);
  registry.alias("outcome", champion, 1);
  expect(await follow()).toBe(false);
  expect(versions()).toEqual([]);
  expect((await control("load")).status).toBe(200);
  expect(versions()).toEqual([
    ["1", 100],
    ["2", 0],
  ]);
});
