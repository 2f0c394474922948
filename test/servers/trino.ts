import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../../src/fetch/wheel.ts";
import { javaCommand } from "../../src/fetch/java.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

const execute = promisify(execFile);
const version = "476";
/** Of more than fifty; together they are a third of what the server weighs. */
const plugins: readonly string[] = ["iceberg", "memory", "tpch"];

/** What its own jvm.config says, but for a small heap and a collector and compiler that start fast. */
const flags: readonly string[] = [
  "-Xmx1G -Xms256M -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=192M",
  "-XX:+EnableDynamicAgentLoading --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED",
  "--sun-misc-unsafe-memory-access=allow -Dfile.encoding=UTF-8 -Djdk.attach.allowAttachSelf=true -Duser.timezone=UTC",
].flatMap((line) => line.split(" "));

/** A catalog's properties, as in a file of Trino's folder `etc/catalog`: `{ "connector.name": "memory" }`. */
export type TrinoCatalog = Readonly<Record<string, string>>;

export interface TrinoAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** As Trino sends them: bigints as numbers or text, decimals and times as text. */
  readonly rows: readonly (readonly unknown[])[];
}

export interface Trino {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly version: string;
  /** Runs one statement to its end, without a semicolon. @throws Error with Trino's message and the statement when it fails */
  ask(sql: string): Promise<TrinoAnswer>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Tables in memory, gone with the server. */
export const memoryCatalog: TrinoCatalog = Object.freeze({ "connector.name": "memory" });

export interface IcebergCatalogOptions {
  /** Of an Iceberg REST catalog, without /v1. */
  readonly url: string;
  readonly token?: string;
  readonly warehouse?: string;
  /** Where the files lie: any folder of this machine (`file:` and `local:` locations), or buckets of a service that speaks S3. */
  readonly files: "local" | { readonly endpoint: string; readonly region: string; readonly accessKey: string; readonly secretKey: string };
}

/** The tables of an Iceberg REST catalog. */
export function icebergCatalog({ url, token, warehouse, files }: IcebergCatalogOptions): TrinoCatalog {
  return {
    "connector.name": "iceberg",
    "iceberg.catalog.type": "rest",
    "iceberg.rest-catalog.uri": url,
    "iceberg.rest-catalog.nested-namespace-enabled": "true",
    ...(warehouse === undefined ? {} : { "iceberg.rest-catalog.warehouse": warehouse }),
    ...(token === undefined ? {} : { "iceberg.rest-catalog.security": "OAUTH2", "iceberg.rest-catalog.oauth2.token": token }),
    ...(files === "local"
      ? { "fs.hadoop.enabled": "true" }
      : {
          "fs.native-s3.enabled": "true",
          "s3.endpoint": files.endpoint,
          "s3.region": files.region,
          "s3.path-style-access": "true",
          "s3.aws-access-key": files.accessKey,
          "s3.aws-secret-key": files.secretKey,
        }),
  };
}

/**
 * Starts a real Trino on 127.0.0.1 with catalogs of these names, and `tpch`; its session's time zone is UTC. It comes through Maven, with the machine's own
 * settings, needs Java 25, and is kept in the cache, unpacked, without the plugins that no test reads. It ends with this process.
 */
export async function startTrino({ catalogs }: { readonly catalogs: Readonly<Record<string, TrinoCatalog>> }): Promise<Trino> {
  const [java, home] = [await javaCommand(25, "Trino"), await install()];
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "trino-"));
    const url = `http://127.0.0.1:${await freePort()}`;
    await writeSettings(folder, url, home, catalogs);
    const server = startServer(
      java,
      [
        ...flags,
        `-Djava.io.tmpdir=${folder}`,
        `-Dconfig=${join(folder, "config.properties")}`,
        `-Dlog.levels-file=${join(folder, "log.properties")}`,
        "-cp",
        `${join(home, "lib")}/*`,
        "io.trino.server.TrinoServer",
      ],
      { folder, cwd: folder },
    );
    try {
      await server.ready(/======== SERVER STARTED ========/, 240);
      await untilItWorks(url, server.output);
      return { url, version, ask: (sql) => ask(url, sql), stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      // Somebody else may have taken the port in between.
      if (attempt === 3 || !/Address already in use|Failed to bind/.test(server.output())) throw error;
    }
  }
}

