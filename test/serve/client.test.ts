import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEndpoint, readSignature } from "../../src/serve/client/description.ts";
import { typescriptClient } from "../../src/serve/client/typescript.ts";
import { createGate } from "../../src/serve/gate.ts";
import { keysFromText } from "../../src/serve/keys.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { answerOf, jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const key = "a-key-of-the-client-12345";

let folder: string;
let models: ModelFolder;
let server: InferenceServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-client-"));
  models = await modelFolder();
  server = await startInference({
    models: [{ name: "flight delay", version: "3", file: await models.write("3.onnx", smallModel({ fragile: true })) }],
    gate: createGate({ keys: keysFromText(`client ${key}`, "a test"), requestsPerSecond: null }),
  });
  const description = describeEndpoint("flight delay", "3", await readSignature(smallModel()), { day: "date" });
  await writeFile(join(folder, "client.ts"), typescriptClient(description));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        lib: ["es2023", "dom"],
        types: [],
        module: "nodenext",
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        noPropertyAccessFromIndexSignature: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
        noImplicitReturns: true,
        isolatedDeclarations: true,
        declaration: true,
        erasableSyntaxOnly: true,
        verbatimModuleSyntax: true,
        allowImportingTsExtensions: true,
        noEmit: true,
      },
      include: ["*.ts"],
    }),
  );
});

afterAll(async () => {
  await server.stop();
  await models.remove();
  await rm(folder, { recursive: true, force: true });
});

const compile = (): Promise<string> =>
  execute(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", ".", "--pretty", "false"], { cwd: folder }).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );

/** Runs a program that uses the client, and gives what it printed. */
async function use(name: string, program: string): Promise<unknown> {
  const file = join(folder, `${name}.ts`);
  await writeFile(file, `import { flightDelayClient, PredictionError } from "./client.ts";\n${program}\nexport { PredictionError };\n`);
  const { stdout } = await execute(process.execPath, ["--no-warnings", file]);
  return JSON.parse(stdout);
}

/** As the client takes it: days are dates. */
const row = (index: number): string => {
  const { day, ...rest } = rowOf(index);
  return `{ ...${JSON.stringify(rest)}, day: new Date(${day * 86_400_000}) }`;
};
const print = (expression: string): string => `console.log(JSON.stringify(${expression}));`;

test("the generated client gives the same answers as raw HTTP, a row or many at once", async () => {
  const rows = Array.from({ length: 12 }, (_, index) => index);
  const raw = await answerOf(
    await fetch(`${server.url}/v2/models/flight%20delay/infer`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(jsonRequest(rows.map(rowOf))),
    }),
  );
  const expected = rows.map((index) => ({
    label: raw.outputs[0]?.data[index],
    probabilities: raw.outputs[1]?.data.slice(index * 2, index * 2 + 2),
  }));
  const got = await use(
    "same",
    `const client = flightDelayClient({ url: "${server.url}/", key: "${key}" });
const all = await client.predictBatch([${rows.map(row).join(", ")}]);
const one = await client.predict(${row(5)}, { id: "mine" });
const [no, yes] = one.probabilities;
${print("{ all, one, sum: no + yes, none: await client.predictBatch([]) }")}`,
  );
  expect(got).toEqual({ all: expected, one: expected[5], sum: expect.closeTo(1, 6), none: [] });
});

test("what the server refuses is a PredictionError with status and reason", async () => {
  const got = await use(
    "errors",
    `const errors: unknown[] = [];
const attempt = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error instanceof PredictionError ? errors.push([error.status, error.message]) : errors.push(String(error)));
const day = new Date(99 * 86_400_000);
const options = { url: "${server.url}", retries: 0 };
await attempt(flightDelayClient({ ...options, key: "${key}" }).predict({ ...${row(1)}, day }));
await attempt(flightDelayClient(options).predict(${row(1)}));
await attempt(flightDelayClient({ ...options, key: "${key}", version: "9" }).predict(${row(1)}));
await attempt(flightDelayClient({ ...options, url: "http://127.0.0.1:1" }).predict(${row(1)}));
await attempt(flightDelayClient({ ...options, key: "${key}" }).predict(${row(1)}, { signal: AbortSignal.abort(new Error("enough")) }));
${print("errors")}`,
  );
  expect(got).toEqual([
    [422, expect.stringContaining("the model cannot evaluate these inputs")],
    [401, "a key is needed: send authorization: Bearer KEY"],
    [404, expect.stringContaining('there is no version "9"')],
    [0, expect.stringContaining("the server cannot be reached")],
    "Error: enough",
  ]);
});

