import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { BindingNode } from "../../src/define/node.ts";
import { startCatalog } from "../../src/lake/catalog/start.ts";
import { folderStorage, openStorages, type Storages } from "../../src/lake/storage/storages.ts";
import { lakeOf } from "../../src/run/lakehouse.ts";
import { statePaths } from "../../src/run/state.ts";
import type { Lake } from "../../src/systems/roles.ts";
import { client, createRequest } from "../lake/catalog/client.ts";
import { openShop, outcomes } from "../run/shop.ts";

export interface LakeUnderTest {
  /** As the platform's file binds it. */
  readonly binding: BindingNode;
  /** Variables that the binding refers to. */
  readonly env: Readonly<Record<string, string>>;
  /** What of them must be found nowhere. */
  readonly secrets: readonly string[];
  stop(): Promise<void>;
}

export interface LakeContract {
  /** The system's title, and what stands in for it in the test. */
  readonly name: string;
  /** The service itself refuses to write an existing file. */
  readonly refusesExisting: boolean;
  /** What else must hold of it. */
  readonly more?: (lake: () => Lake) => void;
  start(): Promise<LakeUnderTest>;
}

/** The suite that every system of the role lake passes. */
export function lakeContract(contract: LakeContract): void {
  describe(`${contract.name} as the lake`, () => {
    let directory: string;
    let tested: LakeUnderTest;
    let lake: Lake;
    let storages: Storages;
    let near: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "millwright-lake-"));
      tested = await contract.start();
      Object.assign(process.env, tested.env);
      lake = await lakeOf({ bindings: { lake: tested.binding } }, statePaths(directory, "local"));
      const folder = folderStorage(join(directory, "near"));
      near = folder.location;
      storages = openStorages([...lake.storages, folder]);
    });
    afterAll(async () => {
      for (const name of Object.keys(tested?.env ?? {})) delete process.env[name];
      await tested?.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const at = (path: string): string => `${lake.storages[0].location}/${path}`;

    test("what was written is read, whole and in part, and its size and time are known", async () => {
      const began = Date.now();
      await storages.write(at("one/a.txt"), "content of a", { newFolders: true });
      expect((await storages.read(at("one/a.txt"))).toString()).toBe("content of a");
      expect((await storages.read(at("one/a.txt"), { offset: 8, length: 2 })).toString()).toBe("of");
      const found = await storages.stat(at("one/a.txt"));
      expect(found).toMatchObject({ location: at("one/a.txt"), bytes: 12 });
      // Services tell seconds, and have a clock of their own.
      expect(Math.abs((found?.modified ?? 0) - began)).toBeLessThan(600_000);
      await storages.write(at("one/empty"), "");
      expect((await storages.read(at("one/empty"))).length).toBe(0);
    });

    test(`an existing file is refused${contract.refusesExisting ? "" : ", as far as looking before writing can"}`, async () => {
      await storages.write(at("two/a"), "first", { newFolders: true });
      if (contract.refusesExisting) {
        await expect(storages.write(at("two/a"), "second")).rejects.toMatchObject({ fault: "exists" });
        expect((await storages.read(at("two/a"))).toString()).toBe("first");
      }
    });

    test("what is not there is missing, and removing it is fine", async () => {
      await expect(storages.read(at("three/none"))).rejects.toMatchObject({ fault: "missing" });
      await expect(storages.settle([at("three/none")])).rejects.toMatchObject({ fault: "missing" });
      expect(await storages.stat(at("three/none"))).toBeNull();
      expect(await storages.list(at("three"))).toEqual([]);
      await storages.remove(at("three/none"));
      await storages.removeFolder(at("three"));
    });

    test("a folder's files are listed with all below it, and go with it; a neighbour with a longer name stays", async () => {
      const files = ["four/a", "four/deep/c", "four/deep/er/b", "four-more/d"];
      await Promise.all(files.map((file) => storages.write(at(file), file, { newFolders: true })));
      const listed = await storages.list(at("four"));
      expect(listed.map(({ location, bytes }) => [location, bytes]).toSorted()).toEqual(
        files.slice(0, 3).map((file) => [at(file), file.length]),
      );
      await storages.remove(at("four/a"));
      expect(await storages.list(at("four"))).toHaveLength(2);
      await storages.removeFolder(at("four"));
      expect(await storages.list(at("four"))).toEqual([]);
      expect(await storages.list(at("four-more"))).toHaveLength(1);
      expect((await storages.list(at("").slice(0, -1))).map(({ location }) => location)).toContain(at("four-more/d"));
    });

    test("files go from storage to storage and inside one, larger than a part, and again after an interruption", async () => {
      const content = randomBytes(17 * 1024 * 1024);
      await storages.write(`${near}/five/large`, content, { newFolders: true });
      await storages.move(`${near}/five/large`, at("five/large"));
      expect(await storages.stat(`${near}/five/large`)).toBeNull();
      expect((await storages.read(at("five/large"))).equals(content)).toBe(true);
      await storages.copy(at("five/large"), at("five/again"));
      await storages.copy(at("five/large"), at("five/again"));
      await storages.move(at("five/again"), `${near}/five/back`);
      expect((await storages.read(`${near}/five/back`)).equals(content)).toBe(true);
      // As a move that was killed between its two steps leaves it.
      await storages.copy(`${near}/five/back`, at("five/back"));
      await storages.move(`${near}/five/back`, at("five/back"));
      expect((await storages.list(at("five"))).map(({ location }) => location).toSorted()).toEqual([at("five/back"), at("five/large")]);
    });

    test("an address outside of it is refused, and so is the whole of it", async () => {
      expect(storages.holds(at("x"))).toBe(true);
      for (const elsewhere of [at("../x"), `${lake.storages[0].location}-more/x`, "s3://another-bucket/x"]) {
        expect(storages.holds(elsewhere)).toBe(false);
        await expect((async () => storages.write(elsewhere, "x"))()).rejects.toMatchObject({ fault: "refused" });
      }
      await expect(storages.removeFolder(lake.storages[0].location)).rejects.toMatchObject({ fault: "refused" });
    });

    test("the catalog keeps its metadata there: created, committed, read by the next process, purged", async () => {
      const state = join(directory, "catalog");
      const names = (files: readonly { readonly location: string }[]) => files.map(({ location }) => location.replace(/^.*\//, ""));
      const first = await startCatalog({ directory: state, storages: lake.storages });
      let location: string;
      try {
        const call = client(first);
        expect((await call("POST", "namespaces", { namespace: ["ns"] })).status).toBe(200);
        const created = await call("POST", "namespaces/ns/tables", createRequest("t"));
        expect(created.status).toBe(200);
        location = String(created.body["metadata-location"]).replace(/\/metadata\/.*$/, "");
        expect(location.startsWith(at("ns/t-"))).toBe(true);
        const outside = await call("POST", "namespaces/ns/tables", {
          ...createRequest("o"),
          location: `${lake.storages[0].location}-more/o`,
        });
        expect(outside.status).toBe(403);
        for (const position of ["1", "2"]) {
          const commit = { action: "set-properties", updates: { "millwright.snapshot.position": position, "millwright.write": "replace" } };
          expect((await call("POST", "namespaces/ns/tables/t", { requirements: [], updates: [commit] })).status).toBe(200);
        }
        // Three versions of the metadata, and a manifest list for each of the two snapshots.
        const stored = names(await storages.list(location));
        expect(stored.filter((name) => /^0000[012]-.*\.metadata\.json$/.test(name))).toHaveLength(3);
        expect(stored.filter((name) => /^snap-.*\.avro$/.test(name))).toHaveLength(2);
      } finally {
        await first.stop();
      }
      const second = await startCatalog({ directory: state, storages: lake.storages });
      try {
        const call = client(second);
        expect((await call("GET", "namespaces/ns/tables/t")).text).toContain('"millwright.position":"2"');
        expect((await call("DELETE", "namespaces/ns/tables/t?purgeRequested=true")).status).toBe(204);
        expect(await storages.list(location)).toEqual([]);
      } finally {
        await second.stop();
      }
    });

    test(
      "a small platform runs on it by DuckDB, or is told that it needs another engine; no secret stands anywhere",
      { timeout: 300_000 },
      async () => {
        const printed: string[] = [];
        const streams = [process.stdout, process.stderr].map((stream) =>
          vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0),
        );
        const shop = openShop({ lake: tested.binding });
        const ran: unknown[] = [];
        try {
          if (lake.duckdb === null) {
            const refused = await shop.run();
            ran.push(refused);
            expect(refused.outcome).toBe("failed");
            expect(JSON.stringify(refused.results)).toContain("DuckDB cannot read or write");
          } else {
            const first = await shop.run();
            expect(first.results.filter(({ outcome }) => outcome !== "created")).toEqual([]);
            expect(shop.heads().get("orders")?.metadataLocation).toMatch(lake.storages[0].location);
            expect(await shop.ask("SELECT * FROM sales ORDER BY country")).toEqual(sales(24.25));
            expect(await shop.ask("SELECT count(*) AS n FROM orders_clean_quarantine")).toEqual([{ n: 1 }]);
            expect((await shop.run()).outcomes).toEqual(outcomes("unchanged"));
            // Merged by key into the source's table, replaced in what is built.
            shop.source("UPDATE orders SET amount = 10, at = '2026-01-08T00:00:00Z' WHERE id = 2");
            const changed = await shop.run();
            expect(changed.outcome).toBe("succeeded");
            expect(await shop.ask("SELECT amount FROM orders WHERE id = 2")).toEqual([{ amount: 10 }]);
            expect(await shop.ask("SELECT * FROM lake.shop.sales ORDER BY country")).toEqual(sales(26.25));
            // The journal is told anew from the tables' own history, wherever that lies.
            const commits = shop.events({ type: "asset.committed" }).length;
            for (const suffix of ["", "-wal", "-shm"]) await rm(`${statePaths(shop.directory, "local").journal}${suffix}`, { force: true });
            ran.push(first, changed, await shop.run());
            expect(shop.events({ type: "asset.committed" })).toHaveLength(commits);
          }
        } finally {
          for (const stream of streams) stream.mockRestore();
        }
        const texts = [...printed, JSON.stringify(ran), ...(await contentsBelow(shop.directory))];
        expect(texts.length).toBeGreaterThan(5);
        for (const secret of tested.secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
      },
    );

    contract.more?.(() => lake);
  });
}

function sales(german: number): readonly object[] {
  return [
    { country: "DE", orders: 2, amount: german },
    { country: "GB", orders: 2, amount: 32.5 },
  ];
}

async function contentsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")));
}
