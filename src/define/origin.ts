import { fileURLToPath } from "node:url";
import type { Origin } from "../error.ts";

/** This package's own code lies in src/ (development) or dist/ (installed), two folders above this file. */
const ownFolders: readonly string[] = ["src/", "dist/"].map((folder) => fileURLToPath(new URL(`../../${folder}`, import.meta.url)));

/**
 * Where the user's file called us: the first frame of the stack outside this package's own code.
 * Type stripping keeps lines, so the line is that of the TypeScript file.
 */
export function callerOrigin(): Origin {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  for (const line of stack.split("\n")) {
    const frame = parseFrame(line);
    if (frame && !ownFolders.some((folder) => frame.file.startsWith(folder))) return Object.freeze(frame);
  }
  return Object.freeze({ file: "(unknown)", line: 1 });
}

/** `at name (file:///folder/x.ts:12:3)` or `at /folder/x.ts:12:3`; null for frames of Node itself and for code without a file. */
function parseFrame(line: string): Origin | null {
  const match = /^\s*at (?:.*? \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+):\d+\)?$/.exec(line);
  if (!match?.[1]) return null;
  const path = match[1].replace(/\?[^?]*$/, "");
  return { file: path.startsWith("file:") ? fileURLToPath(path) : path, line: Number(match[2]) };
}
