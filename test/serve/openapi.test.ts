import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createGate } from "../../src/serve/gate.ts";
import { keysFromText } from "../../src/serve/keys.ts";
import { startInference } from "../../src/serve/server.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";

const requirements = [
  "openapi-spec-validator==0.9.0",
  "openapi-schema-validator==0.9.0",
  "jsonschema==4.26.0",
  "jsonschema-path==0.5.0",
  "jsonschema-specifications==2025.9.1",
  "lazy-object-proxy==1.13.0",
  "pathable==0.6.0",
  "attrs==26.1.0",
  "PyYAML==6.0.3",
  "referencing==0.37.0",
  "rfc3339-validator==0.1.4",
  "rpds-py==2026.9.1",
  "six==1.17.0",
  "typing_extensions==4.16.0",
  "annotated-types==0.8.0",
  "pydantic==2.14.3",
  "pydantic-settings==2.16.3",
  "pydantic_core==2.50.4",
  "python-dotenv==1.2.4",
  "typing-inspection==0.4.5",
];

const key = "a-key-of-the-document-123";

test("/v2/openapi.json passes openapi-spec-validator of PyPI, and its schemas take what the server takes and gives, and refuse what it refuses", async () => {
  const environment = await pythonEnvironment(requirements);
  const folder = await modelFolder();
  const file = await folder.write("3.onnx", smallModel());
  const server = await startInference({
    models: [
      { name: "delay", version: "3", file },
      { name: "other model", version: "1", file },
    ],
    gate: createGate({ keys: keysFromText(`test ${key}`, "a test"), requestsPerSecond: null }),
  });
  try {
    const headers = { authorization: `Bearer ${key}` };
    const document: { readonly paths: Readonly<Record<string, object>> } = JSON.parse(
      await (await fetch(`${server.url}/v2/openapi.json`, { headers })).text(),
    );
    expect(Object.keys(document.paths)).toEqual([
      "/v2",
      "/v2/health/live",
      "/v2/health/ready",
      "/v2/models/delay",
      "/v2/models/delay/infer",
      "/v2/models/other%20model",
      "/v2/models/other%20model/infer",
    ]);
    // Each path that takes GET answers as the document says.
    for (const [path, methods] of Object.entries(document.paths))
      if ("get" in methods) expect((await fetch(server.url + path, { headers })).status, path).toBe(200);

    const good = (): ReturnType<typeof jsonRequest> => jsonRequest([rowOf(0), rowOf(3)], { id: "mine" });
    const changed = (name: string, change: object): object => {
      const request = good();
      for (const input of request.inputs) if (input["name"] === name) Object.assign(input, change);
      return request;
    };
    const requests: object[] = [
      good(),
      { ...good(), parameters: { timeout: 10_000_000 } },
      { ...good(), outputs: [{ name: "label" }] },
      changed("temp", { data: [null, 3] }),
      changed("temp", { data: ["3", 3] }),
      changed("carrier", { data: [1, "x"] }),
      changed("night", { data: [null, 1] }),
      changed("day", { data: [1.5, 2] }),
      changed("day", { data: [2 ** 60, 2] }),
      changed("temp", { shape: [2, 2] }),
      changed("temp", { shape: [0, 1] }),
      changed("temp", { shape: [2] }),
      changed("temp", { name: "temperature" }),
      changed("temp", { data: null }),
      { ...good(), id: 7 },
      { ...good(), id: "x".repeat(201) },
      { ...good(), outputs: [{ name: "score" }] },
      { ...good(), parameters: { timeout: -1 } },
      { ...good(), inputs: good().inputs.slice(1) },
      { inputs: {} },
      {},
    ];
    const exchanges: [string, unknown, boolean][] = [];
    for (const body of requests) {
      const reply = await fetch(`${server.url}/v2/models/delay/infer`, { method: "POST", headers, body: JSON.stringify(body) });
      exchanges.push(["delay_request", body, reply.status === 200], [reply.ok ? "delay_response" : "Error", await reply.json(), true]);
    }
    expect(exchanges.filter(([name, , fits]) => name === "delay_request" && fits)).toHaveLength(4);
    const script = fileURLToPath(new URL("judge-openapi.py", import.meta.url));
    const { code, stdout, stderr } = await environment.run([script], { input: JSON.stringify({ document, exchanges }) });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual([]);
  } finally {
    await server.stop();
    await folder.remove();
  }
}, 300_000);
