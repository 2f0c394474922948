import { duplicatedPart, newestOfRepeated, newestPart } from "./dedupe.ts";
import { dialectOf } from "./dialects.ts";
import { fits } from "./fits.ts";
import { chainText, printChain, type Print } from "./print.ts";
import { schemaSteps } from "./schema.ts";

/**
 * The next part that is worth computing once, because more than one statement of a build reads it: the keys that a dedupe finds twice,
 * then the rows that it takes of these. They are few, but to find them all keys are grouped, and to rank them all columns are read (every
 * column breaks ties): the largest cost of a build besides writing, when the fittings, the refused rows and the table each pay it.
 * Ask after every fit; null while there is none.
 *
 * @returns `name` of the part, and the query whose rows are to be kept and given to the printers as `kept`.
 */
export function nextKeep(print: Print): { readonly name: string; readonly query: string } | null {
  const { node, fitted, kept = {} } = print;
  // Engines that rank the rows of all keys have no such part.
  if (dialectOf(print.dialect).repeated === null) return null;
  const at = node.operations.findIndex(({ kind }, index) => kind === "dedupe" && !(newestPart(String(index + 1)) in kept));
  if (at === -1) return null;
  const statistics = fits(node);
  // What stands before the dedupe is fitted first.
  if (statistics.some(({ operation, key }) => operation < at && !(key in fitted))) return null;
  const readAgain =
    statistics.some(({ operation }) => operation > at) ||
    node.operations.slice(at + 1).some(({ kind }) => kind === "check" || kind === "convert");
  if (!readAgain) return null;
  const index = String(at + 1);
  const dialect = dialectOf(print.dialect);
  const { parts } = printChain({ ...print, node: { ...node, operations: node.operations.slice(0, at + 1) } });
  const position = parts.findIndex((part) => part.name === duplicatedPart(index));
  const before = parts.slice(0, position);
  if (!(duplicatedPart(index) in kept))
    return { name: duplicatedPart(index), query: `${chainText(before, dialect)}${parts[position]?.sql ?? ""}` };
  const operation = node.operations[at];
  if (operation?.kind !== "dedupe") throw new Error(`operation ${index} is no dedupe`);
  const previous = before.at(-1);
  const ranked = newestOfRepeated(
    {
      from: previous === undefined ? print.relation(node.inputs[0] ?? "") : dialect.identifier(previous.name),
      columns: schemaSteps(node, print.columnsOf).steps[at]?.before ?? [],
      keys: operation.keys,
      newest: operation.newest,
      index,
    },
    { ...print, dialect },
  );
  return { name: newestPart(index), query: `${chainText(parts.slice(0, position + 1), dialect)}${ranked}` };
}
