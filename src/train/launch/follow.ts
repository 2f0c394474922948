import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { StringDecoder } from "node:string_decoder";
import { shown } from "./lines.ts";

/**
 * The lines of a file that something else writes, perhaps on another machine, as they come; ends when `ended` has settled and all is read. A file that is
 * never made has no lines.
 *
 * @param wait milliseconds between two looks.
 */
export async function* followFile(file: string, ended: Promise<unknown>, wait: number = 200): AsyncGenerator<string> {
  let over = false;
  const mark = (): void => {
    over = true;
  };
  ended.then(mark, mark);
  const decoder = new StringDecoder("utf8");
  const bytes = Buffer.alloc(256 * 1024);
  let position = 0;
  let rest = "";
  for (let last = false; ;) {
    // Closed before the lines are given: a reader who has enough never comes back.
    const count = await readAt(file, bytes, position);
    position += count;
    const lines = (rest + decoder.write(bytes.subarray(0, count))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield shown(line);
    if (count > 0) continue;
    // A shared disk may show the last lines later than the queue shows the end.
    if (last) break;
    last = over;
    await sleep(wait);
  }
  if (rest !== "") yield shown(rest);
}

/** How many bytes there are; 0 where there is no file. */
async function readAt(file: string, bytes: Buffer, position: number): Promise<number> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return null;
  });
  if (handle === null) return 0;
  try {
    return (await handle.read(bytes, 0, bytes.length, position)).bytesRead;
  } finally {
    await handle.close();
  }
}
