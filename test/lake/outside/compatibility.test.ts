import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startCatalog, type CatalogOptions } from "../../../src/lake/catalog/start.ts";
import { folderStorage } from "../../../src/lake/storage/storages.ts";
import { runSuite, suiteLocation, type SuiteTest } from "../../servers/iceberg-compatibility/suite.ts";
import { awsJars, startIcebergRest, type OutsideServer } from "../../servers/iceberg-rest.ts";
import { startNessie } from "../../servers/nessie.ts";
import { startS3 } from "../../servers/s3.ts";

/** Tests that the outside catalog fails by itself, with our reason: the gateway neither hides nor adds any. */
const failsItself: Readonly<Record<string, string>> = {
  "testNamespaceWithDot()": "the JDBC catalog takes a namespace's dot for a level",
  "tableCreationWithoutNamespace()": "the JDBC catalog makes a table in a namespace that is not there",
};

type SuiteOptions = Parameters<typeof runSuite>[2];

/** Runs one class of the suite against the catalog itself and through a gateway to it, each time on a fresh one. */
async function sideBySide(
  testClass: string,
  start: () => Promise<OutsideServer>,
  catalog: Pick<CatalogOptions, "storages" | "locations">,
  options: SuiteOptions = {},
): Promise<{ readonly itself: readonly SuiteTest[]; readonly gateway: readonly SuiteTest[] }> {
  const alone = await start();
  const itself = await runSuite(testClass, { url: alone.url, token: "any" }, options).finally(() => alone.stop());
  const outside = await start();
  const directory = await mkdtemp(join(tmpdir(), "millwright-gateway-"));
  try {
    const binding = { url: outside.url, warehouse: null, authorization: { kind: "none" }, headers: {} } as const;
    const running = await startCatalog({ directory, outside: binding, ...catalog });
    try {
      return { itself, gateway: await runSuite(testClass, running, options) };
    } finally {
      await running.stop();
    }
  } finally {
    await outside.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const named = (results: readonly SuiteTest[], outcome: SuiteTest["outcome"]) =>
  results.filter((result) => result.outcome === outcome).map(({ name }) => name);

function figures(title: string, results: readonly SuiteTest[]): string {
  return `${title}: ${named(results, "passed").length} passed, ${named(results, "failed").length} failed, ${named(results, "skipped").length} skipped`;
}

test.each([
  ["RESTCompatibilityKitCatalogTests", 90],
  ["RESTCompatibilityKitViewCatalogTests", 45],
])(
  "%s: what Apache Iceberg's own REST catalog passes on a local disk passes through the gateway",
  { timeout: 600_000 },
  async (testClass, least) => {
    const warehouse = await mkdtemp(join(tmpdir(), "millwright-warehouse-"));
    try {
      const storages = [folderStorage(warehouse)];
      const { itself, gateway } = await sideBySide(testClass, () => startIcebergRest({ warehouse: `file://${warehouse}` }), {
        storages,
        locations: [suiteLocation, tmpdir()],
      });
      console.log([figures(`${testClass}, Apache Iceberg's REST catalog`, itself), figures("through the gateway", gateway)].join("\n"));
      expect(named(gateway, "passed")).toEqual(expect.arrayContaining(named(itself, "passed")));
      expect(named(gateway, "passed").length).toBeGreaterThanOrEqual(least);
      expect(Object.keys(failsItself)).toEqual(expect.arrayContaining(named(itself, "failed")));
    } finally {
      await rm(warehouse, { recursive: true, force: true });
    }
  },
);

// Nessie keeps one snapshot of a table, names its own locations and logs no metadata files: that is what it fails by itself.
test(
  "RESTCompatibilityKitCatalogTests: what Nessie passes on S3 (moto as its stand-in) passes through the gateway",
  { timeout: 600_000 },
  async () => {
    const s3 = await startS3();
    try {
      const bucket = await s3.bucket("lake");
      const keys = { access_key_id: s3.accessKey, secret_access_key: s3.secretKey };
      const storages = [
        { location: `s3://${bucket}`, service: "s3", options: { bucket, endpoint: s3.endpoint, region: s3.region, ...keys } },
      ] as const;
      const env = {
        AWS_ACCESS_KEY_ID: s3.accessKey,
        AWS_SECRET_ACCESS_KEY: s3.secretKey,
        AWS_REGION: s3.region,
        CATALOG_WAREHOUSE: "lake",
      };
      const { itself, gateway } = await sideBySide(
        "RESTCompatibilityKitCatalogTests",
        () => startNessie({ s3, bucket }),
        { storages },
        { jars: [await awsJars()], env },
      );
      console.log([figures("Nessie", itself), figures("through the gateway", gateway)].join("\n"));
      expect(named(gateway, "passed")).toEqual(expect.arrayContaining(named(itself, "passed")));
      expect(named(gateway, "passed").length).toBeGreaterThanOrEqual(70);
    } finally {
      await s3.stop();
    }
  },
);
