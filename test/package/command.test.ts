import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openRegistry } from "../../src/registry/registry.ts";
import { openJournal } from "../../src/run/journal.ts";
import { startInference } from "../../src/serve/server.ts";
import { modelSource } from "../../src/serve/release.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { examplesQuery } from "../train/model-node.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 600_000 }); // a first run downloads uv, scikit-learn, the quantiser and OpenVINO

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
let folder: string;
let trained: Ended;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function millwright(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", sources, main, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-packages-"));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "platform.ts"), platformFile);
  writeFileSync(join(folder, "network.py"), script);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  await connection.run(`COPY (${examplesQuery(6000)}) TO '${join(folder, "data", "examples.parquet")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  trained = await millwright("run", "--json");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const registered = () => {
  const registry = openRegistry(join(folder, ".millwright", "local", "models"));
  const versions = [registry.resolve("network"), registry.resolve("trees")] as const;
  registry.close();
  return { network: versions[0], trees: versions[1] };
};

describe("a run", () => {
  test("registers a network of a Python script as quantised, with what was measured, and serves that file", async () => {
    expect(trained).toMatchObject({ code: 0 });
    const { network } = registered();
    const { packaging, metrics } = network.description;
    expect(packaging?.served).toBe("optimised and quantised");
    const quantised = packaging?.steps[1]?.measured;
    expect(quantised?.figures).toEqual([expect.objectContaining({ metric: "auc", after: metrics.auc, maximumLoss: 0.01 })]);
    expect(network.files["model.onnx"]?.bytes).toBe(quantised?.bytes.after);
    expect(network.files["model.onnx"]?.bytes).toBeLessThan(network.files["model.trained.onnx"]?.bytes ?? 0);
    expect(readFileSync(join(network.directory, "card.md"), "utf8")).toContain("served as **optimised and quantised**");
    const server = await startInference({ models: [modelSource("network", network)], workers: 1 });
    await server.stop();
  });

  test("says of trees that there is nothing to quantise, and changes nothing by it", () => {
    const { packaging } = registered().trees.description;
    expect(packaging).toMatchObject({
      served: "optimised",
      steps: [
        { step: "optimise" },
        {
          step: "quantise",
          accepted: false,
          reason: expect.stringMatching(/no MatMul, Gemm or Conv.*trees have none.*nothing was changed/),
          measured: null,
        },
      ],
    });
    expect(trained.stdout).toMatch(/trees have none/);
  });
});

describe("millwright package", () => {
  test("compiles the network for OpenVINO, compares it on the test rows of the lake, and records it", async () => {
    const { code, stdout } = await millwright("package", "network", "--for", "openvino", "--out", "out/openvino", "--json");
    expect(code).toBe(0);
    const { periods } = registered().network.description;
    const manifest: { address: string; checks: unknown } = JSON.parse(stdout);
    expect(manifest.checks).toMatchObject([{ from: "test rows", rows: periods.test.rows, tolerance: 0.02 }]);
    const journal = openJournal(join(folder, ".millwright", "local", "journal.sqlite"));
    const told = journal.events({ type: "model.packaged" });
    journal.close();
    expect(told).toMatchObject([{ asset: "network", body: { version: 1, kind: "openvino", address: manifest.address, unproven: [] } }]);
    const verified = await millwright("package", "--verify", "out/openvino", "--address", manifest.address);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining(manifest.address) });
  });

  test("--verify refuses a changed byte and ends with an error that says what, where and what to do", async () => {
    expect(await millwright("package", "trees@1", "--out", "out/trees")).toMatchObject({ code: 0 });
    const file = join(folder, "out", "trees", "model.onnx");
    const content = readFileSync(file);
    content[200] = (content[200] ?? 0) ^ 1;
    writeFileSync(file, content);
    const { code, stderr } = await millwright("package", "--verify", "out/trees");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/the package's file model\.onnx has the hash/);
    expect(stderr).toMatch(/at .*out\/trees\/model\.onnx/);
    expect(stderr).toMatch(/to fix: do not serve it/);
  });

  test("refuses trees for TensorRT, a kind that there is not, and a missing folder's name", async () => {
    const refused = await millwright("package", "trees", "--for", "tensorrt", "--out", "out/tensorrt");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("TreeEnsembleRegressor (ai.onnx.ml), which OpenVINO and TensorRT do not support");
    expect(existsSync(join(folder, "out", "tensorrt"))).toBe(false);
    expect(await millwright("package", "trees", "--for", "toaster", "--out", "x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("use one of: onnx, openvino, tensorrt"),
    });
    expect(await millwright("package", "trees")).toMatchObject({ code: 2, stderr: expect.stringContaining("--out DIR") });
  });
});

const platformFile = `import { boostedTrees, environment, model, platform, python, source } from "millwright";
import { files } from "millwright/systems";

const examples = source("data").table("examples", { key: "happened" });
const common = { from: examples, target: "label", split: { by: "happened", test: "last 20 days" }, accept: { auc: ">= 0.6" } };
const packaging = { optimise: true, quantise: { to: "int8", ranges: "static", maximumLoss: { auc: 0.01 } } };

const network = model("network", {
  ...common,
  features: ["amount", "month", "population", "city", "member"],
  prepare: { amount: "zscore", month: "zscore", population: "log", city: "onehot" },
  train: python("network.py", { requirements: ["numpy==2.4.6", "pyarrow==26.0.1", "scikit-learn==1.9.1", "skl2onnx==1.20.0", "onnx==1.23.2"] }),
  packaging,
});
const trees = model("trees", { ...common, train: boostedTrees({ trees: 20 }), packaging });

export default platform({ name: "packages", assets: [network, trees], environments: { local: environment({ data: files({ directory: "data" }) }) } });
`;

const script = `
import json, sys, warnings
import numpy, pyarrow, pyarrow.parquet
from skl2onnx import to_onnx
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
with open(sys.argv[1]) as file:
    task = json.load(file)

def read(path):
    table = pyarrow.parquet.read_table(path)
    return numpy.column_stack([table[name].to_numpy() for name in task["features"]]), table[task["target"]].to_numpy()

rows, labels = read(task["training"])
test, _ = read(task["test"])
model = make_pipeline(SimpleImputer(), StandardScaler(), MLPClassifier((96, 96), max_iter=6, random_state=task["seed"])).fit(rows, labels)
onnx = to_onnx(model, rows[:1], options={MLPClassifier: {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})
with open(task["out"] + "/model.onnx", "wb") as file:
    file.write(onnx.SerializeToString())
probability = model.predict_proba(test)[:, 1].astype("float64")
pyarrow.parquet.write_table(pyarrow.table({"probability": probability}), task["out"] + "/predictions.parquet")
`;
