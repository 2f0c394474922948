import type { Block, Inline, Note, Story, Status, Table, Tile } from "../story/vocabulary.ts";
import { kindTitles } from "../story/notes.ts";

/** Colours of status words, dark enough on white for small print. */
export const statusColours: Readonly<Record<Status, string>> = Object.freeze({
  good: "#15803d",
  bad: "#b91c1c",
  open: "#b45309",
  neutral: "#475569",
});

/** Characters up to which a number stays on one line with its unit and marker; a reason of a person's is longer. */
export const longestNumber = 26;

/** Of the name in the compiler's file system, beside the main file. */
export const pictureFile = "picture.svg";

/** What the document's end is called: it says which share of its page is full. */
export const endLabel = "<end>";

/** The story as a typst document of A4 pages. @param ratio height of the picture by its width */
export function typstOf(story: Story, ratio: number): string {
  const { title, subtitle, date, summary, sections, notes } = story;
  return [
    preamble(story),
    `#text(20pt, weight: "bold", fill: ink)[${escaped(title)}]\n#v(-9pt)\n#text(10pt, fill: soft)[${escaped(`${subtitle}.${date === null ? "" : ` As of ${date}.`}`)}]`,
    ...summary.map((block) => blockText(block, ratio)),
    ...sections.flatMap(({ title: heading, blocks }) => [`= ${escaped(heading)}`, ...blocks.map((block) => blockText(block, ratio))]),
    `#heading(numbering: none)[Where the numbers come from]`,
    `#text(7.5pt, fill: soft)[Each number carries a marker: ${Object.entries(kindTitles)
      .map(([letter, meaning]) => `*${letter}* ${meaning}`)
      .join(", ")}. The inputs of every formula are in plan.json.]`,
    `#[#set text(7pt, fill: soft)\n#set par(leading: 0.42em, spacing: 0.5em, justify: false)\n#grid(columns: (1fr, 1fr), gutter: 5mm, ${halves(
      notes,
    )
      .map((half) => `[${half.map(({ marker, text }) => `#note[${marker}][${escaped(text)}]`).join("\n")}]`)
      .join(", ")})]`,
    `#context [#metadata(here().position().y / 297mm) ${endLabel}]`,
    "",
  ].join("\n\n");
}

function preamble({ title, date }: Story): string {
  const day =
    date === null
      ? "none"
      : `datetime(year: ${Number(date.slice(0, 4))}, month: ${Number(date.slice(5, 7))}, day: ${Number(date.slice(8, 10))})`;
  return `#let ink = rgb("#0f172a")
#let soft = rgb("#475569")
#let accent = rgb("#1d4ed8")
#let rule = 0.5pt + rgb("#cbd5e1")
#let note(marker, body) = block(spacing: 0.5em, grid(columns: (7mm, 1fr), strong(marker), body))
#let mark(body) = super(size: 0.62em, text(fill: soft, body))
#let state(colour, body) = text(fill: rgb(colour), weight: "bold", body)
#let tile(colour, value, label) = rect(width: 100%, radius: 3pt, inset: (x: 7pt, y: 6pt), fill: rgb("#f8fafc"), stroke: rule)[#text(11pt, weight: "bold", fill: colour, value)#linebreak()#text(7.5pt, fill: soft, label)]
#set document(title: "${title.replaceAll('"', "")}", date: ${day})
#set page(paper: "a4", margin: (x: 1.9cm, top: 1.7cm, bottom: 1.6cm), footer: context [#set text(7.5pt, fill: soft)
#escapedTitle #h(1fr) #counter(page).display("1 / 1", both: true)])
#set text(font: "Arimo", size: 9pt, fill: ink, lang: "en", hyphenate: false)
#set par(leading: 0.56em, spacing: 0.85em, justify: false)
#set list(indent: 2pt, body-indent: 5pt, spacing: 0.6em, marker: text(fill: accent)[•])
#set heading(numbering: "1")
#show heading: it => block(above: 1.25em, below: 0.65em, sticky: true, text(12pt, fill: accent, weight: "bold", it))
#show raw: set text(font: "Arimo", size: 1em, style: "italic")
#show table: set text(7.8pt)
#show table: set par(leading: 0.46em)
#set table.cell(breakable: false)
#set table(stroke: (x, y) => (bottom: rule), fill: (x, y) => if y == 0 { rgb("#eff6ff") }, inset: (x: 4pt, y: 3.4pt))`.replace(
    "#escapedTitle",
    escaped(title),
  );
}

