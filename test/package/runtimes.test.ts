import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { PackagingNode } from "../../src/define/node.ts";
import { buildPackage } from "../../src/package/build.ts";
import { verifyPackage } from "../../src/package/manifest.ts";
import { packTrained } from "../../src/package/pack.ts";
import { onnxPackages } from "../../src/package/packages.ts";
import { openRegistry, type Registry } from "../../src/registry/registry.ts";
import type { ModelVersion } from "../../src/registry/version.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { trainModel } from "../../src/train/train.ts";
import { pythonEnvironment } from "../../src/train/python/environment.ts";
import { examplesQuery, modelNode } from "../train/model-node.ts";
import { networkData, networkNode, registrationOf, trainedNetwork } from "./network.ts";
import { trtexecStandIn } from "./trtexec.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 }); // a first run downloads OpenVINO

let root: string;
let registry: Registry;
const signal = new AbortController().signal;
const where = { file: "platform.ts", line: 7 };
const options = { where, signal };
const versions = new Map<string, ModelVersion>();

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-runtimes-"));
  registry = openRegistry(join(root, "models"));
  const quantised = (ranges: "dynamic" | "static"): PackagingNode => ({
    optimise: false,
    quantise: { to: "int8", ranges, calibrationRows: 500, maximumLoss: { auc: 0.05 } },
  });
  const kinds: Readonly<Record<string, PackagingNode | null>> = { float: null, dynamic: quantised("dynamic"), static: quantised("static") };
  for (const [name, packaging] of Object.entries(kinds)) {
    const node = networkNode({ name, packaging });
    const { fitted, directory } = await trainedNetwork(root, node);
    const packed = await packTrained(fitted, { node, directory, read: () => networkData(node), signal });
    versions.set(name, registry.register(registrationOf(node, packed.fitted, directory)).version);
  }
  versions.set("trees", await trees());
});
afterAll(() => {
  registry.close();
  rmSync(root, { recursive: true, force: true });
});

async function trees(): Promise<ModelVersion> {
  const node = modelNode({ name: "trees" });
  const directory = mkdtempSync(join(root, "trees-"));
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const trained = await trainModel({
      node,
      connection,
      relation: examplesQuery(2000),
      directory,
      signal,
      progress: { report: () => {} },
    });
    return registry.register(registrationOf(node, trained, directory)).version;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const versionOf = (name: string): ModelVersion => {
  const version = versions.get(name);
  if (version === undefined) throw new Error(`no version of ${name}`);
  return version;
};
const folder = (): string => join(mkdtempSync(join(root, "out-")), "package");

describe("for OpenVINO", () => {
  test("a network's core is compiled and gives ONNX Runtime's probabilities; its preparation stays in ONNX", async () => {
    const out = folder();
    const { parts, checks, unproven } = await buildPackage(versionOf("float"), "openvino", out, options);
    expect(parts.map(({ name, runtime, file }) => [name, runtime, file])).toEqual([
      ["preparation", "onnxruntime", "preparation.onnx"],
      ["core", "openvino", "core.xml"],
    ]);
    expect(parts[1]?.inputs).toEqual(parts[0]?.outputs);
    expect(parts[1]?.outputs.map(({ name }) => name)).toEqual(["label", "probabilities"]);
    expect(checks).toMatchObject([{ rows: 1000, from: "profile", tolerance: 1e-5 }]);
    expect(checks[0]?.maximumDifference).toBeLessThanOrEqual(1e-5);
    expect(unproven).toEqual([]);
    for (const name of ["core.xml", "core.bin", "preparation.onnx"]) expect(existsSync(join(out, name))).toBe(true);
    await verifyPackage(out);
  });

  test("one that is quantised stays within a step of its eight-bit numbers", async () => {
    const { checks } = await buildPackage(versionOf("static"), "openvino", folder(), options);
    expect(checks).toMatchObject([{ tolerance: 0.02 }]);
  });

  test("rows that are given take the place of those made from the profile", async () => {
    const node = networkNode();
    const data = await networkData(node);
    const rows = async () => ({ columns: data.features, from: data.trainingRows, to: data.rows, origin: "test rows" }) as const;
    const { checks } = await buildPackage(versionOf("float"), "openvino", folder(), { ...options, rows });
    expect(checks).toMatchObject([{ rows: data.rows - data.trainingRows, from: "test rows" }]);
  });

  test.for(["openvino", "tensorrt"] as const)("trees are refused for %s in plain words, and nothing is left behind", async (kind) => {
    const out = folder();
    const refused = await buildPackage(versionOf("trees"), kind, out, options).catch((error: unknown) => error);
    expect(refused).toMatchObject({ problem: { code: "no-core" } });
    expect(String(refused)).toMatch(/made of TreeEnsembleRegressor \(ai\.onnx\.ml\), which OpenVINO and TensorRT do not support/);
    expect(String(refused)).toMatch(/to fix: serve it with ONNX Runtime \(--for onnx\)/);
    expect(existsSync(out)).toBe(false);
  });
});

describe("for TensorRT", () => {
  test("the engine's build is rendered with its sizes, and said to be unproven", async () => {
    const out = folder();
    const { parts, unproven } = await buildPackage(versionOf("float"), "tensorrt", out, options);
    const columns = parts[1]?.inputs[0]?.shape[1];
    const name = parts[1]?.inputs[0]?.name;
    const script = readFileSync(join(out, "build.sh"), "utf8");
    expect(script).toContain(
      `--minShapes='${name}:1x${columns}' \\\n  --optShapes='${name}:64x${columns}' \\\n  --maxShapes='${name}:1024x${columns}'`,
    );
    expect(script).toMatch(/--stronglyTyped \\\n +--noTF32 \\\n +--timingCacheFile=/);
    expect(unproven).toEqual([expect.stringMatching(/the engine was not built.*sh build\.sh FOLDER && sh check\.sh FOLDER/)]);
    expect(readFileSync(join(out, "prepared.f32")).length).toBe(4 * 1000 * (columns ?? 0));
  });

  test("what dynamic quantisation made is refused, with the kind that would do", async () => {
    await expect(buildPackage(versionOf("dynamic"), "tensorrt", folder(), options)).rejects.toThrow(
      /DynamicQuantizeLinear, MatMulInteger, which TensorRT does not support[\s\S]*ranges: "static"/,
    );
    await expect(buildPackage(versionOf("static"), "tensorrt", folder(), options)).resolves.toMatchObject({ kind: "tensorrt" });
  });

  test("build.sh and check.sh do what they say with a stand-in for trtexec that computes in ONNX Runtime, and tell an engine that differs", async () => {
    const out = folder();
    await buildPackage(versionOf("float"), "tensorrt", out, options);
    const { program } = await pythonEnvironment({ requirements: onnxPackages, where, signal });
    const trtexec = trtexecStandIn(root, program);
    const engine = join(root, "engine");
    const run = (script: string, env: Record<string, string> = {}) =>
      promisify(execFile)("sh", [join(out, script), engine], { env: { ...process.env, TRTEXEC: trtexec, ...env } });
    await run("build.sh");
    expect(existsSync(join(engine, "timing.cache"))).toBe(true);
    const { stdout } = await run("check.sh");
    expect(JSON.parse(stdout)).toMatchObject({ rows: 1000, tolerance: 1e-5 });
    await expect(run("check.sh", { STAND_IN_ERROR: "0.001" })).rejects.toThrow(/the engine differs from ONNX Runtime by 0\.00[01]/);
    // The package itself was not touched.
    await verifyPackage(out);
  });
});
