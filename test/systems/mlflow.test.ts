import { createServer, request as forward, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { endpoint, environment, importedModel, platform } from "../../src/index.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { connectRole, environmentOf, resolveOptions } from "../../src/run/bind.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform } from "../../src/run/run.ts";
import { statePaths } from "../../src/run/state.ts";
import { modelSource } from "../../src/serve/release.ts";
import { startInference } from "../../src/serve/server.ts";
import type { Tracker } from "../../src/systems/roles.ts";
import { mlflow, type MlflowOptions } from "../../src/systems/mlflow.ts";
import { publishedModel, trackedRun, trackerContract, type SeenModel, type SeenRun } from "../contracts/tracker.ts";
import { openShop } from "../run/shop.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { expectedProbability, rowOf } from "../serve/model.ts";
import { paymentsSql, searchPlatform } from "../train/search/platform.ts";
import { startMlflow, type Mlflow } from "../servers/mlflow.ts";

// MLflow's client is a process of its own each time, which takes seconds on a loaded machine.
vi.setConfig({ testTimeout: 400_000 });

let server: Mlflow;
beforeAll(async () => {
  server = await startMlflow();
});
afterAll(() => server?.stop());

/** What MLflow's own client, a process of its own, answers. */
async function client(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await server.python(join(import.meta.dirname, "mlflow_client.py"), args);
  const answer = /^answer:(.*)$/m.exec(stdout)?.[1];
  if (code !== 0 || answer === undefined) throw new Error(`MLflow's client failed: ${stderr}`);
  return JSON.parse(answer);
}

const seenRun = async (experiment: string, name: string): Promise<SeenRun | null> => {
  const seen: Awaited<ReturnType<typeof seenRun>> = JSON.parse(JSON.stringify(await client("run", experiment, name)));
  return seen;
};
const seenModel = async (name: string, alias: string): Promise<SeenModel | null> => {
  const seen: Awaited<ReturnType<typeof seenModel>> = JSON.parse(JSON.stringify(await client("model", name, alias)));
  return seen;
};

function connect(options: MlflowOptions): Promise<Tracker> {
  const binding = mlflow(options);
  return connectRole(binding, "tracker", (roles) => roles.tracker)(resolveOptions(binding), { directory: "." });
}

