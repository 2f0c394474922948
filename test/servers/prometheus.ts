import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../../src/fetch/wheel.ts";
import { sidPackage } from "./debian.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

const execute = promisify(execFile);

export interface Prometheus {
  readonly url: string;
  /** `prometheus, version 2.53.3 ...` */
  readonly version: string;
  /** What its API answers to `/api/v1/...`; an error that shows its own. */
  ask(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
  stop(): Promise<void>;
}

const programs = ["prometheus", "promtool", "prometheus-alertmanager", "amtool"] as const;
const prefix = "monitoring-";

/** The folder of Debian sid's `prometheus`, `promtool`, `prometheus-alertmanager` and `amtool`, from the cache or fetched into it. */
export async function monitoringPrograms(): Promise<string> {
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const newest = (await readdir(cache))
    .filter((name) => name.startsWith(prefix))
    .toSorted(new Intl.Collator("en", { numeric: true }).compare)
    .at(-1);
  if (newest !== undefined) return join(cache, newest, "bin");
  const aside = await mkdtemp(join(cache, "download-"));
  try {
    const root = join(aside, "root");
    const versions: string[] = [];
    for (const name of ["prometheus", "promtool", "prometheus-alertmanager"]) {
      const { version, unpack } = await sidPackage(name, join(aside, name));
      // Scripts and styles of the pages that nobody looks at here.
      await unpack(root, /^(?!(?:prometheus|promtool|prometheus-alertmanager|libc6|libgcc-s1)$)/);
      versions.push(version);
    }
    await relocate(join(root, "usr/bin/prometheus-alertmanager"));
    await mkdir(join(root, "bin"));
    for (const name of programs) {
      await writeFile(
        join(root, "bin", name),
        `#!/bin/sh\nroot=$(dirname "$0")/..\nlib="$root/usr/lib/x86_64-linux-gnu"\nexec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$root/usr/bin/${name}" "$@"\n`,
      );
      await chmod(join(root, "bin", name), 0o755);
    }
    const folder = join(cache, prefix + versions.join("-").replaceAll(/[^\w.+~-]/g, "_"));
    await rename(root, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return join(folder, "bin");
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Debian's Alertmanager opens its templates under the machine's own root. The path in it becomes one of the same length from the folder that it
 * is started in, which `startAlertmanager` makes that of the packages.
 */
async function relocate(program: string): Promise<void> {
  const content = await readFile(program);
  const [from, to] = ["/usr/share/prometheus/alertmanager", "usr/share/prometheus//alertmanager"];
  let found = 0;
  for (let at = content.indexOf(from); at >= 0; at = content.indexOf(from, at)) {
    content.write(to, at, "latin1");
    found++;
  }
  if (found === 0) throw new Error("this Alertmanager has its templates elsewhere: see whether it must still be relocated");
  await writeFile(program, content);
}

/** Runs one of the programs to its end. @returns all that it wrote, and its exit code */
export async function runProgram(
  name: (typeof programs)[number],
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  const bin = await monitoringPrograms();
  return new Promise((resolve, reject) => {
    execFile(join(bin, name), args, { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error === null) resolve({ code: 0, output });
      else if (typeof error.code === "number") resolve({ code: error.code, output });
      else reject(error);
    });
  });
}

/**
 * A real Prometheus on 127.0.0.1 with an empty store, which ends with this process.
 *
 * @param configuration the file that it is started with
 */
export async function startPrometheus(configuration: string): Promise<Prometheus> {
  const bin = await monitoringPrograms();
  const { stdout } = await execute(join(bin, "prometheus"), ["--version"]);
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = startServer(
      join(bin, "prometheus"),
      [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=info",
      ],
      { folder },
    );
    try {
      await server.ready(/Server is ready to receive web requests/, 120);
      return {
        url,
        version: stdout.split("\n")[0] ?? "",
        ask: (path, parameters = {}) => askApi(url, path, parameters),
        stop: () => server.stop(),
      };
    } catch (error) {
      await server.stop();
      // Somebody else may have taken the port in between.
      if (attempt === 3 || !/address already in use/.test(server.output())) throw error;
    }
  }
}

async function askApi(url: string, path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const reply = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body: { readonly status?: string; readonly data?: unknown; readonly error?: string } = JSON.parse(await reply.text());
  if (body.status === "success") return body.data;
  throw new Error(`Prometheus refuses ${path} ${JSON.stringify(parameters)}: ${body.error}`);
}
