import { createHash, createHmac } from "node:crypto";
import type { OutsideCatalog } from "../../../systems/roles.ts";
import type { Outgoing } from "./send.ts";

type AwsKeys = Extract<OutsideCatalog["authorization"], { readonly kind: "aws" }>;

/**
 * The headers that sign a request for AWS: Signature Version 4, as its "Create a signed AWS API request" describes it.
 *
 * @param now the time of the signature.
 */
export function signedHeaders({ method, url, headers, body }: Outgoing, keys: AwsKeys, now: Date): Readonly<Record<string, string>> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const content = sha256(body);
  const added = {
    "x-amz-date": time,
    "x-amz-content-sha256": content,
    ...(keys.sessionToken === null ? {} : { "x-amz-security-token": keys.sessionToken }),
  };
  const signed = Object.entries({ ...headers, ...added, host: url.host })
    .map(([name, value]): [string, string] => [name.toLowerCase(), value.trim().replaceAll(/ +/g, " ")])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const request = [
    method,
    // All of AWS but S3 encodes what is encoded once more.
    url.pathname.split("/").map(encoded).join("/"),
    [...url.searchParams]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .toSorted()
      .join("&"),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    content,
  ].join("\n");
  const scope = `${day}/${keys.region}/${keys.service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(request)].join("\n");
  const key = [day, keys.region, keys.service, "aws4_request"].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${keys.secretKey}`,
  );
  const signature = hmac(key, text).toString("hex");
  return {
    ...added,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** As RFC 3986 encodes: `encodeURIComponent` leaves five more characters as they are. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
