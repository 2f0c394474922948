import { optionError, textOption, textOr } from "../extract/options.ts";
import type { Options } from "./roles.ts";

/** opendal, which reads and writes every storage that is not a local disk. */
export const opendal = { package: "opendal", range: "0.49.1" } as const;

/** The name of a bucket or container. */
export function bucketOption(system: string, options: Options, name: string): string {
  const bucket = textOption(system, options, name);
  if (!/^[A-Za-z0-9][\w.-]+$/.test(bucket)) throw optionError(system, name, "a name of letters, digits, '.', '-' and '_' only");
  return bucket;
}

/** The folder in it, without slashes around; empty for none. */
export function prefixOption(system: string, options: Options): string {
  const prefix = options["prefix"] === "" ? "" : textOr(system, options, "prefix", "").replaceAll(/^\/+|\/+$/g, "");
  if (!/^[\w./=-]*$/.test(prefix) || prefix.split("/").some((part) => part === "." || part === ".."))
    throw optionError(system, "prefix", "a path of letters, digits, '.', '-', '_', '=' and '/' only");
  return prefix;
}

/** An address of a server, without a slash at the end; null when absent. */
export function endpointOption(system: string, options: Options, name: string): string | null {
  if (options[name] === undefined) return null;
  const text = textOption(system, options, name).replace(/\/+$/, "");
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw optionError(system, name, "an http or https address without a user in it");
  return text;
}

/** A secret that is given or not; null when absent. */
export function secretOption(system: string, options: Options, name: string): string | null {
  return options[name] === undefined ? null : textOption(system, options, name);
}

/** The address of a folder in a place: `s3://bucket` and `lake` give `s3://bucket/lake`. */
export function within(place: string, prefix: string): string {
  return prefix === "" ? place : `${place}/${prefix}`;
}

/** Options that are there. */
export function given(options: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== null));
}
