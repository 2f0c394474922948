import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { MillwrightError } from "../../error.ts";
import { wheelFile } from "../../fetch/wheel.ts";

/**
 * GNU's OpenMP run-time library (libgomp, from GCC) as another package's wheels carry it: LightGBM's wheel leaves it to the system,
 * and a bare system may lack it where nobody may install packages.
 */
const wheels: Readonly<Record<string, { readonly sha256: string; readonly path: string }>> = {
  x64: { sha256: "9c10b1653e1a689bf4094a328144cf3633c9be0e5217a76fbdc2fde6abcb2950", path: "xgboost_cpu.libs/libgomp-e985bcbb.so.1.0.0" },
  arm64: { sha256: "896b9e2bc52ec0921edf92ddd1cebedf47032e94992b7aca0293524d380ce6e9", path: "xgboost_cpu.libs/libgomp-a49a47f9.so.1.0.0" },
};

/**
 * The path of a libgomp under the name that the loader looks for: a library already loaded under that name serves whoever needs it.
 * Wheels rename their copies (`libgomp-e985bcbb.so.1.0.0`); the shorter usual name fits into the same place of the file.
 *
 * @param name - The name that other libraries ask for.
 */
export async function fetchOpenMP(name = "libgomp.so.1"): Promise<string> {
  const wheel = platform() === "linux" ? wheels[arch()] : undefined;
  if (wheel === undefined) throw new Error(`no wheel carries libgomp for ${platform()} on ${arch()}`);
  const original = await wheelFile({ package: "xgboost-cpu", version: "3.2.0", ...wheel });
  const target = join(dirname(original), name);
  if (existsSync(target)) return target;
  const library = await readFile(original);
  const given = Buffer.from(`${wheel.path.slice(wheel.path.lastIndexOf("/") + 1)}\0`);
  const at = library.indexOf(given);
  if (at < 0) throw new Error(`${original} does not hold its own name`);
  library.fill(0, at, at + given.length).write(name, at);
  await writeFile(`${target}.${process.pid}`, library, { mode: 0o755 });
  await rename(`${target}.${process.pid}`, target);
  return target;
}

/**
 * Loads a library that needs libgomp: with the system's where there is one, else with a fetched one.
 *
 * @throws MillwrightError `openmp-missing` where neither can be had, with what to install.
 */
export async function loadWithOpenMP<T>(load: (file: string) => T, file: string, fetch: () => Promise<string> = fetchOpenMP): Promise<T> {
  try {
    return load(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!/lib(g|i)?omp/.test(message)) throw error;
    try {
      load(await fetch());
      return load(file);
    } catch (cause) {
      throw new MillwrightError(
        {
          code: "openmp-missing",
          what: `LightGBM needs the system's OpenMP library: ${message}`,
          fix:
            platform() === "darwin"
              ? "run: brew install libomp"
              : "run: apt-get install libgomp1 (Debian, Ubuntu) or dnf install libgomp (Fedora, RHEL)",
        },
        { cause },
      );
    }
  }
}
