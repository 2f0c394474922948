import type { Option } from "../define/option.ts";
import { optionError } from "../extract/options.ts";

/**
 * Where the value of a secret stands on the machine of a program that is configured by rendered files: a file of the variable's name, as
 * a mounted Secret of Kubernetes has it. Null when the option is absent.
 *
 * @throws MillwrightError `bad-option` when a secret stands there by value
 */
export function secretFile(system: string, options: Readonly<Record<string, Option>>, name: string, folder: string): string | null {
  const value = options[name];
  if (value === undefined) return null;
  const variable = variableOf(value);
  if (variable === null) throw optionError(system, name, 'a secret by reference, as env("NAME")');
  return `${folder}/${variable}`;
}

/** The name of the variable that a reference to a secret names; null for anything else. */
export function variableOf(option: Option): string | null {
  const reference = typeof option === "object" && option !== null && "secret" in option && option["secret"] === "env";
  return reference && "name" in option && typeof option["name"] === "string" ? option["name"] : null;
}
