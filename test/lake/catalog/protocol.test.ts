import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localPath } from "../../../src/lake/storage/address.ts";
import { startCatalog, type RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { client, createRequest, snapshotCommit, type Reply } from "./client.ts";
import { temporaryFolder } from "./lake.ts";

describe("the catalog's REST protocol", () => {
  let directory: string;
  let catalog: RunningCatalog;
  let call: ReturnType<typeof client>;
  beforeAll(async () => {
    directory = await temporaryFolder();
    catalog = await startCatalog({ directory });
    call = client(catalog);
    await call("POST", "namespaces", { namespace: ["ns"] });
  });
  afterAll(async () => {
    await catalog.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const metadataFile = (reply: Reply) => localPath(String(reply.body["metadata-location"])) ?? "";

  test("no route answers without the token, and none tells it", async () => {
    for (const path of ["config", "namespaces", "namespaces/ns/tables/t", "nowhere"]) {
      for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Basic ${catalog.token}` }]) {
        const response = await fetch(`${catalog.url}/v1/${path}`, { headers });
        expect([path, response.status]).toEqual([path, 401]);
        expect(await response.text()).not.toContain(catalog.token);
      }
    }
  });

  test("it listens on this machine only", () => {
    expect(catalog.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("malformed requests are refused with what is wrong", async () => {
    const broken = await fetch(`${catalog.url}/v1/namespaces`, {
      method: "POST",
      headers: { authorization: `Bearer ${catalog.token}` },
      body: "{",
    });
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining("the body is no JSON")]);
    expect(await call("POST", "namespaces", { namespace: "ns" })).toMatchObject({
      status: 400,
      body: { error: { message: "Malformed request: namespace must be a list", type: "BadRequestException" } },
    });
    expect(
      await call("POST", "namespaces/ns/tables", { name: "x", schema: { type: "struct", fields: [{ id: 1, name: "a" }] } }),
    ).toMatchObject({ status: 400 });
    expect(await call("GET", "namespaces/%E0%A4%A")).toMatchObject({ status: 400 });
    expect(await call("GET", "nowhere")).toMatchObject({ status: 404 });
    expect(await call("PUT", "namespaces")).toMatchObject({ status: 405 });
  });

  test("a body beyond the limit is refused", async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sending = request(
        `${catalog.url}/v1/namespaces`,
        { method: "POST", headers: { authorization: `Bearer ${catalog.token}` } },
        (response) => {
          resolve(response.statusCode ?? 0);
          sending.destroy();
        },
      );
      sending.on("error", reject);
      const piece = Buffer.alloc(1024 * 1024, 32);
      for (let megabyte = 0; megabyte < 33; megabyte++) sending.write(piece);
      sending.end();
    });
    expect(status).toBe(413);
  });

  test("namespaces nest, are listed by level and page, and must be empty to go", async () => {
    await call("POST", "namespaces", { namespace: ["deep"], properties: { owner: "me" } });
    for (const name of ["a", "b", "c"])
      expect(await call("POST", "namespaces", { namespace: ["deep", name] })).toMatchObject({ status: 200 });
    expect(await call("POST", "namespaces", { namespace: ["no", "parent"] })).toMatchObject({ status: 404 });
    expect((await call("GET", "namespaces?parent=deep")).body["namespaces"]).toEqual([
      ["deep", "a"],
      ["deep", "b"],
      ["deep", "c"],
    ]);
    expect((await call("GET", "namespaces")).body["namespaces"]).toEqual([["deep"], ["ns"]]);
    const first = await call("GET", "namespaces?parent=deep&pageSize=2&pageToken=");
    expect(first.body["namespaces"]).toEqual([
      ["deep", "a"],
      ["deep", "b"],
    ]);
    const second = await call("GET", `namespaces?parent=deep&pageSize=2&pageToken=${String(first.body["next-page-token"])}`);
    expect(second.body).toMatchObject({ namespaces: [["deep", "c"]], "next-page-token": null });
    expect(await call("DELETE", "namespaces/deep")).toMatchObject({ status: 409, body: { error: { type: "NamespaceNotEmptyException" } } });
    expect(await call("POST", "namespaces/deep/properties", { removals: ["owner", "other"], updates: { team: "x" } })).toMatchObject({
      status: 200,
      body: { updated: ["team"], removed: ["owner"], missing: ["other"] },
    });
    expect((await call("GET", "namespaces/deep")).body["properties"]).toEqual({
      team: "x",
      location: expect.stringMatching(/^file:.*\/lake\//),
    });
    expect(await call("POST", "namespaces/deep%1Fa/tables", createRequest("t"))).toMatchObject({ status: 200 });
    expect(await call("HEAD", "namespaces/deep%1Fa/tables/t")).toMatchObject({ status: 204 });
  });

  test("table names are any text, and never lead out of the warehouse", async () => {
    for (const name of ["../../escape", "a b", "ü/ö", "semi;colon", "x.y", "%2e%2e"]) {
      const created = await call("POST", "namespaces/ns/tables", createRequest(name));
      expect(metadataFile(created)).toMatch(new RegExp(`^${join(directory, "lake", "ns")}/[A-Za-z0-9_-]+/metadata/[^/]+$`));
      expect(await call("GET", `namespaces/ns/tables/${encodeURIComponent(name)}`)).toMatchObject({ status: 200, body: created.body });
      expect(await call("DELETE", `namespaces/ns/tables/${encodeURIComponent(name)}`)).toMatchObject({ status: 204 });
    }
  });

  test("locations outside of the warehouse are refused", async () => {
    const outside = join(directory, "outside");
    expect(await call("POST", "namespaces/ns/tables", { ...createRequest("out"), location: `file://${outside}` })).toMatchObject({
      status: 403,
    });
    expect(
      await call("POST", "namespaces/ns/tables", { ...createRequest("out"), location: `file://${directory}/lake/../outside` }),
    ).toMatchObject({ status: 403 });
    await call("POST", "namespaces/ns/tables", createRequest("inside"));
    expect(
      await call("POST", "namespaces/ns/tables/inside", {
        requirements: [],
        updates: [{ action: "set-location", location: `file://${outside}` }],
      }),
    ).toMatchObject({ status: 403 });
    expect(await call("POST", "namespaces/ns/register", { name: "passwords", "metadata-location": "file:///etc/passwd" })).toMatchObject({
      status: 403,
    });
    expect(existsSync(outside)).toBe(false);
  });

  test("64-bit ids survive to the last digit, in metadata, reply and file", async () => {
    await call("POST", "namespaces/ns/tables", createRequest("ids"));
    const id = 9223372036854775807n;
    const committed = await call("POST", "namespaces/ns/tables/ids", snapshotCommit(id, null, 1));
    expect(committed.text).toContain('"current-snapshot-id":9223372036854775807');
    expect(await readFile(metadataFile(committed), "utf8")).toContain('"snapshot-id":9223372036854775807');
    const next = await call("POST", "namespaces/ns/tables/ids", snapshotCommit(9223372036854775806n, id, 2));
    expect(next.status).toBe(200);
    expect(await call("POST", "namespaces/ns/tables/ids", snapshotCommit(1n, id, 3))).toMatchObject({
      status: 409,
      body: { error: { type: "CommitFailedException" } },
    });
  });

  test("a commit that is sent again because its reply was lost succeeds, once", async () => {
    await call("POST", "namespaces/ns/tables", createRequest("repeated"));
    const commit = snapshotCommit(7159834187018030014n, null, 1);
    const first = await call("POST", "namespaces/ns/tables/repeated", commit);
    const second = await call("POST", "namespaces/ns/tables/repeated", commit);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body["metadata-location"]).toBe(first.body["metadata-location"]);
  });

  test("a transaction over two tables changes neither when one of them has moved", async () => {
    for (const name of ["first", "second"]) await call("POST", "namespaces/ns/tables", createRequest(name));
    await call("POST", "namespaces/ns/tables/second", snapshotCommit(50, null, 1));
    const before = await call("GET", "namespaces/ns/tables/first");
    const change = (name: string, id: number) => ({ identifier: { namespace: ["ns"], name }, ...snapshotCommit(id, null, 1) });
    expect(await call("POST", "transactions/commit", { "table-changes": [change("first", 60), change("second", 61)] })).toMatchObject({
      status: 409,
    });
    expect(await call("GET", "namespaces/ns/tables/first")).toEqual(before);
    expect(await call("POST", "transactions/commit", { "table-changes": [change("first", 60), change("first", 61)] })).toMatchObject({
      status: 400,
    });
  });

  test("snapshots=refs leaves out what no branch or tag points at", async () => {
    await call("POST", "namespaces/ns/tables", createRequest("history"));
    await call("POST", "namespaces/ns/tables/history", snapshotCommit(1, null, 1));
    await call("POST", "namespaces/ns/tables/history", snapshotCommit(2, 1, 2));
    expect((await call("GET", "namespaces/ns/tables/history?snapshots=refs")).body["metadata"]).toMatchObject({
      snapshots: [{ "snapshot-id": 2 }],
    });
    expect((await call("GET", "namespaces/ns/tables/history")).body["metadata"]).toMatchObject({
      snapshots: [{ "snapshot-id": 1 }, { "snapshot-id": 2 }],
    });
  });

  test("a drop keeps the files, a purge removes them, but not while another table uses them", async () => {
    const kept = await call("POST", "namespaces/ns/tables", createRequest("dropped"));
    await call("DELETE", "namespaces/ns/tables/dropped");
    expect(existsSync(metadataFile(kept))).toBe(true);
    expect(
      await call("POST", "namespaces/ns/register", { name: "again", "metadata-location": kept.body["metadata-location"] ?? null }),
    ).toMatchObject({ status: 200 });
    await call("POST", "namespaces/ns/register", { name: "twin", "metadata-location": kept.body["metadata-location"] ?? null });
    await call("DELETE", "namespaces/ns/tables/twin?purgeRequested=true");
    expect(existsSync(metadataFile(kept))).toBe(true);
    await call("DELETE", "namespaces/ns/tables/again?purgeRequested=true");
    expect(existsSync(metadataFile(kept))).toBe(false);
    expect(existsSync(join(directory, "lake"))).toBe(true);
  });

  test("a commit's metadata is durable before it is visible: a new process reads the same", async () => {
    await call("POST", "namespaces/ns/tables", createRequest("durable"));
    const committed = await call("POST", "namespaces/ns/tables/durable", snapshotCommit(77, null, 1));
    const other = await startCatalog({ directory, token: "another" });
    try {
      expect((await client(other)("GET", "namespaces/ns/tables/durable")).body).toEqual(committed.body);
      await client(other)("POST", "namespaces/ns/tables/durable", snapshotCommit(78, 77, 2));
    } finally {
      await other.stop();
    }
    expect((await call("GET", "namespaces/ns/tables/durable")).body["metadata"]).toMatchObject({ "current-snapshot-id": 78 });
  });

  test("a metadata file that is no table's is refused", async () => {
    const file = join(directory, "lake", "odd.metadata.json");
    await writeFile(file, '{"format-version": 9}');
    expect(await call("POST", "namespaces/ns/register", { name: "odd", "metadata-location": `file://${file}` })).toMatchObject({
      status: 400,
    });
  });
});

describe("the catalog's process", () => {
  test("ends when it is stopped, and says so when it cannot start", async () => {
    const directory = await temporaryFolder();
    const catalog = await startCatalog({ directory });
    await expect(startCatalog({ directory, port: Number(new URL(catalog.url).port) })).rejects.toThrow(/did not start: .*EADDRINUSE/);
    await catalog.stop();
    expect(isRunning(catalog.pid)).toBe(false);
    await rm(directory, { recursive: true, force: true });
  });

  test("does not outlive a parent that is killed", async () => {
    const directory = await temporaryFolder();
    const start = new URL("../../../src/lake/catalog/start.ts", import.meta.url).href;
    const script = `const { startCatalog } = await import(${JSON.stringify(start)});
      const catalog = await startCatalog({ directory: ${JSON.stringify(directory)} });
      console.log(catalog.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: parent.stdout }), "line");
    const pid = Number(line);
    expect(isRunning(pid)).toBe(true);
    parent.kill("SIGKILL");
    for (let waited = 0; isRunning(pid) && waited < 5_000; waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isRunning(pid)).toBe(false);
    await rm(directory, { recursive: true, force: true });
  });
});

function isRunning(pid: number): boolean {
  try {
    // Where nobody reaps orphans, one that has ended stays in the process table as a zombie.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
