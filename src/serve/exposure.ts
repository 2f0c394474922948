import { isIP } from "node:net";
import { MillwrightError, type Origin } from "../error.ts";

export interface Exposure {
  readonly host: string;
  /** Whether callers must show who they are, by a key or a certificate. */
  readonly asked: boolean;
  readonly encrypted: boolean;
  /** The user takes it as it is. */
  readonly insecure: boolean;
}

/** Refuses to serve other machines without keys and TLS. @throws MillwrightError `exposed` */
export function checkExposure({ host, asked, encrypted, insecure }: Exposure, where?: Origin): void {
  if (insecure || isLoopback(host) || (asked && encrypted)) return;
  const missing = [...(asked ? [] : ["a key"]), ...(encrypted ? [] : ["TLS"])].join(" and without ");
  throw new MillwrightError({
    code: "exposed",
    what: `inference on ${host} would answer other machines without ${missing}`,
    ...(where === undefined ? {} : { where }),
    fix: 'bind server: embedded({ keys: env("INFERENCE_KEYS"), tls: { certificate: "server.crt", key: "server.key" } }), serve on 127.0.0.1 behind a proxy, or add --insecure',
  });
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
