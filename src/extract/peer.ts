import { MillwrightError } from "../error.ts";
import type { System } from "../systems/roles.ts";

/** Loads a library of a system that is installed only by those who use it. @throws MillwrightError `peer-missing` with the line that installs it. */
export async function loadPeer<Library>(system: System, load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    const peer = system.peers.find(({ package: name }) => error.message.includes(name));
    if (peer === undefined) throw error;
    throw new MillwrightError(
      {
        code: "peer-missing",
        what: `${system.title} needs the package ${peer.package}, which is not installed`,
        fix: `npm install "${peer.package}@${peer.range}"`,
      },
      { cause: error },
    );
  }
}
