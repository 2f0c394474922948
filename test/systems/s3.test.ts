import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { env } from "../../src/index.ts";
import { lakeOf } from "../../src/run/lakehouse.ts";
import { statePaths } from "../../src/run/state.ts";
import { s3, type S3Options } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";
import { openShop } from "../run/shop.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { startProxy, type Proxied } from "../servers/proxy.ts";
import { startS3, type S3 } from "../servers/s3.ts";

const keys = { accessKey: env("TEST_LAKE_ACCESS_KEY"), secretKey: env("TEST_LAKE_SECRET_KEY") };

function setKeys(server: S3): void {
  Object.assign(process.env, { TEST_LAKE_ACCESS_KEY: server.accessKey, TEST_LAKE_SECRET_KEY: server.secretKey });
}

lakeContract({
  name: "Amazon S3 (moto stands in)",
  refusesExisting: true,
  async start() {
    const server = await startS3();
    const bucket = await server.bucket(`lake-${randomUUID()}`);
    return {
      binding: s3({
        bucket,
        prefix: "some/where",
        region: server.region,
        endpoint: server.endpoint,
        ...keys,
      }),
      env: { TEST_LAKE_ACCESS_KEY: server.accessKey, TEST_LAKE_SECRET_KEY: server.secretKey },
      secrets: [server.secretKey],
      stop: () => server.stop(),
    };
  },
});

describe("Amazon S3 (moto stands in)", () => {
  let server: S3;
  beforeAll(async () => void (server = await startS3()));
  afterAll(() => server.stop());

  const connect = (options: Omit<S3Options, "endpoint">) =>
    lakeOf({ bindings: { lake: s3({ endpoint: server.endpoint, ...options }) } }, statePaths(temporaryFolder(), "local"));

  test("every object is encrypted with the key that is given: DuckDB's, and the catalog's own", async () => {
    const bucket = await server.bucket(`kms-${randomUUID()}`);
    const written: Proxied[] = [];
    const proxy = await startProxy(server.endpoint, (request) => {
      // A part of an upload is encrypted as its beginning said.
      if (request.method.startsWith("P") && !request.url.includes("uploadId=") && !request.url.includes("?delete")) written.push(request);
      return "pass";
    });
    onTestFinished(() => proxy.stop());
    const shop = openShop({ lake: s3({ bucket, endpoint: proxy.endpoint, ...keys, kmsKey: "alias/lake" }) });
    setKeys(server);
    expect((await shop.run()).outcome).toBe("succeeded");
    const kinds = new Set(written.map(({ url }) => url.replace(/[?].*$/, "").replace(/^.*[.]/, "")));
    expect(kinds).toEqual(new Set(["parquet", "avro", "json"]));
    for (const { url, headers } of written) {
      expect(headers["x-amz-server-side-encryption"], url).toBe("aws:kms");
      expect(headers["x-amz-server-side-encryption-aws-kms-key-id"], url).toBe("alias/lake");
    }
  });

  test("without keys it uses what the machine has, and the token of temporary keys with those", async () => {
    const bucket = await server.bucket(`own-${randomUUID()}`);
    const machine = { AWS_ACCESS_KEY_ID: server.accessKey, AWS_SECRET_ACCESS_KEY: server.secretKey, AWS_EC2_METADATA_DISABLED: "true" };
    Object.assign(process.env, machine);
    try {
      const shop = openShop({ lake: s3({ bucket, endpoint: server.endpoint }) });
      expect((await shop.run()).outcome).toBe("succeeded");
      expect(await shop.ask("SELECT count(*) AS n FROM sales")).toEqual([{ n: 2 }]);
    } finally {
      for (const name of Object.keys(machine)) delete process.env[name];
    }
    setKeys(server);
    const lake = await connect({ bucket, ...keys, sessionToken: env("TEST_LAKE_SECRET_KEY") });
    expect(lake.storages[0].options).toMatchObject({ session_token: server.secretKey, disable_config_load: "true" });
    expect(lake.hadoop[`fs.s3a.bucket.${bucket}.aws.credentials.provider`]).toBe(
      "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider",
    );
  });

  test("gives Spark's file system its settings, for this bucket alone", async () => {
    setKeys(server);
    expect((await connect({ bucket: "flights", ...keys, kmsKey: "k1" })).hadoop).toEqual({
      "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
      "fs.s3a.bucket.flights.endpoint": server.endpoint,
      "fs.s3a.bucket.flights.endpoint.region": "us-east-1",
      "fs.s3a.bucket.flights.connection.ssl.enabled": "false",
      "fs.s3a.bucket.flights.path.style.access": "true",
      "fs.s3a.bucket.flights.access.key": server.accessKey,
      "fs.s3a.bucket.flights.secret.key": server.secretKey,
      "fs.s3a.bucket.flights.aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
      "fs.s3a.bucket.flights.encryption.algorithm": "SSE-KMS",
      "fs.s3a.bucket.flights.encryption.key": "k1",
    });
  });

  test("an option that cannot be right is named", async () => {
    setKeys(server);
    await expect(connect({ bucket: "a/b" })).rejects.toThrow("s3: the option bucket must be a name");
    await expect(connect({ bucket: "flights", prefix: "a/../b" })).rejects.toThrow("s3: the option prefix must be a path");
    await expect(connect({ bucket: "flights", accessKey: keys.accessKey })).rejects.toThrow(
      "s3: the option secretKey must be given together",
    );
    const lake = s3({ bucket: "flights", endpoint: "http://user:password@host" });
    const failure = await lakeOf({ bindings: { lake } }, statePaths(temporaryFolder(), "local")).catch(String);
    expect(failure).toContain("s3: the option endpoint must be an http or https address");
    expect(failure).not.toContain("password");
  });
});
