import { createServer } from "node:http";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, describe, expect, test } from "vitest";
import { startCatalog } from "../../../src/lake/catalog/start.ts";
import { canonical, pathWithin } from "../../../src/lake/storage/address.ts";
import { StorageError } from "../../../src/lake/storage/error.ts";
import { retried, within } from "../../../src/lake/storage/retry.ts";
import { folderStorage, openStorages } from "../../../src/lake/storage/storages.ts";
import type { Storage } from "../../../src/systems/roles.ts";
import { temporaryFolder } from "../../run/temporary.ts";

/** A server that answers everything with that status; gives its address and how often it was asked. */
async function answering(status: number, body = ""): Promise<{ readonly endpoint: string; asked(): number }> {
  let asked = 0;
  const server = createServer((message, response) => {
    asked += 1;
    message.resume().on("end", () => response.writeHead(status, { "content-type": "application/xml" }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system lent no port");
  return { endpoint: `http://127.0.0.1:${address.port}`, asked: () => asked };
}

const s3At = (endpoint: string): Storage => ({
  location: "s3://bucket/lake",
  service: "s3",
  options: {
    bucket: "bucket",
    root: "/lake",
    region: "us-east-1",
    endpoint,
    access_key_id: "an-access-key",
    secret_access_key: "secret-of-the-storage",
    disable_config_load: "true",
    disable_ec2_metadata: "true",
  },
});

describe("addresses", () => {
  test.each([
    ["file:///a/b", "/a/b/c", "c"],
    ["/a/b", "file:/a/b/c/d", "c/d"],
    ["s3://bucket", "s3a://bucket/x", "x"],
    ["gs://bucket/lake", "gcs://bucket/lake/x y%20z", "x y%20z"],
    ["s3://bucket/lake", "s3://bucket/lake", ""],
    ["s3://bucket/lake", "s3://bucket/lake-more/x", undefined],
    ["s3://bucket/lake", "s3://bucket/lake/../x", undefined],
    ["file:///a/b", "file:///a/b/../c", undefined],
    ["s3://bucket", "file:///bucket/x", undefined],
  ])("below %s, %s is %j", (storage, location, path) => {
    expect(pathWithin(storage, location)).toBe(path);
  });

  test("what is no whole address has none", () => {
    expect(canonical("lake/x")).toBeUndefined();
    expect(canonical("s3://")).toBeUndefined();
  });

  test("of two storages, one inside the other, the inner one holds a file", async () => {
    const folder = temporaryFolder();
    const storages = openStorages([
      folderStorage(folder),
      { ...s3At("http://127.0.0.1:1"), location: `${folderStorage(folder).location}/far` },
    ]);
    await storages.write(`file://${folder}/near/x`, "x");
    await expect(storages.copy(`file://${folder}/near/none`, `file://${folder}/near/y`)).rejects.toMatchObject({ fault: "missing" });
    expect(storages.holds(`file://${folder}/far/x`)).toBe(true);
  });
});

describe("what is tried again", () => {
  test("a failure that passes is, one that does not is not", async () => {
    let asked = 0;
    const failing = (fault: "transient" | "refused", times: number) =>
      retried(async (before) => {
        asked = before + 1;
        if (before < times) throw new StorageError(fault, "s3://x", "no");
        return "done";
      });
    expect(await failing("transient", 3)).toBe("done");
    expect(asked).toBe(4);
    await expect(failing("refused", 1)).rejects.toThrow("no");
    expect(asked).toBe(1);
    await expect(within(5, "s3://x", new Promise(() => undefined))).rejects.toMatchObject({ fault: "transient" });
  });

  test("what a busy server refuses is asked for eight times, what it will never do only once", async () => {
    const cases = [
      { status: 403, body: "<Error><Code>AccessDenied</Code></Error>", fault: "refused", times: 1 },
      { status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>", fault: "refused", times: 1 },
      { status: 503, body: "<Error><Code>SlowDown</Code></Error>", fault: "transient", times: 8 },
      { status: 500, body: "", fault: "transient", times: 8 },
      { status: 400, body: "<Error><Code>RequestTimeout</Code></Error>", fault: "transient", times: 8 },
      { status: 409, body: "<Error><Code>ConditionalRequestConflict</Code></Error>", fault: "transient", times: 8 },
      { status: 429, body: "", fault: "transient", times: 8 },
    ];
    const found = await Promise.all(
      cases.map(async ({ status, body }) => {
        const { endpoint, asked } = await answering(status, body);
        const failure: unknown = await openStorages([s3At(endpoint)])
          .write("s3://bucket/lake/x", "x")
          .catch((error: unknown) => error);
        return { status, body, fault: failure instanceof StorageError ? failure.fault : failure, times: asked() };
      }),
    );
    expect(found).toEqual(cases);
  });
});

test("an error holds no secret: neither a key nor a signature in an address", async () => {
  const { endpoint } = await answering(403, "<Error><Code>AuthenticationFailed</Code><Message>sig=secret-of-the-storage</Message></Error>");
  const azure: Storage = {
    location: "azure://lake",
    service: "azblob",
    options: {
      container: "lake",
      endpoint: `${endpoint}/account`,
      account_name: "account",
      sas_token: "sv=2021&sig=secret-of-the-storage",
    },
  };
  for (const storage of [s3At(endpoint), azure]) {
    const failure = await openStorages([storage])
      .read(`${storage.location}/x`)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ fault: "refused" });
    expect(JSON.stringify([String(failure), failure])).not.toContain("secret-of-the-storage");
  }
});

test("a lake that is not there is told before any work, with what to do", async () => {
  const { endpoint } = await answering(404, "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>");
  await expect(startCatalog({ directory: temporaryFolder(), storages: [s3At(endpoint)] })).rejects.toMatchObject({
    problem: { code: "lake-unreachable", what: expect.stringContaining("NoSuchBucket"), fix: expect.stringContaining("bucket") },
  });
});

test("a folder that leads out of its storage is not removed", async () => {
  const [inside, outside] = [temporaryFolder(), temporaryFolder()];
  const storages = openStorages([folderStorage(inside)]);
  await openStorages([folderStorage(outside)]).write(`file://${outside}/kept`, "kept");
  await symlink(outside, join(inside, "link"));
  await expect(storages.removeFolder(`file://${inside}/link`)).rejects.toMatchObject({ fault: "refused" });
  expect(await openStorages([folderStorage(outside)]).list(`file://${outside}`)).toHaveLength(1);
});
