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
import { expectedProbability, smallModel } from "../serve/model.ts";
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
    test("tritonclient of PyPI asks through the router as it asks Triton, with binary tensors and missing values", async () => {
      const { url } = deployed();
      const script = `
import json, sys
import numpy
import tritonclient.http as http
client = http.InferenceServerClient(sys.argv[1].removeprefix("http://"))
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("delay", "2")
columns = {"carrier": ["UA", ""], "distance": [1400.0, float("nan")], "day": [3, 4], "night": [True, False], "temp": [20.0, float("nan")]}
types = {"carrier": ("BYTES", object), "distance": ("FP64", "f8"), "day": ("INT64", "i8"), "night": ("BOOL", "?"), "temp": ("FP32", "f4")}
inputs = []
for name, values in columns.items():
    datatype, kind = types[name]
    tensor = http.InferInput(name, [2, 1], datatype)
    tensor.set_data_from_numpy(numpy.array([[value] for value in values], dtype=kind), binary_data=True)
    inputs.append(tensor)
names = [tensor["name"] for tensor in client.get_model_metadata("delay", "2")["inputs"]]
answer = client.infer("delay", inputs, model_version="2", outputs=[http.InferRequestedOutput("probabilities", binary_data=True)])
print(json.dumps({"names": names, "version": answer.get_response()["model_version"], "probabilities": answer.as_numpy("probabilities")[:, 1].tolist()}))
`;
      const { stdout, stderr } = (await started?.environment.run(["-c", script, url])) ?? { stdout: "", stderr: "" };
      expect(stderr).toBe("");
      const said: { readonly names: readonly string[]; readonly version: string; readonly probabilities: readonly number[] } =
        JSON.parse(stdout);
      expect([said.names, said.version]).toEqual([["carrier", "distance", "day", "night", "temp"], "2"]);
      const rows = [
        { carrier: "UA", distance: 1400, day: 3, night: true, temp: 20 },
        { carrier: null, distance: null, day: 4, night: false, temp: null },
      ];
      rows.forEach((row, index) => {
        expect(said.probabilities[index]).toBeCloseTo(expectedProbability(row, 2), 5);
      });
    });

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
