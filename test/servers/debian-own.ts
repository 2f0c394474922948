import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../../src/error.ts";
import { cacheDirectory } from "../../src/fetch/wheel.ts";

const execute = promisify(execFile);

/** Packages that every Debian has, or that only their scripts need; the C library must be the machine's own. */
const onEveryMachine =
  /^(libc6|gcc-\d+-base|libgcc-s1|libstdc\+\+6|tar|dpkg|debconf|adduser|passwd|ucf|lsb-base|sysvinit-utils|sensible-utils|libpam.*|libsemanage.*|perl.*|libperl.*)$/;

/**
 * The folder of packages of the machine's own Debian release, with all that they depend on, unpacked into the cache: no rights of root are needed and
 * the machine's packages stay as they are. Programs run there by the machine's C library, with LD_LIBRARY_PATH.
 */
export async function debianPackages(name: string, packages: readonly string[]): Promise<string> {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get") || !existsSync("/usr/bin/dpkg-deb"))
    throw new MillwrightError({
      code: "no-apt",
      what: `this machine has no apt-get and dpkg-deb to fetch ${name} for the tests with`,
      fix: "run the tests on Debian, or in a Debian container",
    });
  const release = /^VERSION_ID="?([\w.]+)/m.exec(await readFile("/etc/os-release", "utf8"))?.[1] ?? "testing";
  const prefix = `debian-${release}-${process.arch}-${name}-`;
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const kept = (await readdir(cache)).filter((folder) => folder.startsWith(prefix)).toSorted();
  const newest = kept.at(-1);
  if (newest !== undefined) return join(cache, newest);
  const aside = await mkdtemp(join(cache, "download-"));
  try {
    const [files, root] = [join(aside, "packages"), join(aside, "root")];
    for (const folder of ["state/lists/partial", "cache/archives/partial", "packages", "root"])
      await mkdir(join(aside, folder), { recursive: true });
    // As if nothing were installed: what is unpacked does not depend on what this machine happens to have.
    await writeFile(join(aside, "status"), "");
    await writeFile(
      join(aside, "apt.conf"),
      `Dir::State "${aside}/state"; Dir::State::status "${aside}/status"; Dir::Cache "${aside}/cache"; Dir::Log "${aside}";
Debug::NoLocking "true"; APT::Sandbox::User ""; APT::Install-Recommends "false"; Acquire::Languages "none"; Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`,
    );
    const apt = async (args: readonly string[]): Promise<string> => {
      const { stdout } = await execute("apt-get", ["--config-file", join(aside, "apt.conf"), ...args], {
        cwd: files,
        maxBuffer: 2 ** 24,
        env: { ...process.env, LC_ALL: "C" },
      });
      return stdout;
    };
    await apt(["update"]);
    const plan = [...(await apt(["--simulate", "--yes", "install", ...packages])).matchAll(/^Inst (\S+) \((\S+) /gm)];
    const chosen = plan.flatMap(([, each = "", version = ""]) => (onEveryMachine.test(each) ? [] : [{ name: each, version }]));
    const version = chosen.find((each) => each.name === packages[0])?.version;
    if (version === undefined) throw new MillwrightError({ code: "debian-package", what: `Debian ${release} has no ${packages[0]}` });
    await apt(["download", ...chosen.map((each) => `${each.name}=${each.version}`)]);
    for (const file of await readdir(files)) await execute("dpkg-deb", ["--extract", join(files, file), root]);
    const folder = join(cache, prefix + version.replaceAll(/[^\w.+~-]/g, "_"));
    await rename(root, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
