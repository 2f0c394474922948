import type { Definition } from "../define/node.ts";
import type { PlatformPlan } from "../plan/vocabulary.ts";
import type { Changes } from "./against/changes.ts";
import { changesText } from "./against/notes.ts";
import { drawioOf } from "./diagram/drawio.ts";
import { lucidOf } from "./diagram/lucid.ts";
import { drawPlatform } from "./diagram/platform.ts";
import { pngOf } from "./diagram/png.ts";
import { svgOf } from "./diagram/svg.ts";
import type { DiagramView } from "./diagram/vocabulary.ts";
import { deckOf } from "./deck/deck.ts";
import { pptxOf } from "./deck/pptx.ts";
import { docxOf } from "./document/docx.ts";
import { markdownOf } from "./document/markdown.ts";
import { openPdfWriter, type Pdf } from "./document/pdf.ts";
import { oscalFiles } from "../render/oscal/oscal.ts";
import { details, storyOf, type Detail } from "./story/story.ts";
import { newestDate } from "./story/figures.ts";

/** A file of the package: its name, and what it is in a line. */
export interface DesignFile {
  readonly name: string;
  readonly what: string;
  readonly content: string | Uint8Array;
}

const views: readonly (readonly [view: DiagramView, name: string, what: string])[] = [
  ["architecture", "diagram", "the parts in their groups, and what flows between them"],
  ["deployment", "diagram-deployment", "where the parts run"],
  ["data-flow", "diagram-data-flow", "tables, models and endpoints from source to answer"],
];

/** Pages of which a document has at most five: the last of them may be this full, so that Word, whose lines are a little higher, needs no sixth. */
const fullest = 4.8;

/**
 * Everything that one defends a platform with: document, deck, diagrams, the plan itself, and a list of them. The same definition and plan give the same bytes.
 *
 * @param note is told what is being made
 * @param changes since an earlier version: document and diagrams then say what is other, and changes.md has every line of it
 * @throws MillwrightError `peer-missing` where a library is not installed
 */
export async function designFiles(
  definition: Definition,
  plan: PlatformPlan,
  note: (text: string) => void,
  changes: Changes | null = null,
): Promise<readonly DesignFile[]> {
  note("drawing the diagrams");
  const diagrams = views.map(([view, name, what]) => ({ name, what, diagram: drawPlatform(definition, plan, view, "page", changes) }));
  const drawn = diagrams.flatMap(({ name, what, diagram }): DesignFile[] => [
    { name: `${name}.svg`, what: `diagram: ${what}`, content: svgOf(diagram) },
    { name: `${name}.png`, what: "the same as a picture", content: pngOf(diagram) },
    { name: `${name}.drawio`, what: "the same for draw.io, to be edited", content: drawioOf(diagram) },
    { name: `${name}.lucid`, what: "the same for Lucidchart, by its Standard Import", content: lucidOf(diagram) },
  ]);
  const { width, height } = diagrams[0]?.diagram ?? { width: 1, height: 1 };
  const [svg, png] = [drawn[0]?.content, drawn[1]?.content];
  if (typeof svg !== "string" || typeof png !== "object") throw new TypeError("there is no diagram");
  const picture = { svg, png, width, height };
  note("writing the document");
  const writer = await openPdfWriter(picture);
  const { story, pdf } = fitting(details, (detail) => {
    const one = storyOf(definition, plan, detail, changes);
    return { story: one, pdf: writer.write(one) };
  });
  const docx = await docxOf(story, picture);
  note("making the deck");
  const pptx = await pptxOf(deckOf(definition, plan, drawPlatform(definition, plan, "architecture", "slide", changes)));
  const files: readonly DesignFile[] = [
    ...(changes === null
      ? []
      : [{ name: "changes.md", what: `what changed since ${changes.since}, and which comment led to it`, content: changesText(changes) }]),
    { name: "document.pdf", what: "the design, to be read", content: pdf.bytes },
    { name: "document.docx", what: "the same for Word", content: docx },
    { name: "document.md", what: "the same as Markdown", content: markdownOf(story, "diagram.svg") },
    { name: "deck.pptx", what: "seven slides with notes for ten to fifteen minutes", content: pptx },
    ...drawn,
    {
      name: "plan.json",
      what: "every number with its unit, its origin and the inputs of its formula",
      content: `${JSON.stringify(plan)}\n`,
    },
    ...oscalFiles(plan).map(({ path, content }) => ({ name: `oscal/${path}`, what: oscalWhat(path), content })),
  ];
  return [{ name: "README.md", what: "this list", content: readme(plan, files) }, ...files];
}

/** `component definition of hipaa, in OSCAL` */
function oscalWhat(path: string): string {
  const name = path.split("/").at(-1)?.replace(".json", "").replaceAll("-", " ") ?? path;
  return `${name} of ${path.split("/")[0]}, in OSCAL`;
}

/** The document with the most detail that has room: found by halving, as less detail never takes more pages. */
function fitting<T extends { readonly pdf: Pdf }>(choices: readonly Detail[], make: (detail: Detail) => T): T {
  let [from, to] = [0, choices.length - 1];
  let best: T | null = null;
  while (from <= to) {
    const middle = Math.floor((from + to) / 2);
    const detail = choices[middle];
    if (detail === undefined) break;
    const made = make(detail);
    if (made.pdf.length <= fullest || middle === choices.length - 1) [best, to] = [made, middle - 1];
    else from = middle + 1;
  }
  if (best === null) throw new RangeError("there is no detail to choose from");
  return best;
}

function readme(plan: PlatformPlan, files: readonly DesignFile[]): string {
  const date = newestDate(plan);
  return `# ${plan.platform}: the design of the environment ${plan.environment}

Written by \`millwright design\` from the platform file${date === null ? "" : `, with measurements and prices up to ${date}`}. Change the platform file and write it again; do not edit these.

| file | what it is |
| --- | --- |
${files.map(({ name, what }) => `| [${name}](${name}) | ${what} |`).join("\n")}
`;
}
