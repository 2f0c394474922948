import { MillwrightError } from "../error.ts";
import type { Option } from "../define/option.ts";
import type { Options } from "../systems/roles.ts";

/** The fault of an option, in the words that every system uses. */
export function optionError(system: string, name: string, wanted: string): MillwrightError {
  return new MillwrightError({
    code: "bad-option",
    what: `${system}: the option ${name} must be ${wanted}`,
    fix: `give ${name} in ${system}({ ... })`,
  });
}

/** A text that must be there. */
export function textOption(system: string, options: Options, name: string): string {
  const value = options[name];
  if (typeof value !== "string" || value === "") throw optionError(system, name, "a text");
  return value;
}

/** A text, or the default. */
export function textOr(system: string, options: Options, name: string, otherwise: string): string {
  return options[name] === undefined ? otherwise : textOption(system, options, name);
}

/** A number that is not negative, or the default. */
export function numberOr(system: string, options: Options, name: string, otherwise: number): number {
  const value = options[name] ?? otherwise;
  if (typeof value !== "number" || !(value >= 0)) throw optionError(system, name, "a number that is not negative");
  return value;
}

/** A yes or no, or the default. */
export function booleanOr(system: string, options: Options, name: string, otherwise: boolean): boolean {
  const value = options[name] ?? otherwise;
  if (typeof value !== "boolean") throw optionError(system, name, "true or false");
  return value;
}

/** Options inside an option; empty when absent. */
export function objectOr(system: string, options: Options, name: string): Options {
  const value = options[name] ?? {};
  if (!isOptions(value)) throw optionError(system, name, "an object");
  return value;
}

/** A list of texts, or the default. */
export function textsOr(system: string, options: Options, name: string, otherwise: readonly string[]): readonly string[] {
  const value = options[name] ?? otherwise;
  const texts = Array.isArray(value) ? value : [];
  if (!Array.isArray(value) || !texts.every((text): text is string => typeof text === "string"))
    throw optionError(system, name, "a list of texts");
  return texts;
}

function isOptions(value: Option): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("secret" in value);
}
