/**
 * Writes files of readings at a rate, as a process of its own: `node write.ts FOLDER BYTES_A_SECOND SECONDS FIRST_ID [burst]`. A file holds five seconds of
 * them and appears whole, under its name. A burst is written as fast as it can be. Told to end, it ends after its file. Says
 * at the end the next id and how many files it wrote.
 */
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [folder = "", rateText = "", secondsText = "", firstText = "1", burst] = process.argv.slice(2);
const paced = burst === undefined;
const rate = Number(rateText);
const every = 5;
const files = Math.max(1, Math.round(Number(secondsText) / every));
const idDigits = 12;
const header = "id,device,sent_at,temperature,humidity,pressure,status,site\n";

/** Lines whose ids are written over for each block: one reading in ten has no humidity, one in 5,000 no readable time, one in 10,000 an impossible temperature. */
function template(lines: number): { readonly block: Buffer; readonly offsets: readonly number[] } {
  const offsets: number[] = [];
  const parts: string[] = [];
  let length = 0;
  for (let index = 0; index < lines; index++) {
    const random = Math.imul(index + 1, 2654435761) >>> 0;
    const seconds = new Date(Date.UTC(2026, 10, 22) + (random % 86_400_000)).toISOString();
    const line = [
      "0".repeat(idDigits),
      `device-${String(random % 50_000).padStart(5, "0")}`,
      index % 5000 === 7 ? "sometime" : seconds,
      index % 10_000 === 9 ? "999.9" : ((random % 8000) / 100 - 20).toFixed(2),
      index % 10 === 3 ? "" : ((random >>> 3) % 10_000) / 100,
      (95_000 + ((random >>> 5) % 10_000)) / 100,
      ["ok", "ok", "ok", "warn", "fail"][random % 5],
      `site-${random % 40}`,
    ].join(",");
    offsets.push(length);
    parts.push(line, "\n");
    length += line.length + 1;
  }
  return { block: Buffer.from(parts.join(""), "latin1"), offsets };
}

const { block, offsets } = template(20_000);
let id = Number(firstText);

function renumber(): void {
  for (const offset of offsets) {
    let rest = id++;
    for (let digit = idDigits - 1; digit >= 0; digit--) {
      block[offset + digit] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}

let ending = false;
let done = 0;
process.once("SIGTERM", () => (ending = true));
await mkdir(folder, { recursive: true });
const began = performance.now();
for (let file = 0; file < files && !ending; file++, done++) {
  const first = id;
  const aside = join(folder, `.writing-${first}`);
  const handle = await open(aside, "w");
  await handle.write(header);
  const wanted = (rate * every) / block.length;
  for (let written = 0; written < wanted; written++) {
    renumber();
    await handle.write(block);
    // Evenly over the file's five seconds.
    const due = began + (file * every + (written / wanted) * every) * 1000;
    if (paced && due > performance.now()) await sleep(due - performance.now());
  }
  await handle.close();
  await rename(aside, join(folder, `readings-${String(first).padStart(idDigits, "0")}.csv`));
}
process.stdout.write(`${JSON.stringify({ next: id, files: done })}\n`);
