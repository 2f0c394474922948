import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ModelNode, PackagingNode } from "../../src/define/node.ts";
import { packTrained, type Packed } from "../../src/package/pack.ts";
import { operatorsOf, readModel } from "../../src/package/graph.ts";
import type { Fitted } from "../../src/train/trainer.ts";
import { networkData, networkNode, trainedNetwork } from "./network.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 }); // a first run downloads ONNX Runtime's quantiser

let root: string;
let network: { readonly fitted: Fitted; readonly directory: string };
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-pack-"));
  network = await trainedNetwork(root, networkNode());
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface PackedNetwork extends Packed<Fitted> {
  readonly directory: string;
  readonly before: Buffer;
  readonly after: Buffer;
  readonly trained: Fitted;
}

async function pack(packaging: PackagingNode, parts: Partial<ModelNode> = {}): Promise<PackedNetwork> {
  const node = networkNode({ packaging, ...parts });
  const { fitted } = network;
  const directory = mkdtempSync(join(root, "packed-"));
  cpSync(network.directory, directory, { recursive: true });
  const before = readFileSync(join(directory, "model.onnx"));
  const packed = await packTrained(fitted, { node, directory, read: () => networkData(node), signal: new AbortController().signal });
  return { ...packed, directory, before, after: readFileSync(join(directory, "model.onnx")), trained: fitted };
}

const int8 = (maximumLoss: Record<string, number>, ranges: "dynamic" | "static" = "dynamic"): PackagingNode => ({
  optimise: false,
  quantise: { to: "int8", ranges, calibrationRows: 500, maximumLoss },
});

describe("optimising", () => {
  test("keeps to ONNX's own operators, moves no probability, and keeps the trained file beside the served one", async () => {
    const { packaging, fitted, before, after, directory } = await pack({ optimise: true, quantise: null });
    expect(packaging).toMatchObject({
      served: "optimised",
      steps: [{ step: "optimise", accepted: true, measured: { testRows: expect.any(Number) } }],
    });
    expect(packaging?.steps[0]?.by).toMatch(/^onnxruntime \d/);
    expect(packaging?.steps[0]?.measured?.maximumDifference).toBeLessThanOrEqual(1e-5);
    expect(readFileSync(join(directory, "model.trained.onnx")).equals(before)).toBe(true);
    expect(fitted.files).toContain("model.trained.onnx");
    const model = readModel(after, "optimised");
    expect([...operatorsOf(model.graph).keys()].filter((name) => name.startsWith("com."))).toEqual([]);
    expect(model.opsetImport.map(({ domain }) => domain)).toEqual(expect.arrayContaining(["", "ai.onnx.ml"]));
    expect(model.opsetImport).toHaveLength(2);
    expect(model.metadataProps).toEqual([{ key: "made", value: "by a test" }]);
  });

  test("gives the same bytes every time", async () => {
    const [one, two] = [await pack({ optimise: true, quantise: null }), await pack({ optimise: true, quantise: null })];
    expect(one.after.equals(two.after)).toBe(true);
  });
});

describe("quantising to int8", () => {
  test.for(["dynamic", "static"] as const)("with %s ranges is served where the figures stay within the stated loss", async (ranges) => {
    const { packaging, fitted, before, after, trained } = await pack(int8({ auc: 0.02, logLoss: 0.05 }, ranges));
    expect(packaging).toMatchObject({ served: "quantised", steps: [{ step: "quantise", accepted: true }] });
    const [step] = packaging?.steps ?? [];
    expect(after.length).toBeLessThan(before.length / 2);
    expect(step?.measured?.bytes).toEqual({ before: before.length, after: after.length });
    expect(Object.keys(step?.measured?.latency.after ?? {})).toEqual(["1", "64"]);
    const auc = step?.measured?.figures.find(({ metric }) => metric === "auc");
    expect(auc).toMatchObject({ before: trained.metrics.auc, after: fitted.metrics.auc, maximumLoss: 0.02 });
    // What is registered, and what the gate judges, are the figures of the file that is served.
    expect(fitted.metrics.logLoss).not.toBe(trained.metrics.logLoss);
    const operators = operatorsOf(readModel(after, ranges).graph);
    expect(operators.has(ranges === "dynamic" ? "MatMulInteger" : "QuantizeLinear")).toBe(true);
  });

  test("is not served where a figure loses more than is stated, and the version says which", async () => {
    const { packaging, fitted, before, after, trained } = await pack(int8({ auc: 0.5, logLoss: 0 }));
    const [step] = packaging?.steps ?? [];
    // A rounding of all weights may also happen to help: then there is nothing to refuse, and the test's network is to be changed.
    expect(step?.measured?.figures.find(({ metric }) => metric === "logLoss")?.loss).toBeGreaterThan(0);
    expect(packaging).toMatchObject({
      served: "trained",
      steps: [{ accepted: false, reason: expect.stringMatching(/^logLoss loses [\d.e-]+, more than 0$/) }],
    });
    expect(after.equals(before)).toBe(true);
    expect(fitted.metrics).toEqual(trained.metrics);
    expect(fitted.files).not.toContain("model.trained.onnx");
  });

  test("is not served where the file would grow", async () => {
    const node = networkNode({ packaging: int8({ auc: 0.5 }) });
    const { fitted, directory } = await trainedNetwork(root, node, 2);
    const { packaging } = await packTrained(fitted, {
      node,
      directory,
      read: () => networkData(node),
      signal: new AbortController().signal,
    });
    expect(packaging).toMatchObject({
      served: "trained",
      steps: [{ accepted: false, reason: expect.stringMatching(/^the file would not be smaller/) }],
    });
  });

  test("follows optimising, and both are told", async () => {
    const { packaging } = await pack({ ...int8({ auc: 0.02 }), optimise: true });
    expect(packaging?.served).toBe("optimised and quantised");
    expect(packaging?.steps.map(({ step, accepted }) => [step, accepted])).toEqual([
      ["optimise", true],
      ["quantise", true],
    ]);
  });
});
