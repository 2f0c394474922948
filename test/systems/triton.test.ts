import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectRole, resolveOptions } from "../../src/run/bind.ts";
import { triton, type TritonOptions } from "../../src/systems/index.ts";
import type { ModelServer } from "../../src/systems/roles.ts";
import { buildGraph } from "../../src/train/onnx/build.ts";
import { encodeModel } from "../../src/train/onnx/proto.ts";
import { codeOf, modelServerContract, packageOf } from "../contracts/model-server.ts";
import { smallModel } from "../serve/model.ts";
import { startTriton, type Triton } from "../servers/triton.ts";

let started: Triton | null = null;

function connect(backend: NonNullable<TritonOptions["backend"]>): Promise<ModelServer> {
  if (started === null) throw new Error("Triton has not been started");
  const { url, repository } = started;
  const binding = triton({ url, repository, backend, maxDelayMicroseconds: 100 });
  return connectRole(binding, "server", (roles) => roles.server)(resolveOptions(binding), { directory: repository });
}

/** Doubles a number: other tensors than those of the small model. */
function doubling(): Uint8Array {
  const graph = buildGraph(["x", "y"]);
  graph.add("Add", ["x", "x"], {}, { output: "y" });
  const tensor = (name: string) => ({ name, type: "float", shape: ["N", 1] }) as const;
  return encodeModel(graph.finish({ name: "doubling", description: "", inputs: [tensor("x")], outputs: [tensor("y")], metadata: {} }));
}

modelServerContract(
  "Triton with its Python backend, behind our router",
  async () => {
    started = await startTriton([]);
    // Triton refuses null in JSON.
    return { connect: () => connect("python"), nulls: false, stop: async () => started?.stop() };
  },
  (deployed) => {
    test("a version with other tensors than those that are served is refused, and those answer as before", async () => {
      const { server, folder } = deployed();
      expect(await codeOf(server.deploy(await packageOf(folder, "delay", "3", doubling())))).toBe("signature-differs");
      expect((await server.versions("delay")).map(({ version, ready }) => [version, ready])).toEqual([
        ["1", true],
        ["2", true],
      ]);
    });

    test("what Triton has lost, as after a restart, is brought again, with its parts", async () => {
      const { server, folder } = deployed();
      const before = await server.versions("delay");
      const lost = await fetch(`${server.address("delay").url}/v2/repository/models/delay/unload`, { method: "POST", body: "{}" });
      expect(lost.status).toBe(200);
      while ((await server.versions("delay")).some(({ ready }) => ready)) await new Promise((resolve) => setTimeout(resolve, 50));
      for (const [version, bias] of [
        ["1", 0],
        ["2", 2],
      ] as const)
        await server.deploy(await packageOf(folder, "delay", version, smallModel({ bias })));
      expect(await server.versions("delay")).toEqual(before);
    });

    test("a model that somebody else has put there is left alone", async () => {
      const { server, folder } = deployed();
      const theirs = join(started?.repository ?? "", "theirs");
      await mkdir(theirs);
      await writeFile(join(theirs, "config.pbtxt"), 'name: "theirs"');
      expect(await codeOf(server.deploy(await packageOf(folder, "theirs", "1", smallModel())))).toBe("model-of-another");
      expect(await readdir(theirs)).toEqual(["config.pbtxt"]);
    });

    test("for the ONNX Runtime backend, which this Triton lacks, it reads the configuration, says so, and nothing is left of the version", async () => {
      const { folder } = deployed();
      const server = await connect("onnxruntime");
      const refused = await server.deploy(await packageOf(folder, "other", "1", smallModel())).then(
        () => "",
        (error: unknown) => String(error),
      );
      expect(refused).toContain("unable to find backend library for backend 'onnxruntime'");
      expect(await server.versions("other")).toEqual([]);
      expect(existsSync(join(started?.repository ?? "", "other"))).toBe(false);
      await server.close();
    });

    test("the configuration follows from the model's signature", async () => {
      expect(await readFile(join(started?.repository ?? "", "delay/config.pbtxt"), "utf8")).toBe(`name: "delay"
backend: "python"
default_model_filename: "model.py"
max_batch_size: 64
version_policy: { specific: { versions: [1, 2] } }
input [
  { name: "carrier" data_type: TYPE_STRING dims: [1] },
  { name: "distance" data_type: TYPE_FP64 dims: [1] },
  { name: "day" data_type: TYPE_INT64 dims: [1] },
  { name: "night" data_type: TYPE_BOOL dims: [1] },
  { name: "temp" data_type: TYPE_FP32 dims: [1] }
]
output [
  { name: "label" data_type: TYPE_INT64 dims: [1] reshape: { shape: [] } },
  { name: "probabilities" data_type: TYPE_FP32 dims: [2] }
]
dynamic_batching { max_queue_delay_microseconds: 100 }
instance_group [ { kind: KIND_CPU count: 1 } ]
`);
    });
  },
);
