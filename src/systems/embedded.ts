import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { binding } from "./binding.ts";
import type { System } from "./roles.ts";

export interface EmbeddedOptions {
  /** The address that it listens on; another than this machine's own asks for `keys` and `tls`. @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0, a free port */
  readonly port?: number;
  /** Of gRPC, 0 for a free one; it needs the package `@grpc/grpc-js`. @default no gRPC */
  readonly grpcPort?: number;
  /** Files in PEM, from the platform file's folder; read again when they change. @default none: in the clear */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    /** Authorities: each client must then show a certificate of one of them. */
    readonly clientCertificates?: string;
  };
  /**
   * Who may ask: lines `NAME KEY [ENDPOINT,...]` in an environment variable, or in a file that holds `sha256:HEX` in place of each key
   * and is read again when it changes. @default everybody
   */
  readonly keys?: SecretReference | { readonly file: string };
  readonly limits?: {
    /** Of each key, or of each address where there are no keys; more get 429. @default none */
    readonly requestsPerSecond?: number;
    /** Requests that may come at once after a pause. @default those of a second */
    readonly burst?: number;
    /** Connections at the same time; more are closed as they come. @default 4096 */
    readonly connections?: number;
    /** Larger bodies get 413. @default 16777216 */
    readonly requestBytes?: number;
    /** Larger headers get 431. @default 16384 */
    readonly headerBytes?: number;
    /** Rows that may wait, per version; more get 503. @default 4096 */
    readonly queueRows?: number;
  };
  /** Where traces go, by OTLP over HTTP in JSON. @default nowhere */
  readonly traces?: {
    /** With its path: `http://127.0.0.1:4318/v1/traces`. */
    readonly url: string | SecretReference;
    /** Part of the requests that are traced, 0 to 1, where the caller's `traceparent` does not decide. @default 1 */
    readonly sample?: number;
    /** Sent with each export. */
    readonly headers?: Readonly<Record<string, string | SecretReference>>;
  };
}

/**
 * The server that `millwright up` runs in its own process, with what stands at its edge: address, certificates, keys, limits, traces.
 * Without this binding it serves this machine only, and asks nobody who they are.
 *
 * @example
 * environment({
 *   server: embedded({
 *     host: "0.0.0.0",
 *     port: 8443,
 *     tls: { certificate: "tls/server.crt", key: "tls/server.key" },
 *     keys: env("INFERENCE_KEYS"),
 *     limits: { requestsPerSecond: 200 },
 *     traces: { url: "http://127.0.0.1:4318/v1/traces", sample: 0.01 },
 *   }),
 * })
 */
export function embedded(options: EmbeddedOptions = {}): BindingNode {
  return binding("embedded", options);
}

export const system: System = {
  name: "embedded",
  title: "the embedded server",
  peers: [],
  roles: {
    async server() {
      throw new MillwrightError({
        code: "embedded-server",
        what: "the embedded server takes models from the registry by itself; nothing is deployed to it",
        fix: "run millwright up",
      });
    },
  },
};
