import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildPackage } from "../../src/package/build.ts";
import { verifyPackage } from "../../src/package/manifest.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import type { ModelVersion } from "../../src/registry/version.ts";
import { networkNode, registrationOf, trainedNetwork } from "./network.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let root: string;
let version: ModelVersion;
const options = { where: { file: "platform.ts", line: 7 }, signal: new AbortController().signal };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-package-"));
  const node = networkNode();
  const { fitted, directory } = await trainedNetwork(root, node);
  const registry = openRegistry(join(root, "models"));
  ({ version } = registry.register(registrationOf(node, fitted, directory)));
  registry.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (): string => join(mkdtempSync(join(root, "out-")), "package");

describe("a package", () => {
  test("holds the version's file, and its address is the same whenever and wherever it is made", async () => {
    const [one, two] = [folder(), folder()];
    const manifest = await buildPackage(version, "onnx", one, options);
    expect(manifest).toMatchObject({ kind: "onnx", model: "outcome", version: 1, opset: 17, provenance: { content: version.content } });
    expect(manifest.address).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(manifest.files["model.onnx"]).toEqual(version.files["model.onnx"]);
    expect(readFileSync(join(one, "model.onnx")).equals(readFileSync(join(version.directory, "model.onnx")))).toBe(true);
    expect((await buildPackage(version, "onnx", two, options)).address).toBe(manifest.address);
    expect(await verifyPackage(one, manifest.address)).toEqual(manifest);
    // Made again over itself, it stays as it is.
    expect((await buildPackage(version, "onnx", one, options)).address).toBe(manifest.address);
  });

  test.for([
    [
      "one byte of a file is another",
      (at: string) => flip(join(at, "model.onnx"), 100),
      /the package's file model.onnx has the hash [0-9a-f]{64} \(\d+ bytes\), not/,
    ],
    ["a file has grown", (at: string) => appendFileSync(join(at, "model.onnx"), "x"), /the package's file model.onnx has the hash/],
    ["a file is gone", (at: string) => rmSync(join(at, "model.onnx")), /the package's file model.onnx is gone/],
    ["a file came with it", (at: string) => writeFileSync(join(at, "more.onnx"), ""), /the package holds the file more.onnx/],
    [
      "its manifest says another version",
      (at: string) => replace(join(at, "manifest.json"), '"version": 1', '"version": 2'),
      /the manifest of the package was changed/,
    ],
    ["its manifest is cut short", (at: string) => writeFileSync(join(at, "manifest.json"), '{ "format":'), /the manifest cannot be read/],
  ] as const)("is refused with what, where and what to do when %s", async ([, change, words]) => {
    const at = folder();
    await buildPackage(version, "onnx", at, options);
    change(at);
    const refused = await verifyPackage(at).catch((error: unknown) => error);
    expect(refused).toMatchObject({ problem: { code: "package-changed", what: expect.stringMatching(words) } });
    expect(String(refused)).toContain(at);
    expect(String(refused)).toMatch(/to fix: .*make the package again/);
  });

  test("whose manifest was changed together with its address is still not the one that was asked for", async () => {
    const at = folder();
    const { address } = await buildPackage(version, "onnx", at, options);
    await expect(verifyPackage(at, `sha256:${"0".repeat(64)}`)).rejects.toMatchObject({ problem: { code: "package-address" } });
    await expect(verifyPackage(at, address)).resolves.toMatchObject({ address });
  });

  test("is not made of a version whose file was changed", async () => {
    const changed = { ...version, directory: join(root, "changed") };
    cpSync(version.directory, changed.directory, { recursive: true });
    flip(join(changed.directory, "model.onnx"), 50);
    await expect(buildPackage(changed, "onnx", folder(), options)).rejects.toMatchObject({ problem: { code: "model-file-changed" } });
  });

  test("of a model that was trained elsewhere has the signature that its file was found to have, and no other runtime's form", async () => {
    const port = (name: string) => ({ name, datatype: "FP32", shape: [-1, 3], width: 3 }) as const;
    const signature = { inputs: [port("rows")], outputs: [port("scores")] };
    const imported = { system: "mlflow", model: "theirs", reference: "4", version: "4", signature };
    const theirs = { ...version, description: { ...version.description, imported } };
    const { inputs, outputs } = await buildPackage(theirs, "onnx", folder(), options);
    expect([inputs, outputs]).toEqual([
      [{ name: "rows", datatype: "FP32", shape: [-1, 3] }],
      [{ name: "scores", datatype: "FP32", shape: [-1, 3] }],
    ]);
    await expect(buildPackage(theirs, "openvino", folder(), options)).rejects.toMatchObject({ problem: { code: "no-rows" } });
  });

  test("takes no folder that holds something else", async () => {
    const at = folder();
    mkdirSync(at);
    writeFileSync(join(at, "letter.txt"), "keep me");
    await expect(buildPackage(version, "onnx", at, options)).rejects.toMatchObject({ problem: { code: "package-exists" } });
    expect(readFileSync(join(at, "letter.txt"), "utf8")).toBe("keep me");
  });

  test("that is not there is said to be missing", async () => {
    await expect(verifyPackage(join(root, "nowhere"))).rejects.toMatchObject({ problem: { code: "package-missing" } });
  });
});

function flip(file: string, at: number): void {
  const content = readFileSync(file);
  content[at] = (content[at] ?? 0) ^ 1;
  writeFileSync(file, content);
}

function replace(file: string, from: string, to: string): void {
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
}
