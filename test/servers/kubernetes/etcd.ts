import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../../../src/fetch/wheel.ts";
import { sidPackage } from "../debian.ts";

const prefix = "etcd-server-";

/**
 * The command that runs etcd of Debian sid, which is kept in the cache, with its own C library. That of Debian 12, 3.4.23, cannot tell how far a watch has come, and kwok, whose
 * lists are watches, then hears of each change a backoff later.
 */
export async function etcdCommand(): Promise<readonly [string, ...string[]]> {
  const root = await install();
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  return [join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries, join(root, "usr/bin/etcd")];
}

async function install(): Promise<string> {
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const kept = (await readdir(cache))
    .filter((name) => name.startsWith(prefix))
    .sort(new Intl.Collator("en", { numeric: true }).compare)
    .at(-1);
  if (kept !== undefined) return join(cache, kept);
  const aside = await mkdtemp(join(cache, "download-"));
  try {
    const { version, unpack } = await sidPackage("etcd-server", join(aside, "apt"));
    const root = join(aside, "root");
    // What makes it a service of the system.
    await unpack(root, /^(adduser|passwd|perl|libperl|debconf|init-system|systemd|sysvinit)/);
    const folder = join(cache, `${prefix}${version.replaceAll(/[^\w.+~-]/g, "_")}`);
    await rename(root, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
