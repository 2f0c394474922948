import { isUtf8 } from "node:buffer";
import { Fault } from "./fault.ts";

const prefix = 4;

/**
 * The elements of a binary BYTES tensor: each is its length in four bytes, little-endian, then UTF-8
 * (Open Inference Protocol, binary tensor data extension).
 */
export function stringsFromBytes(input: string, length: number, bytes: Buffer): string[] {
  const strings: string[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (strings.length === length) throw new Fault(400, "wrong-size", `input '${input}': more than the ${length} elements of its shape`);
    if (offset + prefix > bytes.length) throw truncated(input, strings.length);
    const end = offset + prefix + bytes.readUInt32LE(offset);
    if (end > bytes.length) throw truncated(input, strings.length);
    const element = bytes.subarray(offset + prefix, end);
    if (!isUtf8(element)) throw new Fault(400, "wrong-value", `input '${input}', element ${strings.length} is not UTF-8`);
    strings.push(element.toString("utf8"));
    offset = end;
  }
  if (strings.length !== length)
    throw new Fault(400, "wrong-size", `input '${input}': ${strings.length} elements, and its shape has ${length}`);
  return strings;
}

function truncated(input: string, element: number): Fault {
  return new Fault(400, "wrong-size", `input '${input}': element ${element} ends beyond its binary_data_size`);
}

/** The reverse of `stringsFromBytes`. */
export function bytesFromStrings(strings: readonly string[]): Buffer {
  const size = strings.reduce((sum, element) => sum + prefix + Buffer.byteLength(element), 0);
  const bytes = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const element of strings) {
    const written = bytes.write(element, offset + prefix, "utf8");
    bytes.writeUInt32LE(written, offset);
    offset += prefix + written;
  }
  return bytes;
}
