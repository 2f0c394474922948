import { createHash } from "node:crypto";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Options } from "../../src/systems/roles.ts";
import { embedded } from "../../src/systems/embedded.ts";
import { edgeSettings } from "../../src/systems/embedded/settings.ts";
import { openEdge } from "../../src/serve/edge.ts";
import type { Edge } from "../../src/serve/edge.ts";
import { checkExposure, isLoopback } from "../../src/serve/exposure.ts";
import { createGate } from "../../src/serve/gate.ts";
import { keysFromFile, keysFromText } from "../../src/serve/keys.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { openTls } from "../../src/serve/tls.ts";
import { makeCertificate } from "./certificate.ts";

const longKey = "a-key-of-the-dashboard-123";
const otherKey = "a-key-of-the-batch-job-456";

let folder: string;
let server: InferenceServer | null;
let edge: Edge | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-edge-"));
  [server, edge] = [null, null];
});

afterEach(async () => {
  await server?.stop();
  await edge?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What `up` does with the options of `embedded`. */
async function start(options: Options): Promise<InferenceServer> {
  edge = openEdge(edgeSettings(options, folder), { service: "flights", registry: new Registry(), insecure: false });
  return (server = await startInference({ models: [], ...edge.options }));
}

const ask = (path: string, key?: string): Promise<Response> =>
  fetch(`${server?.url}${path}`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });

describe("keys", () => {
  const keys = `dashboard ${longKey} delay,eta\nbatch sha256:${createHash("sha256").update(otherKey).digest("hex")}`;

  test("without a known one the answer is 401, but whether the server lives everybody may know", async () => {
    await start({ keys });
    const none = await ask("/v2");
    expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="millwright"']);
    expect(await none.json()).toEqual({ error: "a key is needed: send authorization: Bearer KEY" });
    for (const wrong of ["x", `${longKey}x`, longKey.slice(1), createHash("sha256").update(otherKey).digest("hex")]) {
      const reply = await ask("/v2", wrong);
      expect([reply.status, await reply.json()]).toEqual([401, { error: "the key is not known" }]);
    }
    expect((await ask("/v2/health/live")).status).toBe(200);
    expect((await ask("/v2/health/ready")).status).toBe(200);
    expect((await ask("/v2", longKey)).status).toBe(200);
    expect((await ask("/v2", otherKey)).status).toBe(200);
  });

  test("open the endpoints that they name and nothing else; one that names none opens everything", async () => {
    await start({ keys });
    const statuses = async (key: string): Promise<number[]> =>
      Promise.all(
        ["/v2/models/delay", "/v2/models/eta/ready", "/v2/models/fares", "/metrics"].map(async (path) => (await ask(path, key)).status),
      );
    expect(await statuses(longKey)).toEqual([404, 404, 403, 403]);
    expect(await statuses(otherKey)).toEqual([404, 404, 404, 200]);
    expect(await (await ask("/v2/models/fares", longKey)).json()).toEqual({
      error: "the key 'dashboard' may not ask this: \"fares\" is not among its endpoints",
    });
    expect(await (await ask("/metrics", otherKey)).text()).not.toContain(longKey);
  });

  test.each([
    ["nothing", "", "there are no keys"],
    ["a name alone", "dashboard", "in line 1 stand 1 words"],
    ["a short key", "dashboard secret", "in line 1 the key is shorter than 20 characters"],
    ["a hash that is none", `a ${longKey}\nb sha256:12`, "in line 2 the hash is no SHA-256 in hexadecimal"],
    ["a name twice", `a ${longKey};a ${otherKey}`, "in line 2 a name stands a second time"],
  ])("%s is refused, and the complaint does not say the key", (_, text, message) => {
    let thrown: unknown = null;
    try {
      keysFromText(text, "INFERENCE_KEYS");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ problem: { code: "bad-keys", what: expect.stringContaining(message) } });
    expect(String(thrown)).not.toContain(longKey);
  });

  test("in a file are hashes only, and a changed file counts at once", async () => {
    const file = join(folder, "keys");
    const hashed = (key: string): string => `sha256:${createHash("sha256").update(key).digest("hex")}`;
    await writeFile(file, `# who asks\nbatch ${longKey}\n`);
    expect(() => keysFromFile(file)).toThrow(/in line 2 a key stands in the clear/);
    await writeFile(file, `# who asks\nbatch ${hashed(longKey)} delay # nightly\n`);
    const keys = keysFromFile(file, 20);
    try {
      expect(keys.find(longKey)).toMatchObject({ name: "batch", endpoints: new Set(["delay"]) });
      await writeFile(`${file}.new`, `dashboard ${hashed(otherKey)}\n`);
      await rename(`${file}.new`, file);
      await vi.waitFor(() => expect(keys.find(longKey)).toBeNull(), 20_000);
      expect(keys.find(otherKey)).toMatchObject({ name: "dashboard", endpoints: null });
    } finally {
      keys.stop();
    }
  });
});

