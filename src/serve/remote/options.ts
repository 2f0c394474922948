import { objectOr, optionError, textOption } from "../../extract/options.ts";
import type { Options } from "../../systems/roles.ts";

/** The address of a server, without user and password, and without a slash at the end. @throws MillwrightError `bad-option` */
export function addressOption(system: string, options: Options, name: string): string {
  const url = textOption(system, options, name);
  // It is not repeated, because it may hold a password.
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || `${parsed.username}${parsed.password}${parsed.search}${parsed.hash}` !== "")
    throw optionError(system, name, "an address such as http://127.0.0.1:8000, without user, password and what follows a question mark");
  return url.replace(/\/+$/, "");
}

/** Headers by name; none where the option is absent. @throws MillwrightError `bad-option` */
export function headersOption(system: string, options: Options, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOr(system, options, name)).map(([header, value]) => {
      if (typeof value !== "string") throw optionError(system, `${name}.${header}`, "a text");
      return [header, value];
    }),
  );
}
