import type { Port } from "../serve/signature.ts";
import type { CardInput } from "./card.ts";
import type { ImportedFrom } from "./version.ts";

/** The card of a model that was trained elsewhere: where it comes from, what it takes and gives, and that nothing was measured here. */
export function importedCard({ version, content, files, provenance, created, description }: CardInput, imported: ImportedFrom): string {
  const ports = (head: string, list: readonly Port[]): string =>
    [
      `| ${head} | type | shape |`,
      "| --- | --- | --- |",
      ...list.map(({ name, datatype, shape }) => `| ${name} | ${datatype} | [${shape.join(", ")}] |`),
    ].join("\n");
  const sections = [
    `# ${description.model}, version ${version}`,
    `Imported from the registry of ${imported.system}: version ${imported.version} of \`${imported.model}\`, which \`${imported.reference}\` meant when run \`${provenance.run}\` brought it to environment \`${provenance.environment}\`, ${created}.`,
    "## What it takes and gives",
    ports("input", imported.signature.inputs),
    ports("output", imported.signature.outputs),
    "## Limits",
    "It was trained elsewhere: its data, code and figures are that registry's. Here it was loaded and run once; its predictions were judged by no rows and no gate, and there is no profile to watch drift against.",
    "## Files",
    [
      "| file | bytes | SHA-256 |",
      "| --- | --- | --- |",
      ...Object.entries(files).map(([name, { bytes, sha256 }]) => `| ${name} | ${bytes} | \`${sha256}\` |`),
    ].join("\n"),
    `Content: \`${content}\``,
  ];
  return `${sections.join("\n\n")}\n`;
}
