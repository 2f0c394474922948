import type { Definition } from "../../define/node.ts";
import type { Ground, Missing, PlatformLine } from "./vocabulary.ts";

/** Something to be done by a command. */
export function byCommand(what: string, command: string): Missing {
  return { what, command, lines: [] };
}

/** Something to be done by lines of the platform file. */
export function byLines(what: string, ...lines: readonly PlatformLine[]): Missing {
  return { what, command: null, lines };
}

export function line(text: string, after: string | null): PlatformLine {
  return { text, after };
}

/** A word as a shell takes it: in single quotes where it is more than letters, digits and a few signs. */
export function quoted(word: string): string {
  return /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `millwright design --env prod --out design` */
export function millwright({ plan }: Pick<Ground, "plan">, ...words: readonly string[]): string {
  const [command = "", ...rest] = words;
  return ["millwright", command, ...rest, "--env", plan.environment].map(quoted).join(" ");
}

/** The command that brings everything up to date where it can run: in the first environment. */
export function runs({ definition, plan }: Ground): string {
  const [first] = Object.keys(definition.environments);
  return first === undefined || first === plan.environment ? millwright({ plan }, "run") : `millwright run --env ${quoted(first)}`;
}

/** The variable that `millwright init` gives a table. */
export function variable(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The line that begins an environment in the platform file. */
export function environmentLine({ plan }: Pick<Ground, "plan">): string {
  return `${/^[A-Za-z_$][\w$]*$/.test(plan.environment) ? plan.environment : JSON.stringify(plan.environment)}: environment({`;
}

/** Assets of a kind. */
export function assetsOf<K extends Definition["assets"][number]["kind"]>(
  { assets }: Definition,
  kind: K,
): Extract<Definition["assets"][number], { readonly kind: K }>[] {
  return assets.flatMap((asset) => (isKind(asset, kind) ? [asset] : []));
}

function isKind<K extends Definition["assets"][number]["kind"]>(
  asset: Definition["assets"][number],
  kind: K,
): asset is Extract<Definition["assets"][number], { readonly kind: K }> {
  return asset.kind === kind;
}

/** `one`, `one and two`, `one, two and 3 more` */
export function named(names: readonly string[], most = 4): string {
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names;
  return shown.length < 2 ? (shown[0] ?? "nothing") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Members that are there; what is false is left out. */
export function only<T>(...members: readonly (T | false | null)[]): T[] {
  return members.filter((member): member is T => member !== false && member !== null);
}

/** `1 table`, `2 tables` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Whether the requirements say that nobody waits for an answer. */
export function inBatches({ requirements }: Definition): boolean {
  return requirements.some(({ name, value }) => name === "serving" && value === "batch");
}
