import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startInference } from "../../src/serve/server.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { modelFolder, smallModel } from "./model.ts";

test("tritonclient of PyPI finds health, metadata, configuration, statistics and index, and gets the answers of ONNX Runtime in Python", async () => {
  const environment = await pythonEnvironment(["tritonclient[http]==2.73.0", "onnxruntime==1.32.0", "prometheus_client==0.26.0"]);
  const folder = await modelFolder();
  const file = await folder.write("3.onnx", smallModel());
  const server = await startInference({ models: [{ name: "delay", version: "3", file }] });
  try {
    const script = fileURLToPath(new URL("ask-as-triton.py", import.meta.url));
    const { code, stdout, stderr } = await environment.run([script, server.url.replace("http://", ""), "delay", file]);
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      live: true,
      ready: true,
      model_ready: true,
      version_ready: true,
      unknown_ready: false,
      server: { name: "millwright" },
      metadata: { name: "delay", versions: ["3"] },
      configuration: { name: "delay", max_batch_size: 64 },
      index: [{ name: "delay", version: "3", state: "READY" }],
      id: "from triton",
      statistics: { model_stats: [{ name: "delay", version: "3", inference_count: 6 * 37 }] },
      unknown_model: ["404", 'there is no model "none"; served are delay'],
      unknown_version: ["404", expect.stringContaining('there is no version "9"')],
      compressed: ["415", expect.stringContaining("gzip")],
    });
    for (const way of ["json", "binary_in", "binary_both", "binary_default", "version"]) expect(found[way], way).toBeLessThanOrEqual(1e-6);
    expect(found.metrics).toEqual(
      expect.arrayContaining(["millwright_inference_requests", "millwright_inference_request_seconds", "millwright_inference_model_info"]),
    );
  } finally {
    await server.stop();
    await folder.remove();
  }
}, 300_000);
