import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../error.ts";

/**
 * Opens a database file that another process may hold for a moment: DuckDB lets one process write or many read.
 *
 * @throws MillwrightError `warehouse-busy` after 60 seconds.
 */
export async function waitForFile<T>(file: string, open: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (let delay = 25; ; delay = Math.min(delay * 2, 1000)) {
    try {
      return await open();
    } catch (error) {
      if (!/could not set lock|conflicting lock/i.test(String(error))) throw error;
      if (performance.now() > deadline) {
        throw new MillwrightError(
          { code: "warehouse-busy", what: `the warehouse ${file} is held by another process`, fix: "end that process, or ask again later" },
          { cause: error },
        );
      }
      await sleep(delay);
    }
  }
}
