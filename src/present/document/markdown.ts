import type { Block, Inline, Section, Story, Table } from "../story/vocabulary.ts";
import { kindTitles } from "../story/notes.ts";

/** The story as GitHub's Markdown, origins as footnotes. @param picture path of the diagram from the document's folder */
export function markdownOf(story: Story, picture: string): string {
  const { title, subtitle, date, summary, sections, notes } = story;
  return [
    `# ${title}`,
    `${subtitle}.${date === null ? "" : ` As of ${date}.`}`,
    ...summary.map((block) => blockText(block, picture)),
    ...sections.flatMap((section, index) => sectionText(section, index + 1, picture)),
    "## Where the numbers come from",
    `Each number carries a marker: ${Object.entries(kindTitles)
      .map(([letter, meaning]) => `${letter} ${meaning}`)
      .join(", ")}. The inputs of every formula are in plan.json.`,
    notes.map(({ marker, text }) => `[^${marker}]: ${text}`).join("\n"),
    "",
  ].join("\n\n");
}

function sectionText({ title, blocks }: Section<Inline>, number: number, picture: string): string[] {
  return [`## ${number}. ${title}`, ...blocks.map((block) => blockText(block, picture))];
}

function blockText(block: Block<Inline>, picture: string): string {
  switch (block.kind) {
    case "paragraph":
      return inlineText(block.text);
    case "list":
      return block.items.map((item) => `- ${inlineText(item)}`).join("\n");
    case "table":
      return tableText(block);
    case "picture":
      return `![${block.caption}](${picture})`;
    case "callout":
      return `> **${block.title}** ${inlineText(block.text)}`;
    case "tiles":
      return [
        row(block.tiles.map(({ label }) => label)),
        row(block.tiles.map(() => "---")),
        row(block.tiles.map(({ value }) => `**${cell(value)}**`)),
      ].join("\n");
  }
}

function tableText({ columns, rows, rest }: Table<Inline>): string {
  const lines = [
    row(columns.map(({ title }) => title)),
    row(columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...rows.map((cells) => row(cells.map(cell))),
  ];
  return `${lines.join("\n")}${rest === null ? "" : `\n\n${rest}`}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function cell(text: readonly Inline[]): string {
  return inlineText(text).replaceAll("|", "\\|");
}

function inlineText(text: readonly Inline[]): string {
  return text
    .map((piece) => {
      if (typeof piece === "string") return escaped(piece);
      switch (piece.kind) {
        case "number":
          return `${escaped(piece.text)}[^${piece.marker}]`;
        case "code":
          return `\`${piece.text}\``;
        case "strong":
        case "status":
          return `**${escaped(piece.text)}**`;
      }
    })
    .join("");
}

/** What Markdown would take for its own signs. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, (sign) => `\\${sign}`);
}
