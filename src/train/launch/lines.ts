import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

/** Lines that several streams write and several readers read, each from the first one; they stand on disk, not in memory. */
export interface LineLog {
  /** A stream of text; its lines come whole, between those of the others. */
  stream(): { write(text: string): void; end(): void };
  /** No more will come: readers end when they have read all. */
  end(): void;
  read(): AsyncIterable<string>;
  /** Frees the disk; readers that are not done end. */
  close(): void;
}

/** A line longer than this comes in pieces, so that a program which never ends its line takes no memory. */
const longest = 1024 * 1024;

/** An empty log. Its file has no name, so that nothing is left when this process is killed. */
export function openLineLog(): LineLog {
  const file = join(tmpdir(), `millwright-lines-${randomUUID()}`);
  const descriptor = openSync(file, "wx+", 0o600);
  unlinkSync(file);
  let size = 0;
  let state: "open" | "ended" | "closed" = "open";
  let more = Promise.withResolvers<void>();
  const tell = (): void => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const append = (line: string): void => {
    if (state !== "open") return;
    size += writeSync(descriptor, `${shown(line)}\n`, size);
    tell();
  };
  return {
    stream() {
      let rest = "";
      return {
        write(text) {
          const lines = (rest + text).split("\n");
          rest = lines.pop() ?? "";
          lines.forEach(append);
          for (; rest.length > longest; rest = rest.slice(longest)) append(rest.slice(0, longest));
        },
        end() {
          if (rest !== "") append(rest);
          rest = "";
        },
      };
    },
    end() {
      if (state === "open") state = "ended";
      tell();
    },
    async *read() {
      const decoder = new StringDecoder("utf8");
      const bytes = Buffer.alloc(64 * 1024);
      let position = 0;
      let rest = "";
      for (;;) {
        if (state === "closed") return;
        if (position === size) {
          if (state === "ended") return;
          await more.promise;
          continue;
        }
        const count = readSync(descriptor, bytes, 0, Math.min(bytes.length, size - position), position);
        position += count;
        const lines = (rest + decoder.write(bytes.subarray(0, count))).split("\n");
        rest = lines.pop() ?? "";
        yield* lines;
      }
    },
    close() {
      if (state !== "closed") closeSync(descriptor);
      state = "closed";
      tell();
    },
  };
}

/** A line as a terminal shows it: of a progress bar that returns to its start, the last state. */
export function shown(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf("\r") + 1);
}
