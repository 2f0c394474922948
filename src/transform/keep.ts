import { duplicatedPart } from "./dedupe.ts";
import { dialectOf } from "./dialects.ts";
import { fits } from "./fits.ts";
import { chainText, printChain, type Print } from "./print.ts";

/**
 * The next part that is worth computing once, because more than one statement of a build reads it: the keys that a dedupe finds twice.
 * They are few, and to find them all keys are grouped: the largest cost of a build besides writing, when the fitting, the
 * refused rows and the table each pay it. Ask after every fit; null while there is none.
 *
 * @returns `name` of the part, and the query whose rows are to be kept and given to the printers as `kept`.
 */
export function nextKeep(print: Print): { readonly name: string; readonly query: string } | null {
  const { node, fitted, kept = {} } = print;
  const at = node.operations.findIndex(({ kind }, index) => kind === "dedupe" && !(duplicatedPart(String(index + 1)) in kept));
  if (at === -1) return null;
  const statistics = fits(node);
  // What stands before the dedupe is fitted first.
  if (statistics.some(({ operation, key }) => operation < at && !(key in fitted))) return null;
  const readAgain =
    statistics.some(({ operation }) => operation > at) ||
    node.operations.slice(at + 1).some(({ kind }) => kind === "check" || kind === "convert");
  if (!readAgain) return null;
  const name = duplicatedPart(String(at + 1));
  const { parts } = printChain({ ...print, node: { ...node, operations: node.operations.slice(0, at + 1) } });
  const position = parts.findIndex((part) => part.name === name);
  return { name, query: `${chainText(parts.slice(0, position), dialectOf(print.dialect))}${parts[position]?.sql ?? ""}` };
}
