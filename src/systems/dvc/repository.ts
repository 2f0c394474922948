import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { MillwrightError } from "../../error.ts";

/** A DVC repository of this machine. */
export interface Repository {
  /** The folder that holds `.dvc`. */
  readonly root: string;
  /** Folders of content-addressed files: the cache, and the remote where one is named. */
  readonly stores: readonly string[];
}

/**
 * Opens the DVC repository that a folder lies in.
 *
 * @param remote the name of a remote that is a folder, which gets every file too
 * @throws MillwrightError `no-dvc-repository`; `bad-option` for a remote that is not there or no folder
 */
export function openRepository(folder: string, remote: string | null = null): Repository {
  const start = resolve(folder);
  for (let root = start; ; root = dirname(root)) {
    if (existsSync(join(root, ".dvc", "config"))) return { root, stores: storesOf(join(root, ".dvc"), remote) };
    if (root === dirname(root)) break;
  }
  throw new MillwrightError({
    code: "no-dvc-repository",
    what: `${start} lies in no DVC repository`,
    fix: "make one: dvc init in a git repository, or dvc init --no-scm",
  });
}

function storesOf(folder: string, remote: string | null): string[] {
  // What is local to a machine comes after what all share, and wins.
  const settings = Object.assign({}, ...["config", "config.local"].map((name) => readConfig(join(folder, name))));
  const cache = join(resolve(folder, settings["cache.dir"] ?? "cache"), "files", "md5");
  if (remote === null) return [cache];
  const url: string | undefined = settings[`remote ${remote}.url`];
  if (url === undefined || (/^\w[\w+.-]+:\/\//.test(url) && !url.startsWith("file://")))
    throw new MillwrightError({
      code: "bad-option",
      what: url === undefined ? `the DVC repository has no remote '${remote}'` : `the DVC remote '${remote}' is no folder`,
      where: join(folder, "config"),
      fix: "name a remote that is a folder, or none, and bring files to it with dvc push",
    });
  const path = url.replace(/^file:\/\//, "");
  return [cache, join(isAbsolute(path) ? path : resolve(folder, path), "files", "md5")];
}

/** The settings of a file as DVC writes it: `[core]`, `['remote "name"']`, `key = value`; relative paths begin at its folder. */
function readConfig(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const settings: Record<string, string> = {};
  let section = "";
  for (const line of readFileSync(file, "utf8").split(/\r?\n/)) {
    const head = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (head !== undefined) section = head.replaceAll(/['"]/g, "").trim();
    const [, key, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) settings[`${section}.${key}`] = value;
  }
  return settings;
}
