import { datatypes, numericView } from "./datatype.ts";
import type { Data, Datatype } from "./datatype.ts";

/** An input or output of a model. */
export interface Port {
  readonly name: string;
  readonly datatype: Datatype;
  /** The first dimension is -1, the rows; the others are fixed. */
  readonly shape: readonly number[];
  /** Elements of one row: the product of the fixed dimensions. */
  readonly width: number;
}

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

const alignment = 8;

/** The bytes that the numeric tensors of `rows` rows take, one after the other, each aligned to 8 bytes. */
export function bufferSize(ports: readonly Port[], rows: number): number {
  let size = 0;
  for (const port of ports) size += aligned(rows * port.width * datatypes[port.datatype].size);
  return size;
}

/**
 * The tensors of `rows` rows inside one buffer of `bufferSize` bytes, so that a batch crosses to another thread
 * as one transfer without a copy. Both threads call this with the same ports and find the same places.
 * Strings cannot lie in a buffer: they are taken from `strings`, in the order of the BYTES ports.
 */
export function tensorsOf(ports: readonly Port[], rows: number, buffer: ArrayBuffer, strings: readonly string[][]): Data[] {
  let offset = 0;
  let text = 0;
  return ports.map((port) => {
    const length = rows * port.width;
    if (port.datatype === "BYTES") return strings[text++] ?? [];
    const view = numericView(port.datatype, buffer, offset, length);
    offset += aligned(length * datatypes[port.datatype].size);
    return view;
  });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
