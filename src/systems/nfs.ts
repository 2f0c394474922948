import { readFile, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import type { BindingNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { optionError, textOption, textsOr } from "../extract/options.ts";
import { folderStorage } from "../lake/storage/storages.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, Lake, Options, System } from "./roles.ts";

export interface NfsOptions {
  /** The folder of the lake, at or below the mount point; it is made when it is not there. */
  readonly directory: string;
  /** Where the file system is mounted. @default the directory */
  readonly mount?: string;
  /** Kinds of file systems that may be mounted there, in the operating system's words; looked at on Linux. @default ["nfs", "nfs4"] */
  readonly types?: readonly string[];
}

/**
 * The lake in a folder that is mounted from another machine, at the same path on every machine that works on it.
 * When it is not mounted the work is refused, before anything goes to the empty folder below.
 *
 * @example
 * environment({ lake: nfs({ directory: "/mnt/shared/lake", mount: "/mnt/shared" }) })
 */
export function nfs(options: NfsOptions): BindingNode {
  return binding("nfs", options);
}

export const system: System = {
  name: "nfs",
  title: "NFS",
  peers: [],
  roles: { lake: connect },
};

async function connect(options: Options, context: ConnectContext): Promise<Lake> {
  const directory = resolve(context.directory, textOption("nfs", options, "directory"));
  const mount = options["mount"] === undefined ? directory : resolve(context.directory, textOption("nfs", options, "mount"));
  if (!`${directory}${sep}`.startsWith(mount === sep ? sep : `${mount}${sep}`))
    throw optionError("nfs", "mount", "the directory, or a folder that it lies in");
  await requireMounted(mount, textsOr("nfs", options, "types", ["nfs", "nfs4"]));
  return { storages: [folderStorage(directory)], duckdb: { extensions: [], statements: [] }, hadoop: {}, tiering: null };
}

async function requireMounted(mount: string, types: readonly string[]): Promise<void> {
  const [own, above] = await Promise.all([deviceOf(mount), deviceOf(dirname(mount))]);
  if (own === null || own === above) throw notMounted(mount, own === null ? "there is no such folder" : "nothing is mounted there");
  const type = process.platform === "linux" ? await mountedType(mount) : null;
  if (type !== null && !types.includes(type)) throw notMounted(mount, `what is mounted there is ${type}, not ${types.join(" or ")}`);
}

/** The file system that a folder is in. */
async function deviceOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).dev;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw notMounted(path, error instanceof Error ? error.message : String(error));
  }
}

/** What Linux says of a mount point; of several mounted over each other the last one counts. */
async function mountedType(mount: string): Promise<string | null> {
  const lines = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  const [, , type] = lines.findLast(([, point]) => point !== undefined && unescaped(point) === mount) ?? [];
  return type ?? null;
}

/** Blanks and the like are written as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

function notMounted(mount: string, why: string): MillwrightError {
  return new MillwrightError({
    code: "not-mounted",
    what: `nfs cannot use ${mount}: ${why}`,
    fix: "mount it, or give the mount point in the option mount",
  });
}
