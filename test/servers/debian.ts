import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../../src/error.ts";

const execute = promisify(execFile);

export interface DebianPackages {
  readonly version: string;
  /** Unpacks the package and all that it depends on, but for those that `without` matches, into `root`. */
  unpack(root: string, without: RegExp): Promise<void>;
}

/**
 * Asks Debian sid for a package through the machine's own apt sources, proxies and keys, with all of apt's state in `folder`: no rights
 * of root are needed, and the machine's packages stay as they are.
 */
export async function sidPackage(name: string, folder: string): Promise<DebianPackages> {
  const apt = await privateApt(folder);
  await apt(["update"]);
  const plan = await apt(["--simulate", "--yes", "install", name]);
  const packages = [...plan.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name = "", version = ""]) => ({ name, version }));
  const wanted = packages.find((each) => each.name === name);
  if (wanted === undefined) throw new MillwrightError({ code: "debian-package", what: `Debian sid has no ${name} for this machine` });
  return {
    version: wanted.version,
    async unpack(root, without) {
      const files = join(folder, "packages");
      await mkdir(files, { recursive: true });
      const chosen = packages.filter((each) => !without.test(each.name)).map((each) => `${each.name}=${each.version}`);
      await apt(["download", ...chosen], files);
      for (const file of await readdir(files)) await execute("dpkg-deb", ["--extract", join(files, file), root]);
    },
  };
}

/** A command that runs apt-get on sid with its state in `folder`. */
async function privateApt(folder: string): Promise<(args: readonly string[], cwd?: string) => Promise<string>> {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get") || !existsSync("/usr/bin/dpkg-deb")) {
    throw new MillwrightError({
      code: "no-apt",
      what: "this machine has no apt-get and dpkg-deb to fetch a server for the tests with",
      fix: "run the tests on Debian, or in a Debian container",
    });
  }
  const source = sidSource(await configuredSources());
  if (source === undefined) {
    throw new MillwrightError({
      code: "no-debian-source",
      what: "no Debian archive with the component main is configured in /etc/apt",
      fix: "run the tests on Debian, or in a Debian container",
    });
  }
  await mkdir(join(folder, "state/lists/partial"), { recursive: true });
  await mkdir(join(folder, "cache/archives/partial"), { recursive: true });
  const sources = join(folder, `sid${source.extension}`);
  const configuration = join(folder, "apt.conf");
  await writeFile(join(folder, "status"), "");
  await writeFile(sources, source.text);
  await writeFile(
    configuration,
    `Dir::Etc::sourcelist "${sources}"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}/state"; Dir::State::status "${folder}/status"; Dir::Cache "${folder}/cache"; Dir::Log "${folder}";
Debug::NoLocking "true"; APT::Sandbox::User ""; APT::Install-Recommends "false"; Acquire::Languages "none"; Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`,
  );
  return async (args, cwd) => {
    try {
      const { stdout } = await execute("apt-get", ["--config-file", configuration, ...args], {
        maxBuffer: 2 ** 24,
        env: { ...process.env, LC_ALL: "C" },
        ...(cwd === undefined ? {} : { cwd }),
      });
      return stdout;
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n").slice(0, 8).join("\n") : String(error);
      throw new MillwrightError(
        {
          code: "apt",
          what: `apt-get ${args[0]} for Debian sid failed: ${reason}`,
          fix: "check that apt-get update works on this machine",
        },
        { cause: error },
      );
    }
  };
}

async function configuredSources(): Promise<{ readonly name: string; readonly text: string }[]> {
  const folder = "/etc/apt/sources.list.d";
  const names = existsSync(folder) ? (await readdir(folder)).toSorted().map((name) => join(folder, name)) : [];
  const files = ["/etc/apt/sources.list", ...names].filter((name) => /\.(list|sources)$/.test(name) && existsSync(name));
  return Promise.all(files.map(async (name) => ({ name, text: await readFile(name, "utf8") })));
}

/**
 * The machine's first Debian archive with the suite set to sid, as apt reads it: `.sources` (deb822) or `.list` (one line).
 * Security and update archives do not carry sid and are passed over.
 */
export function sidSource(
  files: readonly { readonly name: string; readonly text: string }[],
): { readonly extension: ".list" | ".sources"; readonly text: string } | undefined {
  for (const { name, text } of files) {
    if (name.endsWith(".sources")) {
      for (const stanza of text.split(/\n\s*\n/)) {
        const lines = stanza.split("\n").filter((line) => !line.startsWith("#"));
        const field = (key: string): string =>
          lines
            .find((line) => line.toLowerCase().startsWith(`${key}:`))
            ?.slice(key.length + 1)
            .trim() ?? "";
        if (/\bno\b/.test(field("enabled")) || !/\bdeb\b/.test(field("types")) || !/\bmain\b/.test(field("components"))) continue;
        if (!/debian/i.test(field("uris")) || /security/.test(field("suites"))) continue;
        const kept = lines.filter((line) => line.trim() !== "" && !/^(suites|components|types):/i.test(line));
        return { extension: ".sources", text: `Types: deb\nSuites: sid\nComponents: main\n${kept.join("\n")}\n` };
      }
    } else {
      for (const line of text.split("\n")) {
        const match = /^\s*deb\s+(\[[^\]]*\]\s+)?(\S*debian\S*)\s+(\S+)\s+(?:.*\s)?main\b/i.exec(line);
        if (match !== null && !/security/.test(`${match[2]} ${match[3]}`))
          return { extension: ".list", text: `deb ${match[1] ?? ""}${match[2]} sid main\n` };
      }
    }
  }
  return undefined;
}
