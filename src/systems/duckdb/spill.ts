import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

let opened = 0;

/**
 * A folder for what does not fit into memory, of this process alone, under `spill` of an environment's state. What processes
 * that have ended (killed ones: others clear up) left there is removed.
 */
export async function spillDirectory(state: string): Promise<string> {
  const spill = join(state, "spill");
  await mkdir(spill, { recursive: true });
  for (const name of await readdir(spill)) {
    const owner = Number(name.split("-")[0]);
    if (Number.isInteger(owner) && owner !== process.pid && !isRunning(owner))
      await rm(join(spill, name), { recursive: true, force: true });
  }
  const own = join(spill, `${process.pid}-${++opened}`);
  await mkdir(own, { recursive: true });
  return own;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    // It runs as another user.
    return true;
  }
}
