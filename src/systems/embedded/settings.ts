import { resolve } from "node:path";
import { numberOr, objectOr, optionError, textOption, textOr } from "../../extract/options.ts";
import type { EdgeSettings } from "../../serve/edge.ts";
import type { Options } from "../roles.ts";

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