trackerContract({
  name: "MLflow (a real server)",
  start: async () => ({
    binding: mlflow({ url: server.url }),
    directory: ".",
    run: seenRun,
    model: seenModel,
    async stop() {},
  }),
  more: (tracked) => {
    test("MLflow's own client sees figures by step, tags, times, files, and trials under their search", async () => {
      const { directory, tracker } = tracked();
      const trial = trackedRun(directory, { id: "search-1/trial-7", name: "trial 7", parent: "search-1", outcome: "cancelled" });
      await tracker.record(trial);
      await tracker.record(trackedRun(directory, { id: "search-1", name: "the search", files: null, metrics: {} }));
      await expect(client("run", "delay", "trial 7")).resolves.toMatchObject({
        count: 1,
        outcome: "cancelled",
        parent: "the search",
        seconds: 30,
        files: ["metrics.json", "model.onnx"],
        history: {
          auc: [[0, 0.75]],
          validation_loss: [
            [0, 0.7],
            [1, 0.6],
            [2, 0.55],
          ],
        },
        tags: { "snapshot.delay_features": "8954597067493422955", code: "c0ffee", "millwright.run": "search-1/trial-7" },
      });
    });

    test("figures that are no numbers, a thousand and more of them, and names that MLflow does not know arrive", async () => {
      const { directory, tracker } = tracked();
      const time = "2026-01-01T00:00:00.000Z";
      const loss = Array.from({ length: 1100 }, (_, step) => ({ step, value: 1 / (1 + step), time }));
      await tracker.record(
        trackedRun(directory, {
          id: "long",
          name: "long",
          files: null,
          tags: { packages: "numpy==2.4.6 ".repeat(1000) },
          parameters: Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`parameter ${index}`, index])),
          metrics: { loss, "auc[carrier=UA]": [{ step: 0, value: 0.5, time }], nothing: [{ step: 0, value: Number.NaN, time }] },
        }),
      );
      const seen = await seenRun("delay", "long");
      expect(seen?.metrics["loss"]).toBe(1 / 1100);
      expect(seen?.metrics["auc_carrier_UA_"]).toBe(0.5);
      expect(seen?.metrics["nothing"]).toBeNull();
      expect(Object.keys(seen?.parameters ?? {})).toHaveLength(120);
    });

    test("MLflow's own client sees the version with its description, tags and run, and predicts as the model does", async () => {
      const { directory, tracker } = tracked();
      await tracker.publish(publishedModel(directory, { model: "seen", aliases: ["champion", "challenger"], description: "seen here" }));
      await expect(client("model", "seen", "challenger")).resolves.toMatchObject({
        description: "seen here",
        aliases: expect.arrayContaining(["champion", "challenger"]),
        tags: { "snapshot.delay_features": "8954597067493422955", "millwright.version": "1" },
      });
      const rows = [3, 8, 21].map(rowOf);
      const column = <K extends keyof (typeof rows)[0]>(name: K, missing: unknown): unknown[] => rows.map((row) => row[name] ?? missing);
      const inputs = {
        carrier: column("carrier", ""),
        distance: column("distance", 0),
        day: column("day", 0),
        night: column("night", false),
        temp: column("temp", 0),
      };
      const { probabilities } = JSON.parse(JSON.stringify(await client("predict", "seen", "champion", JSON.stringify(inputs))));
      rows.forEach((row, index) => expect(probabilities[index][1]).toBeCloseTo(expectedProbability(row), 5));
    });

    test("an alias that people gave a version in MLflow stays when it is published again", async () => {
      const { directory, tracker } = tracked();
      const version = await tracker.resolve("seen", "champion");
      const answer = await fetch(`${server.url}/api/2.0/mlflow/registered-models/alias`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "seen", alias: "production", version }),
      });
      expect(answer.status).toBe(200);
      await tracker.publish(publishedModel(directory, { model: "seen", aliases: ["champion"] }));
      await expect(tracker.resolve("seen", "production")).resolves.toBe(version);
      await expect(tracker.resolve("seen", "challenger")).rejects.toThrow(/challenger/);
    });
  },
});

test("a model that others logged with MLflow's own client is served here as it predicts there, and followed when its alias moves", async () => {
  const directory = temporaryFolder();
  const definition = platform({
    name: "borrowing",
    assets: [endpoint("late", { model: importedModel("borrowed", { from: "models:/outside@champion" }) })],
    environments: { local: environment({ tracker: mlflow({ url: server.url }) }) },
  });
  const run = async (): Promise<readonly string[]> => {
    const { results } = await runPlatform({
      definition,
      environment: environmentOf(definition, "local"),
      directory,
      assets: [],
      signal: new AbortController().signal,
      reporter: silent,
    });
    return results.map(({ outcome }) => outcome);
  };
  for (const [seed, outcome] of [
    [1, "created"],
    [2, "updated"],
  ] as const) {
    const { rows, probabilities, beside }: Logged = JSON.parse(JSON.stringify(await client("log", "outside", "champion", String(seed))));
    expect(beside).not.toEqual([]);
    expect(await run()).toEqual([outcome, outcome]);
    expect(await run()).toEqual(["unchanged", "unchanged"]);
    const registry = openRegistry(statePaths(directory, "local").models);
    const version = registry.resolve("borrowed");
    registry.close();
    const inference = await startInference({ models: [modelSource("late", version)], workers: 1 });
    try {
      const body = JSON.stringify({ inputs: [{ name: "X", datatype: "FP32", shape: [5, 3], data: rows.flat() }] });
      const reply = await fetch(`${inference.url}/v2/models/late/infer`, { method: "POST", body });
      const { outputs }: { outputs: { name: string; data: number[] }[] } = JSON.parse(await reply.text());
      const answered = outputs.find(({ name }) => name === "probabilities")?.data ?? [];
      probabilities.flat().forEach((probability, index) => expect(answered[index]).toBeCloseTo(probability, 4));
    } finally {
      await inference.stop();
    }
  }
});

