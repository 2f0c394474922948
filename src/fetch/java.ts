import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillwrightError } from "../error.ts";

/**
 * The command that runs Java: of `JAVA_HOME` where that is set, else the one on the PATH.
 *
 * @param least the lowest major version that will do.
 * @param use what needs it, for the error.
 * @throws MillwrightError `no-java` when there is none, or an older one.
 */
export async function javaCommand(least: number, use: string): Promise<string> {
  const home = process.env["JAVA_HOME"];
  const command = home === undefined || home === "" ? "java" : join(home, "bin", "java");
  const fix = `install Java ${least} or newer (Debian: apt install openjdk-${least}-jre-headless), or set JAVA_HOME to one`;
  try {
    const { stderr } = await promisify(execFile)(command, ["-version"]);
    const major = Number(/version "(?:1\.)?(\d+)/.exec(stderr)?.[1]);
    if (major >= least) return command;
    throw new MillwrightError({ code: "no-java", what: `${use} needs Java ${least}, and ${command} is ${stderr.split("\n")[0]}`, fix });
  } catch (error) {
    if (error instanceof MillwrightError) throw error;
    const reason = error instanceof Error && "code" in error && error.code === "ENOENT" ? "there is none" : String(error);
    throw new MillwrightError({ code: "no-java", what: `${use} needs Java ${least}: ${command}: ${reason}`, fix }, { cause: error });
  }
}
