import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import { checkPlatform } from "../../src/define/check.ts";
import { endpoint, environment, importedModel, platform, type Definition, type Endpoint } from "../../src/index.ts";
import { lineageOf } from "../../src/govern/lineage.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform, type RunResult } from "../../src/run/run.ts";
import { statePaths } from "../../src/run/state.ts";
import { modelSource } from "../../src/serve/release.ts";
import { startInference } from "../../src/serve/server.ts";
import { system } from "../../src/systems/dvc.ts";
import { dvc } from "../../src/systems/index.ts";
import type { Tracker } from "../../src/systems/roles.ts";
import { publishedModel } from "../contracts/tracker.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { smallModel } from "../serve/model.ts";

const imported = importedModel("borrowed", { from: "models:/delay@champion" });

function borrowing(): Definition {
  const local = environment({ tracker: dvc({ repository: "elsewhere" }) });
  return platform({ name: "borrowing", assets: [endpoint("late", { model: imported })], environments: { local } });
}

interface World {
  readonly directory: string;
  publish(version: number, content: Uint8Array, aliases: readonly string[]): Promise<void>;
  run(definition?: Definition): Promise<RunResult>;
}

/** A registry of another team, which needs no server, and a platform that takes a model from it. */
async function world(): Promise<World> {
  const directory = temporaryFolder();
  mkdirSync(join(directory, "elsewhere", ".dvc"), { recursive: true });
  writeFileSync(join(directory, "elsewhere", ".dvc", "config"), "");
  const connect = system.roles.tracker;
  if (connect === undefined) throw new Error("DVC is a tracker");
  const tracker: Tracker = await connect({ repository: "elsewhere" }, { directory });
  return {
    directory,
    async publish(version, content, aliases) {
      const folder = mkdtempSync(join(directory, "trained-"));
      writeFileSync(join(folder, "model.onnx"), content);
      await tracker.publish(publishedModel(folder, { version, aliases, files: ["model.onnx"] }));
    },
    run: (definition = borrowing()) =>
      runPlatform({
        definition,
        environment: environmentOf(definition, "local"),
        directory,
        assets: [],
        signal: new AbortController().signal,
        reporter: silent,
      }),
  };
}

function outcomes({ results }: RunResult): Record<string, string> {
  return Object.fromEntries(results.map(({ asset, outcome }) => [asset, outcome]));
}

test("a model of another registry is registered with where it comes from, served, and brought again only when its alias moves", async () => {
  const { directory, publish, run } = await world();
  await publish(1, smallModel(), ["champion"]);
  expect(outcomes(await run())).toEqual({ borrowed: "created", late: "created" });
  expect(outcomes(await run())).toEqual({ borrowed: "unchanged", late: "unchanged" });
  await publish(2, smallModel({ bias: 1 }), ["champion"]);
  expect(outcomes(await run())).toEqual({ borrowed: "updated", late: "updated" });
  // Back again: the version is here already.
  await publish(1, smallModel(), ["champion"]);
  expect(outcomes(await run())).toEqual({ borrowed: "updated", late: "updated" });
  expect(outcomes(await run())).toEqual({ borrowed: "unchanged", late: "unchanged" });

  const registry = openRegistry(statePaths(directory, "local").models);
  try {
    const versions = registry.list("borrowed");
    expect(versions.map(({ version, aliases }) => [version, aliases])).toEqual([
      [1, ["champion"]],
      [2, []],
    ]);
    const [version] = versions;
    if (version === undefined) throw new Error("nothing is registered");
    expect(version.description.imported).toMatchObject({ system: "dvc", model: "delay", reference: "champion", version: "1" });
    expect(version.provenance.inputs).toEqual({ "dvc:delay": "1" });
    expect(Buffer.compare(readFileSync(join(version.directory, "model.onnx")), smallModel())).toBe(0);
    expect(readFileSync(join(version.directory, "card.md"), "utf8")).toMatch(/Imported from the registry of dvc.*\| carrier \| BYTES/s);
    const server = await startInference({ models: [modelSource("late", version)], workers: 1 });
    try {
      const metadata: { inputs: object[] } = JSON.parse(await (await fetch(`${server.url}/v2/models/late`)).text());
      expect(metadata.inputs).toHaveLength(5);
    } finally {
      await server.stop();
    }
  } finally {
    registry.close();
  }
  const definition = borrowing();
  const lineage = lineageOf({ definition, environment: environmentOf(definition, "local"), directory, name: "late" });
  expect(JSON.stringify(lineage)).toContain("borrowed");
});

test("what cannot be served is not registered, and what serves goes on serving", async () => {
  const { directory, publish, run } = await world();
  await publish(1, smallModel(), ["champion"]);
  await run();
  await publish(2, Buffer.from("no model"), ["champion"]);
  const { outcome, results } = await run();
  expect(outcome).toBe("failed");
  expect(results.find(({ asset }) => asset === "borrowed")).toMatchObject({ outcome: "failed" });
  const registry = openRegistry(statePaths(directory, "local").models);
  expect(registry.get("borrowed", "champion")?.version).toBe(1);
  registry.close();
});

test("an alias that nobody gave, and a platform without a tracker, are told with what to do", async () => {
  const { publish, run, directory } = await world();
  await publish(1, smallModel(), ["challenger"]);
  const { results } = await run();
  expect(results.find(({ asset }) => asset === "borrowed")?.detail).toMatch(/no 'champion' of a model 'delay'.*it has: 1, challenger/s);
  const unbound = borrowing();
  const definition: Definition = {
    ...unbound,
    environments: { local: { ...environmentOf(unbound, "local"), bindings: {} } },
  };
  const { problems } = await checkPlatform({ definition, directory, offline: true });
  expect(problems).toContainEqual(
    expect.objectContaining({ code: "unbound-role", what: expect.stringContaining("does not bind a tracker") }),
  );
  expect((await run(definition)).outcome).toBe("failed");
});

test("references are read as MLflow writes them, and shorter", () => {
  const read = (from: string): unknown[] => {
    const { model, reference } = importedModel("m", { from }).node;
    return [model, reference];
  };
  expect(read("models:/team delay@champion")).toEqual(["team delay", "champion"]);
  expect(read("models:/delay/7")).toEqual(["delay", "7"]);
  expect(read("delay@7")).toEqual(["delay", "7"]);
  expect(read("delay")).toEqual(["delay", "champion"]);
  expect(() => importedModel("m", { from: "runs:/abc/model" })).toThrow(/names no model of a registry/);
});

test("the type checker asks for a tracker, and for no drift", () => {
  expectTypeOf(endpoint("late", { model: imported })).toEqualTypeOf<Endpoint<"tracker">>();
  // @ts-expect-error nobody here knows the rows that it was trained on
  endpoint("late", { model: imported, drift: "psi > 0.2" });
  // @ts-expect-error environment 'local' does not bind 'tracker'
  platform({ name: "p", assets: [imported], environments: { local: environment({}) } });
});
