import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../error.ts";

const execute = promisify(execFile);

/**
 * The `java` command of a JDK of at least the major version `least`: of those that variables name (`JAVA_HOME`, `JAVA_HOME_25_X64`, `JAVA25_HOME` ...), that lie on
 * the path, or that stand where packages put them, the oldest that is new enough, because servers are tried with the version they ask for.
 *
 * @param use what needs it, for the error.
 * @throws MillwrightError `no-java` when there is none, with what was found.
 */
export async function javaCommand(least: number, use: string): Promise<string> {
  const named = Object.entries(process.env).flatMap(([name, value]) =>
    /^(?:JAVA|JDK)_?\d*_?HOME/.test(name) && value !== undefined ? [join(value, "bin")] : [],
  );
  const folders = ["/usr/lib/jvm", "/opt/java", "/opt", join(homedir(), ".sdkman/candidates/java"), join(homedir(), ".jdks")];
  const installed = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, "bin")));
  const onPath = (process.env["PATH"] ?? "").split(delimiter);
  const commands = [...new Set([...named, ...onPath, ...installed].map((folder) => join(folder, "java")))].filter((path) =>
    existsSync(path),
  );
  const found = await Promise.all(commands.map(async (command) => ({ command, version: await majorVersion(command) })));
  const [best] = found.filter((each) => each.version >= least).toSorted((a, b) => a.version - b.version);
  if (best !== undefined) return best.command;
  throw new MillwrightError({
    code: "no-java",
    what: `${use} needs Java ${least}, and this machine has ${[...new Set(found.map((each) => `Java ${each.version}`))].join(", ") || "none"}`,
    fix: `install Java ${least} or newer (Debian: apt install openjdk-${least}-jre-headless), or name its folder in JAVA_HOME`,
  });
}

/** 17 for `openjdk version "17.0.15"`, 8 for `"1.8.0_402"`. */
async function majorVersion(command: string): Promise<number> {
  const { stderr, stdout } = await execute(command, ["-version"]);
  const [, first = "0", second = "0"] = /version "(\d+)(?:\.(\d+))?/.exec(`${stderr}${stdout}`) ?? [];
  return Number(first === "1" ? second : first);
}