function blockText(block: Block<Inline>, ratio: number): string {
  switch (block.kind) {
    case "paragraph":
      return inlineText(block.text);
    case "list":
      return block.items.map((item) => `- ${inlineText(item)}`).join("\n");
    case "table":
      return tableText(block);
    case "picture":
      return `#figure(image("${pictureFile}", alt: "${block.caption.replaceAll(/["\\]/g, "")}", ${ratio > 1.1 ? "height: 175mm" : "width: 100%"}), caption: text(7.5pt, fill: soft)[${escaped(block.caption)}], supplement: none, numbering: none, placement: auto)`;
    case "callout":
      return `#block(width: 100%, inset: 7pt, radius: 3pt, fill: rgb("#fffbeb"), stroke: (left: 2.5pt + rgb("${statusColours[block.status]}")))[#state("${statusColours[block.status]}")[${escaped(block.title)}] #h(3pt) ${inlineText(block.text)}]`;
    case "tiles":
      return `#grid(columns: (${tileShares(block.tiles)
        .map((share) => `${share}fr`)
        .join(", ")}), gutter: 5pt, ${block.tiles
        .map(
          ({ value, label, status }) =>
            `tile(${status === "neutral" ? "ink" : `rgb("${statusColours[status]}")`}, [${inlineText(value)}], [${escaped(label)}])`,
        )
        .join(", ")})`;
  }
}

function tableText({ columns, rows, rest }: Table<Inline>): string {
  const body = [
    `columns: (${columns.map(({ width }) => `${width}fr`).join(", ")})`,
    `align: (${columns.map(({ align }) => align ?? "left").join(", ")},)`,
    `table.header(${columns.map(({ title }) => `[*${escaped(title)}*]`).join(", ")})`,
    ...rows.map((cells) => cells.map((cell) => `[${inlineText(cell)}]`).join(", ")),
  ];
  if (rest !== null) body.push(`table.cell(colspan: ${columns.length}, stroke: none, text(7.5pt, fill: soft)[${escaped(rest)}])`);
  return `#table(${body.join(",\n")})`;
}

function inlineText(text: readonly Inline[]): string {
  return text
    .map((piece) => {
      if (typeof piece === "string") return escaped(piece);
      switch (piece.kind) {
        case "number":
          return piece.text.length > longestNumber
            ? `${escaped(piece.text)}#mark[${piece.marker}]`
            : `#box[${escaped(piece.text)}#mark[${piece.marker}]]`;
        case "code":
          return `#emph[${escaped(piece.text)}]`;
        case "strong":
          return `*${escaped(piece.text)}*`;
        case "status":
          return `#state("${statusColours[piece.status]}")[${escaped(piece.text)}]`;
      }
    })
    .join("");
}

/** How wide each tile is against the others: by what stands in it. */
export function tileShares(tiles: readonly Tile<Inline>[]): readonly number[] {
  return tiles.map(({ value, label }) =>
    Math.max(
      8,
      value.reduce((sum, piece) => sum + (typeof piece === "string" ? piece : piece.text).length, 0),
      label.length * 0.6,
    ),
  );
}

/** The notes in two columns of about the same height. */
function halves(notes: readonly Note[]): readonly (readonly Note[])[] {
  const linesOf = ({ text }: Note): number => Math.ceil(text.length / 70);
  const whole = notes.reduce((sum, note) => sum + linesOf(note), 0);
  let [count, sum] = [0, 0];
  for (const note of notes) {
    if (sum >= whole / 2) break;
    sum += linesOf(note);
    count++;
  }
  return [notes.slice(0, count), notes.slice(count)];
}

/** What typst would take for its own signs, also at a line's beginning. */
function escaped(text: string): string {
  return text.replaceAll(/[\\#$*_`<>@~[\]{}()"'=+/;.-]/g, (sign) => `\\${sign}`);
}
