import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MillwrightError } from "../../../src/error.ts";
import { readHead, readHistory } from "../../../src/lake/catalog/heads.ts";
import { startCatalog, type RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { folderStorage } from "../../../src/lake/storage/storages.ts";
import { connect, openDuckDB } from "../../../src/systems/duckdb/connection.ts";
import type { OutsideCatalog } from "../../../src/systems/roles.ts";
import { startIcebergRest, type OutsideServer } from "../../servers/iceberg-rest.ts";
import { client, createRequest } from "../catalog/client.ts";
import { attach, properties, rows, transaction } from "../catalog/lake.ts";
import { letThrough, openFront, type Front, type Passing } from "./front.ts";

const none: OutsideCatalog["authorization"] = { kind: "none" };
const isCommit = ({ method, url }: { readonly method: string; readonly url: string }) =>
  method === "POST" && /\/tables\/|transactions\/commit/.test(url);

describe("the gateway to a catalog of others", { timeout: 120_000 }, () => {
  let folder: string;
  let server: OutsideServer;
  let front: Front;
  let catalog: RunningCatalog;
  let connection: DuckDBConnection;
  let close: () => void;
  const opened = (authorization: OutsideCatalog["authorization"] = none, state = "state") =>
    startCatalog({
      directory: join(folder, state),
      storages: [folderStorage(join(folder, "warehouse"))],
      outside: { url: front.url, warehouse: null, authorization, headers: { "x-realm": "mill" } },
      namespace: "ns",
    });
  const ids = () => readHistory(join(folder, "state"), "ns", "t").map(({ id }) => id);
  const commits = () => front.seen.filter(isCommit).length;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millwright-gateway-"));
    server = await startIcebergRest({ warehouse: `file://${join(folder, "warehouse")}` });
    front = await openFront(server.url);
  }, 300_000);
  afterAll(async () => {
    await front?.stop();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    front.keeper = letThrough;
    catalog = await opened();
    const instance = await openDuckDB();
    connection = await connect(instance);
    close = () => {
      connection.closeSync();
      instance.closeSync();
    };
    await attach(connection, catalog);
    await connection.run("CREATE SCHEMA IF NOT EXISTS lake.ns");
    await connection.run("DROP TABLE IF EXISTS lake.ns.t");
    await connection.run("CREATE TABLE lake.ns.t AS SELECT 1 AS id");
  }, 60_000);
  afterEach(async () => {
    front.keeper = letThrough;
    close();
    await catalog.stop();
  });

  test("keeps the head of each table that is made, changed, renamed or dropped, and of one that others change when it is told to look", async () => {
    const head = (table: string) => readHead(join(folder, "state"), "ns", table);
    expect(head("t")?.summary["added-records"]).toBe("1");
    await connection.run("INSERT INTO lake.ns.t VALUES (2)");
    expect(head("t")?.summary["total-records"]).toBe("2");
    const outside = client({ url: server.url, token: "any" });
    await outside("POST", "namespaces/ns/tables", createRequest("theirs"));
    expect(head("theirs")).toBeNull();
    await catalog.sync("ns", null);
    expect(head("theirs")?.schema.map(({ name }) => name)).toEqual(["id", "name"]);
    const inside = client(catalog);
    await inside("POST", "tables/rename", {
      source: { namespace: ["ns"], name: "theirs" },
      destination: { namespace: ["ns"], name: "ours" },
    });
    expect([head("theirs"), head("ours")?.table]).toEqual([null, "ours"]);
    await outside("DELETE", "namespaces/ns/tables/ours");
    await catalog.sync("ns", ["ours"]);
    expect(head("ours")).toBeNull();
    await connection.run("DROP TABLE lake.ns.t");
    expect(head("t")).toBeNull();
  });

  test("carries annotations into the snapshot's summary, and lets a commit replace everything", async () => {
    await transaction(
      connection,
      "INSERT INTO lake.ns.t VALUES (5)",
      properties("lake.ns.t", { "millwright.snapshot.run": "r1", "millwright.write": "replace" }),
    );
    await connection.run(properties("lake.ns.t", { "millwright.snapshot.run": "r2" }));
    const history = readHistory(join(folder, "state"), "ns", "t");
    expect(history.map(({ summary }) => summary["millwright.run"])).toEqual([undefined, "r1", "r2"]);
    expect(history.at(-1)?.summary["total-records"]).toBe("1");
    expect(await rows(connection, "SELECT id FROM lake.ns.t")).toEqual([[5]]);
    expect((await client({ url: server.url, token: "any" })("GET", "namespaces/ns/tables/t")).text).not.toContain("millwright.snapshot");
  });

  test.each([
    ["the connection breaks", (passing: Passing) => passing.cut()],
    ["a proxy says 504", (passing: Passing) => passing.answer(504, {})],
    ["a proxy says 500", (passing: Passing) => passing.answer(500, { error: { message: "no", type: "Any", code: 500 } })],
  ])("a commit that was made though %s is found to have been made, and sent once", async (_, fault) => {
    const before = commits();
    front.keeper = async (passing) => {
      if (!isCommit(passing)) return letThrough(passing);
      expect(await passing.pass()).toBeLessThan(300);
      fault(passing);
    };
    await connection.run("INSERT INTO lake.ns.t VALUES (2)");
    front.keeper = letThrough;
    expect(commits() - before).toBe(1);
    expect(ids()).toHaveLength(2);
    expect(await rows(connection, "SELECT count(*) FROM lake.ns.t")).toEqual([["2"]]);
  });

  test("a commit of which nobody knows is told so and not sent again; when it comes through later it stands once", async () => {
    const before = commits();
    let late: Promise<number> | null = null;
    const { promise: go, resolve: release } = Promise.withResolvers<void>();
    front.keeper = async (passing) => {
      if (!isCommit(passing)) return letThrough(passing);
      late = go.then(() => passing.pass());
      passing.cut();
    };
    await expect(connection.run("INSERT INTO lake.ns.t VALUES (2)")).rejects.toThrow(/502|BadGateway/);
    expect(commits() - before).toBe(1);
    expect(ids()).toHaveLength(1);
    front.keeper = letThrough;
    release();
    expect(await late).toBeLessThan(300);
    expect(await rows(connection, "SELECT count(*) FROM lake.ns.t")).toEqual([["2"]]);
    // Reading it was enough to see it.
    expect(ids()).toHaveLength(2);
  });

  test("reads are repeated while they fail in a way that passes", async () => {
    let failures = 0;
    front.keeper = async (passing) => {
      if (passing.method !== "GET" || failures >= 3) return letThrough(passing);
      failures += 1;
      if (failures === 1) passing.cut();
      else passing.answer(503, {});
    };
    expect((await client(catalog)("GET", "namespaces/ns/tables/t")).status).toBe(200);
    expect(failures).toBe(3);
  });

  test("renews a token that is refused, and never says the credential", async () => {
    let given = 0;
    let current = "";
    const keeper = async (passing: Passing): Promise<void> => {
      if (passing.url === "/v1/oauth/tokens") {
        const asked = new URLSearchParams(passing.body);
        if (asked.get("client_secret") !== "of:all") return passing.answer(401, {});
        current = `token-${(given += 1)}-${asked.get("scope")}`;
        return passing.answer(200, { access_token: current, token_type: "bearer", expires_in: 3600 });
      }
      if (passing.authorization === `Bearer ${current}`) return letThrough(passing);
      return passing.answer(401, { error: { message: "who are you?", type: "NotAuthorizedException", code: 401 } });
    };
    front.keeper = keeper;
    const authorization = { kind: "oauth2", url: `${front.url}/v1/oauth/tokens`, credential: "mill:of:all", scope: "catalog" } as const;
    const authorized = await opened(authorization, "authorized");
    try {
      const ask = client(authorized);
      expect((await ask("GET", "namespaces/ns/tables/t")).status).toBe(200);
      current = "revoked";
      const answers = await Promise.all(["t", "t", "none"].map((table) => ask("GET", `namespaces/ns/tables/${table}`)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
      expect(given).toBeGreaterThan(1);
    } finally {
      await authorized.stop();
    }
    const refused = await opened({ ...authorization, credential: "mill:wrong-secret" }, "refused").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MillwrightError);
    expect(String(refused)).toContain("401");
    expect(String(refused)).not.toContain("wrong-secret");
  });

  test("says what is wrong when it does not answer or does not let us in", async () => {
    front.keeper = async (passing) => passing.answer(403, { error: { message: "not you", type: "ForbiddenException", code: 403 } });
    await expect(opened(none, "other")).rejects.toThrow(/answered 403: not you/);
    front.keeper = async (passing) => passing.cut();
    await expect(opened(none, "other")).rejects.toThrow(/does not answer/);
  });
});
