/**
 * Protocol Buffers as bytes, for files of others: what is not looked at stays byte for byte as it was, fields of later versions included.
 * The encoding is told at protobuf.dev/programming-guides/encoding.
 */
export interface Field {
  readonly number: number;
  /** The whole field, tag and all. */
  readonly whole: Uint8Array;
  /** What a field of bytes, text or a message holds; empty for numbers. */
  readonly content: Uint8Array;
  /** The number of a varint field; 0 for others, and right within 2^53. */
  readonly integer: number;
}

/** A message's fields in their order. @throws Error where the bytes are no message. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error("the message is cut off");
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const kind = tag & 7;
    let integer = 0;
    let from = at;
    if (kind === 0) integer = varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = varint();
      from = at;
      at += length;
    } else throw new Error(`the message has a field of the unknown kind ${kind}`);
    if (at > message.length) throw new Error("the message is cut off");
    const content = kind === 2 ? message.subarray(from, at) : message.subarray(at, at);
    yield { number: Math.floor(tag / 8), whole: message.subarray(start, at), content, integer };
  }
}

/** A field of bytes, text or a message. */
export function contentField(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([varintOf(number * 8 + 2), varintOf(content.length), content]);
}

/** The bytes of a whole number from 0. */
export function varintOf(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
