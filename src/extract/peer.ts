import { MillwrightError } from "../error.ts";
import type { System } from "../systems/roles.ts";

/** Loads the library of a system that is installed only by those who use it. @throws MillwrightError `peer-missing` with the line that installs it. */
export async function loadPeer<Library>(system: System, load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    const name = system.peer?.package ?? "";
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_MODULE_NOT_FOUND" || !error.message.includes(name))
      throw error;
    throw new MillwrightError(
      {
        code: "peer-missing",
        what: `${system.title} needs the package ${name}, which is not installed`,
        fix: `npm install "${name}@${system.peer?.range ?? "*"}"`,
      },
      { cause: error },
    );
  }
}