/** A started server knows of itself as a worker only a little later. */
async function untilItWorks(url: string, output: () => string): Promise<void> {
  const end = Date.now() + 120_000;
  for (;;) {
    try {
      await ask(url, "select count(*) from tpch.tiny.region");
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error(`Trino started, but runs nothing:\n${output()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function writeSettings(folder: string, url: string, home: string, catalogs: Readonly<Record<string, TrinoCatalog>>): Promise<void> {
  const write = (name: string, properties: Readonly<Record<string, string>>): Promise<void> =>
    // A backslash begins an escape in a file of properties.
    writeFile(
      join(folder, name),
      Object.entries(properties)
        .map(([key, value]) => `${key}=${value.replaceAll("\\", "\\\\")}\n`)
        .join(""),
      { mode: 0o600 },
    );
  await mkdir(join(folder, "catalog"));
  await write("log.properties", { "io.trino": "WARN", "io.trino.server": "INFO", "io.airlift": "WARN", "org.apache": "WARN" });
  await write("config.properties", {
    "node.environment": "test",
    "node.bind-ip": "127.0.0.1",
    "node.internal-address": "127.0.0.1",
    "http-server.http.port": new URL(url).port,
    "discovery.uri": url,
    coordinator: "true",
    "node-scheduler.include-coordinator": "true",
    "catalog.config-dir": join(folder, "catalog"),
    "plugin.dir": join(home, "plugin"),
    "query.max-memory": "512MB",
    "query.max-memory-per-node": "512MB",
    "memory.heap-headroom-per-node": "200MB",
    "task.concurrency": "2",
    "query.min-expire-age": "1s",
    "log.console-format": "TEXT",
  });
  for (const [name, properties] of Object.entries({ tpch: { "connector.name": "tpch" }, ...catalogs }))
    await write(`catalog/${name}.properties`, properties);
}

/** The folder of the unpacked server, fetched when the cache has none. */
async function install(): Promise<string> {
  const folder = join(cacheDirectory(), `trino-${version}-${plugins.join("-")}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    // A local repository of its own: otherwise the archive of 821 MB would stay in the user's.
    await execute("mvn", [
      "-q",
      "-B",
      "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
      `-Dartifact=io.trino:trino-server:${version}:tar.gz`,
      `-DoutputDirectory=${aside}`,
      `-Dmaven.repo.local=${join(aside, "repository")}`,
    ]);
    // The plugins' files are links to one another: the whole archive is unpacked before any is removed.
    await execute("tar", ["-xzf", join(aside, `trino-server-${version}.tar.gz`), "-C", aside]);
    const home = join(aside, `trino-server-${version}`);
    for (const plugin of await readdir(join(home, "plugin")))
      if (!plugins.includes(plugin)) await rm(join(home, "plugin", plugin), { recursive: true });
    await rm(join(home, "secrets-plugin"), { recursive: true });
    await rename(home, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** What Trino answers to a statement and to each later request for its rows. */
interface Reply {
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly nextUri?: string;
  readonly error?: { readonly message: string; readonly errorName: string };
}

async function ask(url: string, sql: string): Promise<TrinoAnswer> {
  const rows: (readonly unknown[])[] = [];
  let columns: TrinoAnswer["columns"] = [];
  let reply = await read(`${url}/v1/statement`, { method: "POST", body: sql });
  for (;;) {
    if (reply.error !== undefined) throw new Error(`Trino: ${reply.error.errorName}: ${reply.error.message}\n${sql}`);
    if (reply.columns !== undefined) columns = reply.columns.map(({ name, type }) => ({ name, type }));
    rows.push(...(reply.data ?? []));
    if (reply.nextUri === undefined) return { columns, rows };
    reply = await read(reply.nextUri, {});
  }
}

async function read(url: string, request: RequestInit): Promise<Reply> {
  const headers = { "X-Trino-User": "test", "X-Trino-Time-Zone": "UTC", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME" };
  for (;;) {
    const response = await fetch(url, { ...request, headers });
    const text = await response.text();
    if (response.ok) return replyIn(text);
    // Trino asks to come again by these.
    if (![502, 503, 504].includes(response.status)) throw new Error(`Trino answered ${response.status}: ${text.slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Bigints beyond 2^53 are kept as text. */
function replyIn(text: string): Reply {
  return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value,
  ) as Reply;
}
