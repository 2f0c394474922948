import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutsideServer } from "./iceberg-rest.ts";
import { javaCommand } from "../../src/fetch/java.ts";
import { mavenJars } from "./maven.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";
import type { S3 } from "./s3.ts";

const version = "0.99.0";

/**
 * Starts a real Project Nessie with its Iceberg REST endpoint, its commits in memory, its warehouse in a bucket of `s3`: it has no
 * warehouse on a local disk. Lets in everybody on 127.0.0.1. Comes through Maven, needs Java 21; it ends with this process.
 */
export async function startNessie({ s3, bucket }: { readonly s3: S3; readonly bucket: string }): Promise<OutsideServer> {
  const coordinates = `org.projectnessie.nessie:nessie-quarkus:jar:runner:${version}`;
  const [java, jars] = await Promise.all([
    javaCommand(21, "Nessie"),
    mavenJars({ name: `nessie-${version}`, artifacts: [coordinates], alone: true }),
  ]);
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "nessie-"));
    const [port, management] = [await freePort(), await freePort()];
    const store = "nessie.catalog.service.s3.default-options";
    const properties: Record<string, string> = {
      "java.io.tmpdir": folder,
      "quarkus.http.host": "127.0.0.1",
      "quarkus.http.port": String(port),
      "quarkus.management.host": "127.0.0.1",
      "quarkus.management.port": String(management),
      "nessie.version.store.type": "IN_MEMORY",
      "nessie.catalog.default-warehouse": "lake",
      "nessie.catalog.warehouses.lake.location": `s3://${bucket}/lake`,
      [`${store}.endpoint`]: `${s3.endpoint}/`,
      [`${store}.region`]: s3.region,
      [`${store}.path-style-access`]: "true",
      // Clients bring their own keys; signing each of their requests here would show little and take long.
      [`${store}.request-signing-enabled`]: "false",
      [`${store}.access-key`]: "urn:nessie-secret:quarkus:nessie.store",
      "nessie.store.name": s3.accessKey,
      "nessie.store.secret": s3.secretKey,
    };
    const given = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
    const flags = ["-Xmx384M", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const server = startServer(java, [...flags, ...given, "-jar", join(jars, `nessie-quarkus-${version}-runner.jar`)], {
      folder,
      cwd: folder,
    });
    try {
      await server.ready(/Nessie \S+ on JVM .* started in/, 240);
      return { url: `http://127.0.0.1:${port}/iceberg`, stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      // Somebody else may have taken a port in between.
      if (attempt === 3 || !/already in use|already bound/i.test(server.output())) throw error;
    }
  }
}
