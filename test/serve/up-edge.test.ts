import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { env, environment, platform } from "../../src/index.ts";
import { up } from "../../src/run/up.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { embedded, type EmbeddedOptions } from "../../src/systems/index.ts";
import { makeCertificate } from "./certificate.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "millwright-up-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const start = (options: EmbeddedOptions, more: Partial<Parameters<typeof up>[0]> = {}): ReturnType<typeof up> => {
  const definition = platform({ name: "edge", assets: [], environments: { local: environment({ server: embedded(options) }) } });
  return up({
    definition,
    environment: environmentOf(definition, "local"),
    directory,
    signal: new AbortController().signal,
    note: () => undefined,
    ...more,
  });
};

test.each([
  ["another machine is to be served without keys and TLS", { host: "0.0.0.0" }, {}, "exposed"],
  ["the command line says so", {}, { host: "0.0.0.0" }, "exposed"],
  ["the variable of the keys is not set", { keys: env("MILLWRIGHT_TEST_KEYS_UNSET") }, {}, "missing-secret"],
  ["the file of the keys is not there", { keys: { file: "none" } }, {}, "bad-keys"],
  ["the certificate is not there", { tls: { certificate: "none", key: "none" } }, {}, "bad-certificate"],
])("up starts nothing when %s", async (_, options, more, code) => {
  await expect(start(options, more)).rejects.toMatchObject({ problem: { code } });
});

test("up serves as the environment's embedded server says: address, TLS, keys from a file beside the platform, gRPC", async () => {
  const authority = makeCertificate("an authority");
  const own = makeCertificate("the server", authority);
  const key = "a-key-of-whoever-asks-123";
  await writeFile(join(directory, "server.crt"), own.certificate);
  await writeFile(join(directory, "server.key"), own.key);
  await writeFile(join(directory, "inference.keys"), `somebody sha256:${createHash("sha256").update(key).digest("hex")}\n`);
  const running = await start({ tls: { certificate: "server.crt", key: "server.key" }, keys: { file: "inference.keys" }, grpcPort: 0 });
  try {
    const { http, grpc } = running.doors.inference;
    expect([http, grpc]).toEqual([expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/), expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    const status = (headers: Readonly<Record<string, string>>): Promise<number> =>
      new Promise((resolve, reject) => {
        get(`${http}/v2`, { ca: authority.certificate, agent: false, headers }, (reply) => {
          reply.resume();
          resolve(reply.statusCode ?? 0);
        }).on("error", reject);
      });
    expect([await status({}), await status({ authorization: `Bearer ${key}` })]).toEqual([401, 200]);
  } finally {
    await running.stop();
  }
});
