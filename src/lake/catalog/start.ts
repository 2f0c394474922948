import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MillwrightError } from "../../error.ts";
import type { OutsideCatalog, Storage } from "../../systems/roles.ts";
import type { ServerReady, ServerSettings } from "./server.ts";

export interface CatalogOptions {
  /** The environment's state folder: catalog.sqlite and lake/ stand in it, and are created when absent. */
  readonly directory: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: a new random one. */
  readonly token?: string;
  /** Folders beside the warehouse in which clients may place or register tables. */
  readonly locations?: readonly string[];
  /** Where tables' files lie. @default the folder lake of the directory */
  readonly storages?: readonly Storage[];
  /** The catalog that this one is a gateway to. @default none: this one keeps the tables itself */
  readonly outside?: OutsideCatalog | null;
  /** The namespace whose tables a gateway looks at when it starts. @default none */
  readonly namespace?: string;
  /** Lets nothing be changed in the outside catalog. @default false */
  readonly readOnly?: boolean;
}

export interface RunningCatalog {
  /** `http://127.0.0.1:port`, without /v1. */
  readonly url: string;
  /** The bearer token that every request needs. */
  readonly token: string;
  readonly pid: number;
  /**
   * Looks at tables of a namespace in the outside catalog (null: at all of them), after others have written there without us, so that
   * their heads are known here. Nothing to do for our own catalog.
   */
  sync(namespace: string, tables: readonly string[] | null): Promise<void>;
  /** Ends the process; requests under way are answered first. */
  stop(): Promise<void>;
}

/**
 * Starts our Iceberg REST catalog as a child process. It must not run in the process that runs DuckDB: waiting queries hold
 * all of its pool threads. The child ends when this process does, however it does. Any number of them may serve the same folder.
 *
 * @throws MillwrightError `catalog-start` when it does not come up, with what it printed; `catalog-unreachable` and `catalog-refused`
 *   when an outside catalog does not answer it, or does not let it in.
 * @example
 * const catalog = await startCatalog({ directory: ".millwright/local" });
 * // ATTACH '' AS lake (TYPE ICEBERG, ENDPOINT catalog.url, TOKEN catalog.token, REMOVE_FILES_ON_DELETE false)
 * // Without the last option DuckDB 1.5.5 removes a commit's data files when only the reply was lost.
 * await catalog.stop();
 */
export async function startCatalog(options: CatalogOptions): Promise<RunningCatalog> {
  const token = options.token ?? randomBytes(32).toString("base64url");
  const script = new URL(`./server${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fileURLToPath(script)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-8_192);
    process.stderr.write(text);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const settings: ServerSettings = {
    directory: options.directory,
    port: options.port ?? 0,
    token,
    locations: options.locations ?? [],
    storages: options.storages ?? [],
    outside: options.outside ?? null,
    namespace: options.namespace ?? null,
    readOnly: options.readOnly ?? false,
  };
  // A child that is gone already says so through its end, below.
  child.stdin.on("error", () => undefined);
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  const ready = await readyLine(child, ended, () => printed);
  // A forgotten stop() must not keep the parent alive; its end closes the child's stdin.
  for (const stream of [child, child.stdin, child.stdout, child.stderr]) unref(stream);
  const url = `http://127.0.0.1:${ready.port}`;
  return {
    url,
    token,
    pid: child.pid ?? 0,
    async sync(namespace, tables) {
      if (settings.outside !== null) await askToSync({ url, token }, namespace, tables);
    },
    async stop() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

async function askToSync(
  { url, token }: Pick<RunningCatalog, "url" | "token">,
  namespace: string,
  tables: readonly string[] | null,
): Promise<void> {
  const reply = await fetch(`${url}/v1/millwright/sync`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ namespace: namespace.split("\u001f"), tables }),
  });
  if (reply.ok) return;
  throw new MillwrightError({ code: "catalog-sync", what: `the outside catalog's tables cannot be looked at: ${await reply.text()}` });
}

function unref(handle: object): void {
  if ("unref" in handle && typeof handle.unref === "function") handle.unref();
}

async function readyLine(child: ChildProcess, ended: Promise<void>, printed: () => string): Promise<{ readonly port: number }> {
  if (child.stdout === null) throw new Error("the catalog has no stdout");
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once("line", resolve)),
    ended.then(() => null),
    new Promise<never>((_resolve, reject) => child.once("error", reject)),
  ]);
  if (first !== null) {
    const ready: ServerReady = JSON.parse(first);
    if ("port" in ready) return ready;
    throw new MillwrightError(ready.problem);
  }
  throw new MillwrightError({
    code: "catalog-start",
    what: `the Iceberg catalog did not start: ${printed().trim() || "it printed nothing"}`,
    fix: "check that its folder can be written and that its port is free",
  });
}
