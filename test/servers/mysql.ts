import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../../src/error.ts";
import { cacheDirectory } from "../../src/fetch/wheel.ts";
import { sidPackage } from "./debian.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

export interface MySQL {
  /** `mysql://user:password@127.0.0.1:port/database` */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Exists and is empty; the user may make others. */
  readonly database: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

const prefix = "mysql-server-";
let announced = false;

/**
 * Starts a real MySQL 9 on 127.0.0.1 with an empty database and a user who may do everything; row-based binary log, clock in UTC.
 * It comes from Debian sid and is kept in the cache, unpacked, with an initialised data folder to copy. It ends with this process.
 */
export async function startMySQL(): Promise<MySQL> {
  const installed = await install();
  if (!announced) console.log(`MySQL ${installed.slice(installed.lastIndexOf(prefix) + prefix.length)}`);
  announced = true;
  const [user, password, database] = ["millwright", randomBytes(12).toString("hex"), "flights"];
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "mysql-"));
    await cp(join(installed, "template"), join(folder, "data"), { recursive: true, mode: constants.COPYFILE_FICLONE });
    const statements = join(folder, "first.sql");
    await writeFile(
      statements,
      `create database ${database};\ncreate user ${user}@'%' identified by '${password}';\ngrant all on *.* to ${user}@'%' with grant option;\n`,
      { mode: 0o600 },
    );
    const port = await freePort();
    const [command = "", ...args] = [
      ...mysqld(installed, join(folder, "data")),
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(folder, "s")}`,
      `--pid-file=${join(folder, "pid")}`,
      `--init-file=${statements}`,
      "--mysqlx=OFF",
      "--skip-name-resolve",
      "--secure-file-priv=",
      "--local-infile=ON",
      "--default-time-zone=+00:00",
      "--performance-schema=OFF",
      "--server-id=1",
      `--log-bin=${join(folder, "data/binlog")}`,
      "--binlog-row-metadata=FULL",
      "--sync-binlog=0",
      "--innodb-flush-log-at-trx-commit=2",
    ];
    const server = startServer(command, args, { folder });
    try {
      await server.ready(/ready for connections\. Version: '/, 60);
      await rm(statements);
      return {
        url: `mysql://${user}:${password}@127.0.0.1:${port}/${database}`,
        port,
        user,
        password,
        database,
        stop: () => server.stop(),
      };
    } catch (error) {
      await server.stop();
      // Somebody else may have taken the port in between.
      if (attempt === 3 || !/Bind on TCP\/IP port/.test(server.output())) throw error;
    }
  }
}

/** The folder of the newest MySQL in the cache, fetched when there is none. */
async function install(): Promise<string> {
  if (process.arch !== "x64") {
    throw new MillwrightError({
      code: "no-mysql",
      what: `the tests have a MySQL for x64 processors only, and this is ${process.arch}`,
      fix: "run the tests on an x64 machine",
    });
  }
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const newest = (await readdir(cache))
    .filter((name) => name.startsWith(prefix))
    .sort(new Intl.Collator("en", { numeric: true }).compare)
    .at(-1);
  if (newest !== undefined) return join(cache, newest);
  const aside = await mkdtemp(join(cache, "download-"));
  try {
    const { version, unpack } = await sidPackage("mysql-server-core", join(aside, "apt"));
    const root = join(aside, "root");
    // Perl is for scripts that nobody runs here.
    await unpack(root, /^(perl|libperl|libgdbm|libdb5)/);
    const [command = "", ...args] = mysqld(root, join(root, "template"));
    await promisify(execFile)(command, [...args, "--initialize-insecure"]);
    // Each server makes its own identity when it finds none.
    await rm(join(root, "template/auto.cnf"));
    const folder = join(cache, `${prefix}${version.replaceAll(/[^\w.+~-]/g, "_")}`);
    await rename(root, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** The command that runs mysqld of an unpacked root with the root's own C library. */
function mysqld(root: string, data: string): string[] {
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  return [
    join(libraries, "ld-linux-x86-64.so.2"),
    "--library-path",
    `${libraries}:${join(libraries, "private")}`,
    join(root, "usr/sbin/mysqld"),
    "--no-defaults",
    `--basedir=${join(root, "usr")}`,
    `--plugin-dir=${join(root, "usr/lib/mysql/plugin")}`,
    `--lc-messages-dir=${join(root, "usr/share/mysql")}`,
    `--datadir=${data}`,
    "--innodb-redo-log-capacity=32M",
    ...(process.getuid?.() === 0 ? ["--user=root"] : []),
  ];
}
