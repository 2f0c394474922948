import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../../src/fetch/wheel.ts";
import { sidPackage } from "./debian.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

const execute = promisify(execFile);
const newestFirst = (names: readonly string[]): string[] => names.toSorted(new Intl.Collator("en", { numeric: true }).compare).toReversed();

export interface Postgres {
  /** `postgres://user:password@127.0.0.1:port/database` */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Exists and is empty; the user may make others. */
  readonly database: string;
  /** As the server says it: `PostgreSQL 15.13 ...`. */
  readonly version: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on 127.0.0.1 with an empty UTF-8 database in the locale C and a superuser with a password; clock in UTC, logical decoding
 * possible. It is the machine's own or, where that has none, Debian sid's, kept in the cache. It never runs as root, which it refuses, but then as
 * `nobody`. It ends with this process.
 *
 * @param from `debian` to take Debian's although the machine has one
 */
export async function startPostgres({ from = "machine" }: { readonly from?: "machine" | "debian" } = {}): Promise<Postgres> {
  const machine = from === "debian" ? undefined : await onThisMachine();
  const installed = machine ?? (await fromDebian());
  const [user, password, database] = ["millwright", randomBytes(12).toString("hex"), "flights"];
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "postgres-"));
    // Another user cannot look into the cache of root.
    const bin = machine !== undefined || !isRoot ? installed : await copied(installed, folder);
    const [data, secret, port] = [join(folder, "data"), join(folder, "password"), await freePort()];
    await mkdir(data, { mode: 0o700 });
    await writeFile(secret, password, { mode: 0o600 });
    for (const path of isRoot ? [folder, data, secret] : []) await chown(path, nobody, nobody);
    const [initialise = "", ...options] = asUser(join(bin, "initdb"));
    await execute(initialise, [
      ...options,
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${secret}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ]);
    await rm(secret);
    const [command = "", ...args] = asUser(join(bin, "postgres"));
    const settings = {
      listen_addresses: "127.0.0.1",
      port: String(port),
      unix_socket_directories: "",
      timezone: "UTC",
      wal_level: "logical",
      fsync: "off",
      // Otherwise a killed server leaves files in the machine's shared memory.
      dynamic_shared_memory_type: "mmap",
      shared_buffers: "64MB",
    };
    const server = startServer(
      command,
      [...args, "-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      {
        folder,
        env: { ...process.env, LC_ALL: "C" },
      },
    );
    const stop = async (): Promise<void> => {
      const file = join(data, "postmaster.pid");
      const [pid = ""] = existsSync(file) ? (await readFile(file, "utf8")).split("\n") : [];
      // A fast, orderly end gives back what the system lent.
      if (/^\d+$/.test(pid)) {
        process.kill(Number(pid), "SIGINT");
        await server.ready(/database system is shut down/, 60);
      }
      await server.stop();
    };
    try {
      await server.ready(/database system is ready to accept connections/, 120);
      const url = (name: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
      const version = await prepare(url("postgres"), database);
      return { url: url(database), port, user, password, database, version, stop };
    } catch (error) {
      await server.stop();
      // Somebody else may have taken the port in between.
      if (attempt === 3 || !/Address already in use/.test(server.output())) throw error;
    }
  }
}

async function prepare(url: string, database: string): Promise<string> {
  const { Client } = (await import("pg")).default;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${database}`);
    const { rows } = await client.query<{ version: string }>("select version() as version");
    return rows[0]?.version ?? "";
  } finally {
    await client.end();
  }
}

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** A command line that does not run as root. */
function asUser(command: string): string[] {
  return isRoot ? ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", command] : [command];
}

/** The folder with `postgres` and `initdb` of the machine's newest PostgreSQL. */
async function onThisMachine(): Promise<string | undefined> {
  const packages = "/usr/lib/postgresql";
  const versions = existsSync(packages) ? newestFirst(await readdir(packages)).map((version) => join(packages, version, "bin")) : [];
  return [...versions, "/usr/local/pgsql/bin", "/usr/pgsql/bin"].find(
    (bin) => existsSync(join(bin, "postgres")) && existsSync(join(bin, "initdb")),
  );
}

const prefix = "postgres-server-";

/** The same folder of the newest one in the cache, fetched when there is none. */
async function fromDebian(): Promise<string> {
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const [newest] = newestFirst((await readdir(cache)).filter((name) => name.startsWith(prefix)));
  if (newest !== undefined) return binaries(join(cache, newest));
  const aside = await mkdtemp(join(cache, "download-"));
  try {
    const { version, unpack } = await sidPackage("postgresql", join(aside, "apt"));
    const root = join(aside, "root");
    // Perl and Python are for scripts that nobody runs here, LLVM for long queries.
    await unpack(root, /^(perl|libperl|python3|libpython3|libllvm|ssl-cert|postgresql-\d+-jit|libgdbm|libdb5)/);
    const bin = await binaries(root);
    // The commands start one another, each with the C library that it was made for.
    for (const name of ["postgres", "initdb"]) {
      await rename(join(bin, name), join(bin, `${name}.real`));
      await writeFile(
        join(bin, name),
        `#!/bin/sh\nbin=$(dirname "$0")\nlib="$bin/../../../x86_64-linux-gnu"\nexec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$bin/${name}.real" "$@"\n`,
      );
      await chmod(join(bin, name), 0o755);
    }
    const folder = join(cache, `${prefix}${version.replaceAll(/[^\w.+~-]/g, "_")}`);
    await rename(root, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return await binaries(folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function binaries(root: string): Promise<string> {
  const packages = join(root, "usr/lib/postgresql");
  const [version = ""] = newestFirst(await readdir(packages));
  return join(packages, version, "bin");
}

/** A copy that `nobody` can read. */
async function copied(bin: string, folder: string): Promise<string> {
  const root = join(bin, "../../../../..");
  await chmod(folder, 0o755);
  await cp(join(root, "usr"), join(folder, "usr"), { recursive: true, verbatimSymlinks: true });
  return bin.replace(root, folder);
}
