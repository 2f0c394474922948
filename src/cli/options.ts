import { MillwrightError } from "../error.ts";

/** What every command takes besides its own options. */
export const commonOptions: {
  readonly env: { readonly type: "string" };
  readonly file: { readonly type: "string" };
  readonly json: { readonly type: "boolean"; readonly default: false };
} = { env: { type: "string" }, file: { type: "string" }, json: { type: "boolean", default: false } };

/** Runs `parseArgs` and words its complaint as the user's error. @throws MillwrightError `bad-option` */
export function parsing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new MillwrightError({ code: "bad-option", what: error.message.split(".")[0] ?? error.message, fix: "see --help" });
  }
}

/** A whole number of at least `least`. @throws MillwrightError `bad-option` */
export function wholeNumber(text: string | undefined, option: string, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new MillwrightError({
      code: "bad-option",
      what: `${option} takes a whole number from ${least} up, not '${text}'`,
      fix: "see --help",
    });
  }
  return value;
}

/** An option that a command cannot do without. @throws MillwrightError `bad-option` */
export function required(value: string | undefined, option: string, command: string): string {
  if (value !== undefined) return value;
  throw new MillwrightError({ code: "bad-option", what: `${option} is missing`, fix: `see millwright ${command} --help` });
}
