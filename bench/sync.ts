import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** Waits until a file and its entry in its folder are on the disk, as a commit of the lake does with its files. */
export async function syncToDisk(file: string): Promise<void> {
  for (const path of [file, dirname(file)]) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
