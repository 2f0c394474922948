import { createHash } from "node:crypto";

/** The namespace of the identifiers that we derive from names; drawn once at random. */
const namespace = "8a1c9a7e-3f55-4c0e-9d0b-6d1f3b6c2e47";

/** A UUID of version 5 (RFC 9562, section 5.5): SHA-1 over our namespace and the name; the same name always gives the same. */
export function uuidOf(name: string): string {
  const hash = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest();
  const bytes = Uint8Array.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