test("what a run trains is in MLflow when it ends: the training with its trials, the version with its alias and run; a run of nothing tells nothing", async () => {
  const shop = openShop();
  shop.source(paymentsSql);
  const bound = searchPlatform();
  const local = environmentOf(bound, "local");
  const tracker = mlflow({ url: server.url, experimentPrefix: "shop/" });
  const definition = { ...bound, environments: { local: { ...local, bindings: { ...local.bindings, tracker } } } };
  const first = await shop.run(definition);
  expect(first.outcomes).toMatchObject({ late: "created" });
  expect(first.notes.filter((note) => note.includes("mlflow"))).toEqual([]);
  await shop.run(definition);
  const seen = await seenRun("shop/late", "late version 1");
  expect(seen).toMatchObject({ count: 1, outcome: "succeeded", children: 6, files: expect.arrayContaining(["card.md", "model.onnx"]) });
  expect(seen?.metrics["auc"]).toBeGreaterThan(0.6);
  expect(seen?.parameters).toHaveProperty("learningRate");
  await expect(client("model", "late", "champion")).resolves.toMatchObject({ count: 1, run: "late version 1" });
});

/** A model that MLflow's own client has logged, with the predictions of its library. */
interface Logged {
  readonly rows: readonly (readonly number[])[];
  readonly probabilities: readonly (readonly number[])[];
  /** Further files beside the ONNX file. */
  readonly beside: readonly string[];
}

test("a token goes to the server and into no error; a server that is not there, or lets nobody in, is an error that says so", async () => {
  const seen: (string | undefined)[] = [];
  const gateway = await listen((authorization) => {
    seen.push(authorization);
    return authorization === "Bearer open sesame";
  });
  try {
    process.env["MLFLOW_TEST_TOKEN"] = "open sesame";
    const tracker = await connect({ url: gateway.url, token: { secret: "env", name: "MLFLOW_TEST_TOKEN" } });
    await expect(tracker.resolve("seen", "champion")).resolves.toMatch(/^\d+$/);
    process.env["MLFLOW_TEST_TOKEN"] = "a wrong one";
    const refused = await connect({ url: gateway.url, token: { secret: "env", name: "MLFLOW_TEST_TOKEN" } });
    const error: Error = await refused.resolve("seen", "champion").then(
      () => new Error("it was let in"),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(/401.*\n.*check the token/s);
    expect(`${error.message}${error.stack}`).not.toContain("a wrong one");
    const basic = await connect({ url: gateway.url, username: "ada", password: { secret: "env", name: "MLFLOW_TEST_TOKEN" } });
    await expect(basic.resolve("seen", "champion")).rejects.toThrow(/401/);
    expect(seen.at(-1)).toBe(`Basic ${Buffer.from("ada:a wrong one").toString("base64")}`);
  } finally {
    delete process.env["MLFLOW_TEST_TOKEN"];
    gateway.server.closeAllConnections();
    gateway.server.close();
  }
  const nobody = await connect({ url: gateway.url, attempts: 1 });
  await expect(nobody.resolve("seen", "champion")).rejects.toThrow(/gave no answer/);
  await expect(connect({ url: "http://ada:secret@127.0.0.1:1" })).rejects.toThrow(/^(?!.*secret).*without user and password/);
});

/** A proxy before the server that lets in by the header `authorization`. */
async function listen(open: (authorization: string | undefined) => boolean): Promise<{ readonly url: string; readonly server: Server }> {
  const proxy = createServer((request, response) => {
    if (!open(request.headers.authorization)) {
      response.writeHead(401).end();
      return;
    }
    const target = new URL(request.url ?? "/", server.url);
    request.pipe(
      forward(target, { method: request.method, headers: { ...request.headers, host: target.host } }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, server: proxy };
}
