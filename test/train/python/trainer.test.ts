import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { DuckDBValue } from "@duckdb/node-api";
import { modelOutputs } from "../../../src/train/onnx/export.ts";
import { onnxPredictor } from "../../../src/train/onnx/predict.ts";
import { readTrainingData } from "../../../src/train/read.ts";
import { hashes, openWorkbench, sgdNode, sgdRequirements, type Trained, type Workbench } from "./workbench.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 }); // a first run downloads uv and the packages

let bench: Workbench;
let trained: Trained;
let kept: string;
beforeAll(async () => {
  bench = await openWorkbench();
  kept = bench.folder();
  trained = await bench.train(sgdNode({}, {}, { slices: ["city"] }), { kept });
});
afterAll(() => bench.close());

async function ask(sql: string): Promise<DuckDBValue[][]> {
  return (await bench.connection.runAndReadAll(sql)).getRows();
}

describe("a model that a script trains", () => {
  test("takes raw features and gives label and probabilities, as far from the script's own predictions as floats are", async () => {
    const model = JSON.parse(readFileSync(join(trained.directory, "model.json"), "utf8"));
    expect(model.outputs).toEqual(modelOutputs);
    expect(model.inputs.map(({ name, datatype }: { name: string; datatype: string }) => [name, datatype])).toContainEqual([
      "city",
      "BYTES",
    ]);
    expect(trained.metrics.parity.rows).toBe(trained.periods.test.rows);
    expect(trained.metrics.parity.maximumDifference).toBeLessThan(1e-6);
    const data = await readTrainingData(bench.connection, "examples", sgdNode());
    const predictor = await onnxPredictor(readFileSync(join(trained.directory, "model.onnx")));
    const probabilities = await predictor.predict(data.features, 0, data.rows);
    await predictor.close();
    expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(trained.metrics.auc).toBeGreaterThan(0.75);
  });

  test("has its figures from the script's predictions, by slice too", () => {
    expect(trained.metrics).toMatchObject({ trees: null, rows: trained.periods.test.rows });
    expect(trained.metrics.slices.reduce((sum, { rows }) => sum + rows, 0)).toBe(trained.metrics.rows);
  });

  test("says what it used: Python, every package with its version, the parameters with the seed", () => {
    expect(trained.environment?.packages).toEqual(expect.arrayContaining([...sgdRequirements]));
    expect(trained.environment?.packages.length).toBeGreaterThan(sgdRequirements.length);
    expect(readFileSync(join(trained.directory, "requirements.txt"), "utf8").trim().split("\n")).toEqual(trained.environment?.packages);
    expect(trained.trainer).toMatch(/^sgd\.py, Python 3\.\d+\.\d+, numpy 2\.4\.6, onnx 1\.23\.2, pyarrow 26\.0\.1$/);
    expect(trained.parameters).toEqual({ seed: 1 });
  });

  test("has what it measured by step, and what it said", () => {
    const losses = trained.metrics.history["loss"] ?? [];
    expect(losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(losses.at(-1)?.value).toBeLessThan(losses[0]?.value ?? 0);
    expect(trained.log).toMatch(/^threads \d+\n$/);
  });

  test("comes out with the same bytes from the same rows and seed, and with others from another seed", async () => {
    expect(hashes(await bench.train(sgdNode({}, {}, { slices: ["city"] })))).toEqual(hashes(trained));
    const other = await bench.train(sgdNode({}, { seed: 2 }));
    expect(hashes(other)["model.onnx"]).not.toBe(hashes(trained)["model.onnx"]);
  });

  test("may use the names of raw features inside its graph, and write its predictions as CSV", async () => {
    for (const parameters of [{ input: "city", fault: "csv" }, { input: "label" }, { input: "probabilities", fault: "names" }]) {
      const { metrics } = await bench.train(sgdNode({ steps: 1, ...parameters }));
      expect(metrics.parity.maximumDifference).toBeLessThan(1e-6);
    }
  });
});

test("the script gets prepared columns by name, the rows in the order of time, its parameters and its seed", async () => {
  const [key = ""] = readdirSync(kept);
  const task = JSON.parse(readFileSync(join(kept, key, "task.json"), "utf8"));
  expect(task).toMatchObject({ version: 1, model: "outcome", target: "label", seed: 1, parameters: {}, accelerators: null });
  expect(task.rows).toEqual({ training: trained.periods.training.rows, test: trained.periods.test.rows });
  expect(task.features).toEqual(expect.arrayContaining(["amount", "population", "city=city 20", "city="]));
  const columns = await ask(`SELECT name, type FROM parquet_schema('${task.training}') WHERE num_children IS NULL ORDER BY ALL`);
  expect(columns).toEqual([...task.features.map((name: string) => [name, "FLOAT"]), ["label", "INT32"]].toSorted());
  expect(await ask(`SELECT label, "population", "city=city 20" FROM '${task.training}' LIMIT 200`)).toEqual(
    await ask(
      `SELECT label::TINYINT, ln(1 + population)::FLOAT, (city IS NOT DISTINCT FROM 'city 20')::INT::FLOAT FROM examples ORDER BY happened LIMIT 200`,
    ),
  );
});

test("each process gets as many threads as its resources say", async () => {
  const { log } = await bench.train(sgdNode({}, { resources: { threads: 1 } }));
  expect(log).toContain("threads 1\n");
});

describe("nothing comes of a script", () => {
  test.each([
    ["fails", "python-script", /exit code 3.*something is wrong with the rows/s],
    ["no model", "script-files", /left no model\.onnx, only predictions\.parquet/],
    ["folder", "script-files", /left 'more', which is no file/],
    ["reserved", "script-files", /left 'metrics\.json', a name that Millwright uses/],
    ["no predictions", "script-predictions", /left no predictions/],
    ["too few", "script-predictions", /predictions for \d+ test rows/],
    ["no probability", "script-predictions", /predicts 1\.5 in test row 8/],
    ["width", "script-model", /does not run on two rows/],
    ["old", "script-model", /operator set 12, older than 13/],
    ["differs", "onnx-parity", /differs by 0\.\d+ from the script's own prediction in test row \d+/],
  ])("that has the fault '%s': %s", async (fault, code, words) => {
    const node = sgdNode({ fault, steps: 2 });
    const failed = bench.train(node);
    await expect(failed).rejects.toMatchObject({ problem: { code, where: node.origin, what: expect.stringMatching(words) } });
  });

  test("that is not there", async () => {
    const node = sgdNode();
    const missing = { ...node, train: { ...node.train, script: "elsewhere.py" } };
    await expect(bench.train(missing)).rejects.toMatchObject({ problem: { code: "no-script" } });
  });

  test("that is cancelled: it ends, with the signal's reason", async () => {
    const controller = new AbortController();
    const folder = bench.folder();
    const running = bench.train(sgdNode({ steps: 10_000, seconds: 0.05 }), {
      kept: folder,
      signal: controller.signal,
      report: ({ done }) => done === 2 && controller.abort(new Error("stop it")),
    });
    await expect(running).rejects.toThrow("stop it");
    const [key = ""] = readdirSync(folder);
    const process = readFileSync(join(folder, key, "checkpoint", "process"), "utf8");
    expect(existsSync(`/proc/${process}`)).toBe(false);
  });
});
