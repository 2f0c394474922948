import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EnvironmentNode } from "../../../src/define/node.ts";
import { env } from "../../../src/index.ts";
import { catalogClient } from "../../../src/lake/maintain/client.ts";
import { contentReader } from "../../../src/lake/maintain/content.ts";
import { pathSet, referencedFiles } from "../../../src/lake/maintain/reach.ts";
import { openQuery } from "../../../src/query/query.ts";
import { folderStorage, openStorages, type Storages } from "../../../src/lake/storage/storages.ts";
import { openLakehouse } from "../../../src/run/lakehouse.ts";
import { statePaths } from "../../../src/run/state.ts";
import { s3 } from "../../../src/systems/index.ts";
import type { Storage } from "../../../src/systems/roles.ts";
import { temporaryFolder } from "../../run/temporary.ts";
import { openShop, outcomes, type Shop } from "../../run/shop.ts";
import { startProxy, treatments, type Proxied, type Proxy, type Treatment } from "../../servers/proxy.ts";
import { startS3, type S3 } from "../../servers/s3.ts";
import { randomNumbers } from "../../../src/random.ts";

/** One request in five comes to grief. */
const share = 0.2;
const faults = treatments.filter((treatment) => treatment !== "pass");

describe("a storage that fails at one request in five (moto stands in for S3, behind a proxy)", () => {
  let server: S3;
  let proxy: Proxy;
  let longSilences = 3;
  beforeAll(async () => {
    server = await startS3();
    const random = randomNumbers(20_261_122);
    proxy = await startProxy(
      server.endpoint,
      () => (random() < share ? (faults[Math.floor(random() * faults.length)] ?? "lost") : "pass"),
      // A few outlast what our own requests are given, which name no program; DuckDB would wait for half a minute.
      { silence: ({ headers }: Proxied) => (headers["user-agent"] === undefined && longSilences-- > 0 ? 60_000 : 300) },
    );
    process.env["TEST_FAULTS_KEY"] = server.accessKey;
    process.env["TEST_FAULTS_SECRET"] = server.secretKey;
  });
  afterAll(async () => {
    delete process.env["TEST_FAULTS_KEY"];
    delete process.env["TEST_FAULTS_SECRET"];
    await proxy?.stop();
    await server?.stop();
  });

  const storageOf = (bucket: string, endpoint: string): Storage => ({
    location: `s3://${bucket}`,
    service: "s3",
    options: {
      bucket,
      region: server.region,
      endpoint,
      access_key_id: server.accessKey,
      secret_access_key: server.secretKey,
      disable_config_load: "true",
      disable_ec2_metadata: "true",
    },
  });
  /** The same bucket without faults, to look what is there. */
  const calm = (bucket: string): Storages => openStorages([storageOf(bucket, server.endpoint)]);

  test("every file is written once and whole, moved, listed and removed; another's file is never overwritten", async () => {
    const bucket = await server.bucket("faulty-files");
    const storages = openStorages([storageOf(bucket, proxy.endpoint)]);
    const at = (index: number) => `s3://${bucket}/files/${index}`;
    const content = (index: number) => `${index} `.repeat(2_000);
    const indices = Array.from({ length: 60 }, (_, index) => index);
    await Promise.all(indices.map((index) => storages.write(at(index), content(index))));
    expect(await storages.list(`s3://${bucket}`)).toHaveLength(indices.length);
    for (const index of indices) expect((await calm(bucket).read(at(index))).toString()).toBe(content(index));
    expect((await Promise.all(indices.map((index) => storages.read(at(index))))).map(String)).toEqual(indices.map(content));
    // The same length and another content: only a repetition of one's own write may take what is there for its own.
    const others = await Promise.allSettled(
      indices.slice(0, 20).map((index) => storages.write(at(index), content(index).replaceAll(" ", "_"))),
    );
    expect(others.map((result) => (result.status === "rejected" ? result.reason.fault : "written"))).toEqual(others.map(() => "exists"));
    await Promise.all(indices.slice(0, 20).map((index) => storages.move(at(index), `s3://${bucket}/moved/${index}`)));
    // In parts, between storages; any of the parts may fail.
    const folder = folderStorage(temporaryFolder());
    const large = "0123456789abcdef".repeat(2 ** 20);
    await openStorages([folder]).write(`${folder.location}/large`, large);
    await openStorages([folder, storageOf(bucket, proxy.endpoint)]).move(`${folder.location}/large`, `s3://${bucket}/files/large`);
    expect((await calm(bucket).read(`s3://${bucket}/files/large`)).equals(Buffer.from(large))).toBe(true);
    expect((await storages.read(`s3://${bucket}/moved/7`)).toString()).toBe(content(7));
    await storages.removeFolder(`s3://${bucket}/files`);
    expect(await calm(bucket).list(`s3://${bucket}`)).toHaveLength(20);
  });

  test("a platform's runs lose and double nothing, and what is left over is what no metadata refers to", { timeout: 600_000 }, async () => {
    const bucket = await server.bucket("faulty-platform");
    const keys = { accessKey: env("TEST_FAULTS_KEY"), secretKey: env("TEST_FAULTS_SECRET") };
    const lake = s3({ bucket, endpoint: proxy.endpoint, ...keys });
    const [quiet, faulty] = [openShop(), openShop({ lake })];
    const changes = [
      "SELECT 1",
      "INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z'), (7, 'max', -5, '2026-01-09T01:00:00Z')",
      "UPDATE orders SET amount = amount + 1, at = '2026-01-10T00:00:00Z' WHERE id IN (2, 3); INSERT INTO customers VALUES ('eve', 'FR')",
    ];
    for (const change of changes) {
      for (const shop of [quiet, faulty]) {
        shop.source(change);
        const ran = await shop.run();
        expect(ran.outcome, JSON.stringify(ran.results)).toBe("succeeded");
      }
      expect(await rowsOf(faulty, { lake })).toEqual(await rowsOf(quiet, {}));
    }
    expect((await faulty.run()).outcomes).toEqual(outcomes("unchanged"));
    // All that the tables need is there, and nothing else is needed: without the rest they give the same rows.
    const before = await rowsOf(faulty, { lake });
    const house = await openLakehouse({
      environment: { bindings: { lake: s3({ bucket, endpoint: server.endpoint, ...keys }) } },
      paths: statePaths(faulty.directory, "local"),
      namespace: "shop",
    });
    try {
      const [client, reader] = [catalogClient(house.catalog, "shop"), contentReader(calm(bucket))];
      const needed = new Set<string>();
      for (const table of faulty.heads().keys()) {
        const loaded = await client.load(table);
        if (loaded !== null) for (const file of await referencedFiles(reader, loaded)) needed.add(file);
      }
      const stored = (await calm(bucket).list(`s3://${bucket}`)).map(({ location }) => location);
      expect([...needed].filter((file) => !stored.includes(file))).toEqual([]);
      const used = pathSet(needed);
      await Promise.all(stored.filter((file) => !used.has(file)).map((file) => calm(bucket).remove(file)));
    } finally {
      await house.close();
    }
    expect(await rowsOf(faulty, { lake })).toEqual(before);
  });

  test("each fault has been met", () => {
    const counts = proxy.counts();
    console.log(`requests: ${JSON.stringify(counts)}`);
    expect(longSilences).toBeLessThanOrEqual(0);
    for (const fault of faults satisfies readonly Treatment[]) expect(counts[fault], fault).toBeGreaterThan(0);
  });
});

async function rowsOf(shop: Shop, bindings: EnvironmentNode["bindings"]): Promise<readonly (readonly object[])[]> {
  const session = await openQuery({ bindings }, statePaths(shop.directory, "local"), "shop");
  try {
    const rows: (readonly object[])[] = [];
    for (const table of ["orders", "customers", "orders_clean", "orders_known", "sales", "orders_clean_quarantine"])
      rows.push((await session.ask(`SELECT * FROM lake.shop.${table} ORDER BY ALL`)).rows);
    return rows;
  } finally {
    await session.close();
  }
}
