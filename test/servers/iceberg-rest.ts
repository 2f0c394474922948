import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suiteJars } from "./iceberg-compatibility/suite.ts";
import { javaCommand } from "../../src/fetch/java.ts";
import { mavenJars } from "./maven.ts";
import { startServer } from "./process.ts";
import type { S3 } from "./s3.ts";

/** An Iceberg REST catalog that is not ours. */
export interface OutsideServer {
  /** Without /v1. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const script = join(import.meta.dirname, "iceberg-rest", "IcebergRest.java");

/** The class path of what speaks Iceberg to S3. */
export async function awsJars(): Promise<string> {
  return mavenJars({
    name: "iceberg-aws-1.10.0",
    artifacts: ["org.apache.iceberg:iceberg-aws:1.10.0", "org.apache.iceberg:iceberg-aws-bundle:1.10.0", "dev.failsafe:failsafe:3.3.2"],
    alone: true,
  });
}

/**
 * Starts Apache Iceberg's own REST catalog over its JDBC catalog in an SQLite file: Iceberg's Java code does every commit. Lets in
 * everybody on 127.0.0.1. Needs a JDK 17; it ends with this process.
 *
 * @param warehouse a folder's address (`file:///...`), or one in a bucket of `s3`.
 */
export async function startIcebergRest({ warehouse, s3 }: { readonly warehouse: string; readonly s3?: S3 }): Promise<OutsideServer> {
  const [java, jars, aws] = await Promise.all([javaCommand(17, "the catalog"), suiteJars(), s3 === undefined ? null : awsJars()]);
  const folder = await mkdtemp(join(tmpdir(), "iceberg-rest-"));
  const properties: Record<string, string> = {
    "catalog-impl": "org.apache.iceberg.jdbc.JdbcCatalog",
    // One writer at a time, and the others wait: SQLite tells those who meet otherwise that it is locked.
    uri: `jdbc:sqlite:${join(folder, "catalog.sqlite")}?busy_timeout=60000`,
    clients: "1",
    "jdbc.schema-version": "V1",
    warehouse,
    ...(s3 === undefined
      ? {}
      : {
          "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
          "s3.endpoint": s3.endpoint,
          "s3.path-style-access": "true",
          "client.region": s3.region,
        }),
  };
  const server = startServer(
    java,
    [
      "-Xmx256M",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
      `-Djava.io.tmpdir=${folder}`,
      "-cp",
      [join(jars, "*"), ...(aws === null ? [] : [join(aws, "*")])].join(":"),
      script,
      ...Object.entries(properties).map(([name, value]) => `${name}=${value}`),
    ],
    {
      folder,
      env: { ...process.env, ...(s3 === undefined ? {} : { AWS_ACCESS_KEY_ID: s3.accessKey, AWS_SECRET_ACCESS_KEY: s3.secretKey }) },
    },
  );
  try {
    const [, port = ""] = await server.ready(/listening on port (\d+)/, 240);
    return { url: `http://127.0.0.1:${port}`, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
