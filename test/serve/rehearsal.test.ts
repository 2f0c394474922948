import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { requestBodies } from "../../src/serve/rehearsal/bodies.ts";
import { rehearse } from "../../src/serve/rehearsal/rehearse.ts";
import type { FeatureProfile } from "../../src/train/profile.ts";
import type { ModelInput } from "../../src/train/onnx/inputs.ts";

const inputs: readonly ModelInput[] = [
  { name: "amount", type: "double", datatype: "FP64" },
  { name: "country", type: "text", datatype: "BYTES" },
  { name: "paid", type: "boolean", datatype: "BOOL" },
  { name: "at", type: "timestamp", datatype: "INT64" },
  { name: "new", type: "double", datatype: "FP64" },
];

const number = (edges: readonly number[]): FeatureProfile["features"][string] => ({
  kind: "number",
  edges,
  counts: edges.map(() => 1),
  missing: 0,
  mean: null,
  minimum: null,
  maximum: null,
});

const profile: FeatureProfile = {
  rows: 100,
  features: {
    amount: number([1, 2, 4, 8]),
    country: {
      kind: "category",
      counts: [
        { category: "DE", rows: 75 },
        { category: "GB", rows: 25 },
      ],
      other: 0,
    },
    paid: {
      kind: "category",
      counts: [
        { category: "true", rows: 50 },
        { category: "false", rows: 50 },
      ],
      other: 0,
    },
    at: number([1e15 + 0.5]),
  },
};

interface Body {
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly unknown[];
  }[];
}

test("requests are rows such as the profile tells of, the same every time", () => {
  const bodies = requestBodies(inputs, profile);
  expect(requestBodies(inputs, profile)).toEqual(bodies);
  const rows = bodies.map((text) => {
    const body: Body = JSON.parse(text);
    expect(body.inputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual(
      inputs.map(({ name, datatype }) => [name, datatype, [1, 1]]),
    );
    return Object.fromEntries(body.inputs.map(({ name, data }) => [name, data[0]]));
  });
  const values = (name: string) => [...new Set(rows.map((row) => row[name]))];
  expect(values("amount").toSorted()).toEqual([1, 2, 4, 8]);
  expect(values("country").toSorted()).toEqual(["DE", "GB"]);
  expect(values("paid").toSorted()).toEqual([false, true]);
  // INT64 is whole; a feature without a profile is 0.
  expect([values("at"), values("new")]).toEqual([[1e15 + 1], [0]]);
  expect(rows.filter((row) => row["country"] === "DE").length).toBeGreaterThan(rows.length / 2);
});

/** A server that is none: each request gets this answer. */
async function answering(status: number): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status, { "content-length": 2 }).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  onTestFinished(() => server.closeAllConnections());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

function version(): Parameters<typeof rehearse>[2] {
  const directory = mkdtempSync(join(tmpdir(), "millwright-rehearsal-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const text = JSON.stringify(profile);
  writeFileSync(join(directory, "profile.json"), text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { model: "late", version: 1, directory, files: { "profile.json": { sha256, bytes: text.length } }, description: { inputs } };
}

test("a rehearsal tells latency and rate of what answers", async () => {
  const told = await rehearse(await answering(200), "late", version());
  if (told === null) throw new Error("nothing was measured");
  expect(told.requests).toBeGreaterThan(0);
  expect(told.p50).toBeGreaterThan(0);
  expect(told.p99).toBeGreaterThanOrEqual(told.p50);
  expect(told.rate).toBeGreaterThan(0);
  expect([told.connections, told.cores > 0]).toEqual([16, true]);
}, 60_000);

test("a server that refuses a request ends the rehearsal with its answer", async () => {
  await expect(rehearse(await answering(422), "late", version())).rejects.toThrow(/no answer: HTTP\/1\.1 422/);
}, 60_000);

test("a model whose rows nobody here knows is not rehearsed", async () => {
  expect(await rehearse("http://127.0.0.1:9", "late", { ...version(), files: {} })).toBeNull();
});
