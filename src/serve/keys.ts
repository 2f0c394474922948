import { hash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { MillwrightError } from "../error.ts";
import type { Caller } from "./gate.ts";
import { watchFiles, type FileWatch } from "./watch-files.ts";

/** The keys that open the server; only their hashes are kept. */
export interface KeyRing {
  /** Whose key this is; null when it is nobody's. The time that it takes does not tell how near a guess is. */
  find(key: string): Caller | null;
  stop(): void;
}

interface Key extends Caller {
  readonly digest: Buffer;
}

const shortestKey = 20;
const form = "NAME KEY [ENDPOINT,...], KEY being the key or sha256:HEX";

/**
 * Reads keys, one a line (or separated by `;`): a name, the key itself or `sha256:` and its hash in hexadecimal, and the endpoints
 * that it may call, all when none are named. `#` begins a comment. Complaints name lines, never what stands in them.
 * @param where for complaints
 * @throws MillwrightError `bad-keys`
 */
export function parseKeys(text: string, where: string, hashedOnly: boolean): readonly Key[] {
  const keys: Key[] = [];
  for (const [index, line] of text.split(/[\n;]/).entries()) {
    const words = line.replace(/#.*$/, "").trim().split(/\s+/);
    const [name = "", key = "", endpoints, ...rest] = words;
    if (name === "") continue;
    const bad = (what: string): MillwrightError =>
      new MillwrightError({
        code: "bad-keys",
        what: `the keys are not well written: in line ${index + 1} ${what}`,
        where,
        fix: `write ${form}`,
      });
    if (key === "" || rest.length > 0) throw bad(`stand ${words.length} words`);
    if (keys.some((other) => other.name === name)) throw bad("a name stands a second time");
    const hashed = key.startsWith("sha256:");
    if (hashed && !/^sha256:[0-9a-fA-F]{64}$/.test(key)) throw bad("the hash is no SHA-256 in hexadecimal");
    if (!hashed && hashedOnly) throw bad("a key stands in the clear; a file holds hashes only");
    if (!hashed && key.length < shortestKey) throw bad(`the key is shorter than ${shortestKey} characters`);
    const digest = hashed ? Buffer.from(key.slice("sha256:".length), "hex") : digestOf(key);
    keys.push({ name, digest, endpoints: endpoints === undefined || endpoints === "*" ? null : new Set(endpoints.split(",")) });
  }
  if (keys.length === 0)
    throw new MillwrightError({ code: "bad-keys", what: "there are no keys, so nobody could ask", where, fix: `write ${form}` });
  return keys;
}

/** Keys from text, such as an environment variable's. @throws MillwrightError `bad-keys` */
export function keysFromText(text: string, where: string): KeyRing {
  const keys = parseKeys(text, where, false);
  return { find: (key) => findKey(keys, key), stop: () => undefined };
}

/** Keys from a file, read again whenever it changes; a change that cannot be read is warned of and the keys stay. @throws MillwrightError `bad-keys` */
export function keysFromFile(file: string, intervalMilliseconds?: number): KeyRing {
  let keys = parseKeys(readText(file), file, true);
  const reload = (): void => {
    try {
      keys = parseKeys(readText(file), file, true);
    } catch (error) {
      process.emitWarning(`the keys stay as they were: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const watch: FileWatch = watchFiles([file], reload, intervalMilliseconds);
  return { find: (key) => findKey(keys, key), stop: () => watch.stop() };
}

function findKey(keys: readonly Key[], key: string): Caller | null {
  const digest = digestOf(key);
  let found: Caller | null = null;
  // All are compared, whichever it is.
  for (const each of keys) if (timingSafeEqual(each.digest, digest)) found = each;
  return found;
}

// Keys are long and random, so that one round of a fast hash is enough: there is no dictionary to try.
function digestOf(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MillwrightError(
      { code: "bad-keys", what: `the keys cannot be read: ${why}`, where: file, fix: "give the file's path" },
      { cause: error },
    );
  }
}
