import { createHash } from "node:crypto";

/** JSON with sorted keys and without the places of declarations, so that moving a declaration in its file changes no hash. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === "origin" && isOrigin(part)) return undefined;
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** SHA-256 of the canonical JSON, in hex, cut to 32 digits (128 bits). */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 32);
}

/** A column may be called `origin`; a declaration's place is told from it by its shape. */
function isOrigin(part: unknown): boolean {
  if (typeof part !== "object" || part === null || Object.keys(part).length !== 2) return false;
  return "file" in part && typeof part.file === "string" && "line" in part && typeof part.line === "number";
}
