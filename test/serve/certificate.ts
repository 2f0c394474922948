import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

// X.509 certificates for tests, written in DER by hand: Node makes keys, but no certificates.

/** Certificate and key in PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: { readonly name: string; readonly key: KeyObject };
}

/** A certificate for 127.0.0.1, signed by `by` or, without one, by itself as an authority. */
export function makeCertificate(name: string, by?: Certificate): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(identifier(1, 2, 840, 10045, 4, 3, 2));
  const now = Date.now();
  const time = (at: number): Buffer =>
    tlv(
      0x17,
      Buffer.from(
        `${new Date(at)
          .toISOString()
          .replaceAll(/[-:T]|\.\d+/g, "")
          .slice(2)}`,
      ),
    );
  const basic = extension(identifier(2, 5, 29, 19), sequence(...(by === undefined ? [tlv(0x01, Buffer.from([0xff]))] : [])));
  const names = extension(identifier(2, 5, 29, 17), sequence(tlv(0x82, Buffer.from("localhost")), tlv(0x87, Buffer.from([127, 0, 0, 1]))));
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguished(by?.authority.name ?? name),
    sequence(time(now - 3_600_000), time(now + 24 * 3_600_000)),
    distinguished(name),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(basic, names)),
  );
  const signature = sign("sha256", body, by?.authority.key ?? privateKey);
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString("base64").replaceAll(/.{1,64}/g, "$&\n");
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    authority: { name, key: privateKey },
  };
}

function tlv(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function identifier(first: number, second: number, ...rest: readonly number[]): Buffer {
  const bytes = rest.flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

/** A name with a common name only. */
function distinguished(name: string): Buffer {
  return sequence(tlv(0x31, sequence(identifier(2, 5, 4, 3), tlv(0x0c, Buffer.from(name)))));
}

function extension(type: Buffer, value: Buffer): Buffer {
  return sequence(type, tlv(0x04, value));
}