test("429 and 503 are tried again after the time that the server says, and a deadline ends it (server: a stand-in that is busy)", async () => {
  const asked: { readonly at: number; readonly timeout: number }[] = [];
  const busy = createServer((request, response) => {
    asked.push({ at: performance.now(), timeout: Number(request.headers["timeout"]) });
    request.resume();
    if (request.url?.includes("slow") === true) return;
    if (asked.length > 2)
      response.end(
        JSON.stringify({
          outputs: [
            { name: "label", data: [1] },
            { name: "probabilities", data: [null, 1] },
          ],
        }),
      );
    else response.writeHead(asked.length === 1 ? 429 : 503, { "retry-after": "1" }).end('{"error":"busy"}');
  });
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", () => resolve()));
  const address: AddressInfo | string | null = busy.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  try {
    const got = await use(
      "busy",
      `const answered = await flightDelayClient({ url: "${url}", timeoutMilliseconds: 60_000 }).predict(${row(1)});
const late = await flightDelayClient({ url: "${url}/slow", timeoutMilliseconds: 300 }).predict(${row(1)}).catch((error: unknown) => error);
${print("{ label: answered.label, missing: String(answered.probabilities[0]), late: late instanceof PredictionError && late.status }")}`,
    );
    expect(got).toEqual({ label: 1, missing: "NaN", late: 504 });
    expect(asked).toHaveLength(4);
    const [first, second, third, slow] = asked;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect(first?.timeout).toBeGreaterThan(third?.timeout ?? 0);
    expect(slow?.timeout).toBeLessThanOrEqual(300_000);
  } finally {
    busy.closeAllConnections();
    await new Promise((resolve) => busy.close(resolve));
  }
});

test("client and programs compile under every strict option; a wrong feature, and a missing value where there is none, do not", async () => {
  expect(await compile()).toBe("");
  await writeFile(
    join(folder, "wrong.ts"),
    `import { flightDelayClient } from "./client.ts";
const client = flightDelayClient({ url: "x" });
void client.predict({ carrier: "UA", distance: null, day: null, night: null, temp: 1 });
void client.predict({ carrier: "UA", distance: 1, day: 7, night: true, temp: 1 });
void client.predict({ carrier: "UA", distance: 1, day: null, night: true });
`,
  );
  const complaints = await compile();
  await rm(join(folder, "wrong.ts"));
  expect(complaints.match(/^wrong\.ts\(\d+/gm)).toEqual(["wrong.ts(3", "wrong.ts(4", "wrong.ts(5"]);
  expect(complaints).toContain("Type 'null' is not assignable to type 'boolean'");
});

test("names that are no identifiers, and several elements a row, make a client that compiles", async () => {
  const port = (name: string, datatype: "BYTES" | "FP32" | "BOOL" | "UINT8", width: number) => ({
    name,
    datatype,
    shape: width === 1 ? [-1] : [-1, width],
    width,
  });
  const signature = {
    inputs: [port("a-b", "BYTES", 1), port("row", "FP32", 3), port("__proto__", "UINT8", 1), port('"; */ evil(); //', "BOOL", 2)],
    outputs: [port("class name", "BYTES", 1), port("ok", "BOOL", 2)],
  };
  await writeFile(join(folder, "odd.ts"), typescriptClient(describeEndpoint("7 */ wonders\n", "1", signature, { row: "double" })));
  expect(await compile()).toBe("");
});