describe("limits", () => {
  test("a caller that asks too often gets 429 with Retry-After, and others are answered", async () => {
    await start({ keys: `a ${longKey};b ${otherKey}`, limits: { requestsPerSecond: 0.001, burst: 3 } });
    const replies = await Promise.all(Array.from({ length: 5 }, () => ask("/v2", longKey)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
    const refused = replies.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(900);
    expect((await ask("/v2", otherKey)).status).toBe(200);
    expect((await ask("/v2/health/live")).status).toBe(200);
  });

  test("without keys the caller is its address", () => {
    const gate = createGate({ keys: null, requestsPerSecond: 0.001, burst: 1 });
    gate.admit(undefined, "10.0.0.1");
    expect(() => gate.admit(undefined, "10.0.0.1")).toThrow(/more than 0.001 requests a second/);
    expect(gate.admit(undefined, "10.0.0.2")).toEqual({ name: "10.0.0.2", endpoints: null });
  });

  test("headers that are too large get 431, bodies that are 413", async () => {
    await start({ limits: { headerBytes: 2000, requestBytes: 100 } });
    const large = await fetch(`${server?.url}/v2`, { headers: { "x-large": "x".repeat(4000) } });
    expect([large.status, await large.json()]).toEqual([431, { error: "the headers are too large" }]);
  });

  test("connections beyond the limit are closed, and a place that becomes free is given away", async () => {
    const { port } = await start({ limits: { connections: 2 } });
    const open = (): Promise<{
      readonly socket: ReturnType<typeof connect>;
      readonly text: () => string;
      readonly closed: Promise<void>;
    }> =>
      new Promise((resolve, reject) => {
        let text = "";
        const socket = connect(port, "127.0.0.1");
        const closed = new Promise<void>((end) => socket.once("close", () => end()));
        socket.on("error", reject);
        socket.on("data", (chunk) => (text += chunk.toString()));
        socket.once("connect", () => resolve({ socket, text: () => text, closed }));
      });
    const first = await open();
    const second = await open();
    first.socket.write("GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n");
    second.socket.write("GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n");
    await vi.waitFor(() =>
      expect([first.text(), second.text()]).toEqual([expect.stringMatching(/^HTTP\/1.1 200/), expect.stringMatching(/^HTTP\/1.1 200/)]),
    );
    const third = await open();
    await third.closed;
    expect(third.text()).toBe("");
    first.socket.destroy();
    second.socket.destroy();
    await vi.waitFor(async () => expect((await ask("/v2/health/live")).status).toBe(200), 20_000);
  });
});

describe("TLS", () => {
  const authority = makeCertificate("an authority");
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };

  function hello(
    port: number,
    options: ConnectionOptions,
  ): Promise<{ readonly protocol: string | null; readonly subject: string | undefined }> {
    return new Promise((resolve, reject) => {
      const socket: TLSSocket = connectTls(
        { host: "127.0.0.1", port, servername: "localhost", ca: authority.certificate, ...options },
        () => {
          const commonName = socket.getPeerCertificate().subject?.CN;
          resolve({ protocol: socket.getProtocol(), subject: Array.isArray(commonName) ? commonName[0] : commonName });
          socket.end();
        },
      );
      socket.on("error", reject);
    });
  }

  const status = (url: string, options: object): Promise<number> =>
    new Promise((resolve, reject) => {
      get(url, { ca: authority.certificate, agent: false, ...options }, (reply) => {
        reply.resume();
        resolve(reply.statusCode ?? 0);
      }).on("error", reject);
    });

  test("the server shows its certificate, speaks 1.2 and 1.3 and nothing older, and nothing in the clear", async () => {
    const own = makeCertificate("the server", authority);
    await write("server.crt", own.certificate);
    await write("server.key", own.key);
    const { url, port } = await start({ tls: { certificate: "server.crt", key: "server.key" } });
    expect(url).toMatch(/^https:/);
    expect(await status(`${url}/v2/health/live`, {})).toBe(200);
    expect(await hello(port, {})).toEqual({ protocol: "TLSv1.3", subject: "the server" });
    expect(await hello(port, { maxVersion: "TLSv1.2" })).toMatchObject({ protocol: "TLSv1.2" });
    await expect(hello(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow();
    await expect(fetch(url.replace("https", "http"))).rejects.toThrow();
    expect(await status(`${url}/v2/health/live`, {})).toBe(200);
  });

  test("clients without a certificate of the authority are refused where one is asked for", async () => {
    const own = makeCertificate("the server", authority);
    const client = makeCertificate("a client", authority);
    const stranger = makeCertificate("a stranger");
    await write("server.crt", own.certificate);
    await write("server.key", own.key);
    await write("clients.crt", authority.certificate);
    const { url } = await start({
      host: "127.0.0.1",
      tls: { certificate: "server.crt", key: "server.key", clientCertificates: "clients.crt" },
    });
    expect(await status(`${url}/v2`, { cert: client.certificate, key: client.key })).toBe(200);
    await expect(status(`${url}/v2`, {})).rejects.toThrow();
    await expect(status(`${url}/v2`, { cert: stranger.certificate, key: stranger.key })).rejects.toThrow();
  });

  test("a renewed certificate is shown to the next client; one that is no good changes nothing", async () => {
    const [before, after] = [makeCertificate("before", authority), makeCertificate("after", authority)];
    const files = { certificate: await write("server.crt", before.certificate), key: await write("server.key", before.key) };
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", warned);
    const tls = openTls(files, 20);
    server = await startInference({ models: [], tls });
    try {
      const { port } = server;
      expect((await hello(port, {})).subject).toBe("before");
      // The certificate first: for a while it stands beside another one's key.
      await write("server.crt", after.certificate);
      await vi.waitFor(() => expect(warnings.join()).toContain("the certificate stays as it was"), 20_000);
      expect((await hello(port, {})).subject).toBe("before");
      await write("server.key", after.key);
      await vi.waitFor(async () => expect((await hello(port, {})).subject).toBe("after"), 20_000);
    } finally {
      tls.stop();
      process.off("warning", warned);
    }
  });

  test("a certificate that cannot be used is said so", async () => {
    const files = {
      certificate: await write("server.crt", authority.certificate),
      key: await write("server.key", makeCertificate("x").key),
    };
    expect(() => openTls(files)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: "bad-certificate" }) }));
    expect(() => openTls({ ...files, key: join(folder, "none") })).toThrow(/the certificate cannot be used: ENOENT/);
  });
});

