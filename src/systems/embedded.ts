import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { numberOr, objectOr, optionError, textOption, textOr } from "../extract/options.ts";
import type { EdgeSettings } from "../serve/edge.ts";
import { binding } from "./binding.ts";
import type { Options, System } from "./roles.ts";

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

const name = "embedded";

/** The options, read; paths are absolute and secrets are values. @throws MillwrightError `bad-option` */
export function edgeSettings(options: Options, directory: string): EdgeSettings {
  const limits = objectOr(name, options, "limits");
  const limit = (option: string, otherwise: number): number => numberOr(name, limits, option, otherwise);
  const perSecond = limits["requestsPerSecond"] === undefined ? null : positive(limits, "requestsPerSecond");
  return {
    host: textOr(name, options, "host", "127.0.0.1"),
    port: numberOr(name, options, "port", 0),
    grpcPort: options["grpcPort"] === undefined ? null : numberOr(name, options, "grpcPort", 0),
    tls: options["tls"] === undefined ? null : tlsFiles(objectOr(name, options, "tls"), directory),
    keys: keysSetting(options["keys"], directory),
    requestsPerSecond: perSecond,
    burst: limits["burst"] === undefined ? null : Math.max(1, positive(limits, "burst")),
    maxConnections: limit("connections", 4096),
    maxRequestBytes: limit("requestBytes", 16 * 2 ** 20),
    maxHeaderBytes: limit("headerBytes", 2 ** 14),
    maxQueueRows: limit("queueRows", 4096),
    traces: options["traces"] === undefined ? null : tracesSetting(objectOr(name, options, "traces")),
  };
}

function positive(options: Options, option: string): number {
  const value = numberOr(name, options, option, 0);
  if (value <= 0) throw optionError(name, option, "a number above 0");
  return value;
}

function tlsFiles(options: Options, directory: string): EdgeSettings["tls"] {
  const file = (option: string): string => resolve(directory, textOption(name, options, option));
  const certificates = options["clientCertificates"] === undefined ? {} : { clientCertificates: file("clientCertificates") };
  return { certificate: file("certificate"), key: file("key"), ...certificates };
}

function keysSetting(keys: Options[string] | undefined, directory: string): EdgeSettings["keys"] {
  if (keys === undefined) return null;
  if (typeof keys === "string") return { text: keys };
  return { file: resolve(directory, textOption(name, objectOr(name, { keys }, "keys"), "file")) };
}

function tracesSetting(options: Options): EdgeSettings["traces"] {
  const url = textOption(name, options, "url");
  if (!URL.canParse(url)) throw optionError(name, "traces.url", "an address with its path, as in http://127.0.0.1:4318/v1/traces");
  const sample = numberOr(name, options, "sample", 1);
  if (sample > 1) throw optionError(name, "traces.sample", "between 0 and 1");
  const headers = objectOr(name, options, "headers");
  return { url, sample, headers: Object.fromEntries(Object.keys(headers).map((header) => [header, textOption(name, headers, header)])) };
}