describe("other machines", () => {
  const other = { host: "0.0.0.0", asked: false, encrypted: false, insecure: false };

  test.each([
    [{ ...other }, "without a key and without TLS"],
    [{ ...other, asked: true }, "without TLS"],
    [{ ...other, host: "::", encrypted: true }, "without a key"],
    [{ ...other, host: "inference.example" }, "without a key and without TLS"],
  ])("are not served by %j", (exposure, message) => {
    expect(() => checkExposure(exposure)).toThrow(message);
    expect(() => checkExposure(exposure)).toThrow(/embedded\(\{ keys: .*--insecure/);
  });

  test("are served with keys and TLS, or when the user takes it as it is; this machine always is", () => {
    checkExposure({ ...other, asked: true, encrypted: true });
    checkExposure({ ...other, insecure: true });
    for (const host of ["127.0.0.1", "127.8.9.1", "localhost", "::1"]) checkExposure({ ...other, host });
    expect(["127.0.0.1.example", "128.0.0.1", "0.0.0.0", "::"].filter(isLoopback)).toEqual([]);
  });
});

test.each([
  [{ limits: { requestsPerSecond: 0 } }, "the option requestsPerSecond must be a number above 0"],
  [{ traces: { url: "collector:4318", sample: 2 } }, "the option traces.sample must be between 0 and 1"],
  [{ traces: { url: "/v1/traces" } }, "the option traces.url must be an address"],
  [{ tls: { certificate: "a.crt" } }, "the option key must be a text"],
  [{ keys: 7 }, "the option keys must be an object"],
])("the options %j are refused", (options, message) => {
  expect(() => edgeSettings(options, folder)).toThrow(message);
});

test("a secret of embedded stays a reference in the definition", () => {
  const keys = { secret: "env", name: "INFERENCE_KEYS" } as const;
  expect(embedded({ keys, port: 8443 })).toMatchObject({ kind: "binding", system: "embedded", options: { keys, port: 8443 } });
});
