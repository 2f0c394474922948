import type * as Docx from "docx";
import { timeless } from "../archive.ts";
import { loadPresenter } from "../peer.ts";
import { kindTitles } from "../story/notes.ts";
import type { Block, Inline, Story, Table, Tile } from "../story/vocabulary.ts";
import type { Picture } from "./pictures.ts";
import { longestNumber, statusColours, tileShares } from "./typst.ts";

type Library = typeof Docx;
type Child = Docx.Paragraph | Docx.Table;

/** Twentieths of a point: A4 with the margins of the PDF. */
const page = { width: 11_906, height: 16_838, margin: { left: 1_077, right: 1_077, top: 850, bottom: 850, footer: 400 } };
const sheet = { size: { width: page.width, height: page.height }, margin: page.margin };
const textWidth: number = page.width - page.margin.left - page.margin.right;

const [ink, soft, accent, rule] = ["0F172A", "475569", "1D4ED8", "CBD5E1"];

/** The story as a Word document. @throws MillwrightError `peer-missing` */
export async function docxOf(story: Story, picture: Picture): Promise<Uint8Array> {
  const docx = await loadPresenter("docx", () => import("docx"));
  const { Document, Packer, Paragraph, TextRun, HeadingLevel, SectionType } = docx;
  const blocks = (all: readonly Block<Inline>[]): Child[] => all.flatMap((block) => children(docx, block, picture));
  const small = (text: string): Docx.Paragraph =>
    new Paragraph({ spacing: { after: 60 }, children: [new TextRun({ text, size: 15, color: soft })] });
  const document = new Document({
    title: story.title,
    creator: "Millwright",
    lastModifiedBy: "Millwright",
    styles: {
      default: {
        document: { run: { font: "Arial", size: 18, color: ink }, paragraph: { spacing: { after: 110, line: 252, lineRule: "auto" } } },
        heading1: { run: { size: 24, bold: true, color: accent }, paragraph: { spacing: { before: 200, after: 90 }, keepNext: true } },
        title: { run: { size: 40, bold: true, color: ink }, paragraph: { spacing: { after: 30 } } },
      },
    },
    sections: [
      {
        properties: { page: sheet },
        footers: { default: footer(docx, story.title) },
        children: [
          new Paragraph({ text: story.title, heading: HeadingLevel.TITLE }),
          new Paragraph({
            spacing: { after: 140 },
            children: [
              new TextRun({ text: `${story.subtitle}.${story.date === null ? "" : ` As of ${story.date}.`}`, size: 20, color: soft }),
            ],
          }),
          ...blocks(story.summary),
          ...story.sections.flatMap(({ title, blocks: of }, index) => [
            new Paragraph({ text: `${index + 1} ${title}`, heading: HeadingLevel.HEADING_1 }),
            // Word puts a picture where it stands: after the text, so that the page before it is filled.
            ...blocks(of.toSorted((a, b) => Number(a.kind === "picture") - Number(b.kind === "picture"))),
          ]),
          new Paragraph({ text: "Where the numbers come from", heading: HeadingLevel.HEADING_1 }),
          small(
            `Each number carries a marker: ${Object.entries(kindTitles)
              .map(([letter, meaning]) => `${letter} ${meaning}`)
              .join(", ")}. The inputs of every formula are in plan.json.`,
          ),
        ],
      },
      {
        properties: {
          type: SectionType.CONTINUOUS,
          column: { count: 2, space: 280 },
          page: sheet,
        },
        children: story.notes.map(
          ({ marker, text }) =>
            new Paragraph({
              spacing: { after: 20, line: 220, lineRule: "auto" },
              indent: { left: 400, hanging: 400 },
              tabStops: [{ type: docx.TabStopType.LEFT, position: 400 }],
              children: [
                new TextRun({ text: marker, bold: true, size: 14, color: soft }),
                new TextRun({ text: `\t${text}`, size: 14, color: soft }),
              ],
            }),
        ),
      },
      // A last section that begins on the same page makes the columns before it equally long.
      { properties: { type: SectionType.CONTINUOUS, page: sheet }, children: [] },
    ],
  });
  return timeless(await Packer.toBuffer(document), `${story.date ?? "1980-01-01"}T00:00:00Z`);
}

function footer({ Footer, Paragraph, TextRun, PageNumber, TabStopType }: Library, title: string): Docx.Footer {
  const run = { size: 15, color: soft };
  return new Footer({
    children: [
      new Paragraph({
        tabStops: [{ type: TabStopType.RIGHT, position: textWidth }],
        children: [
          new TextRun({ text: `${title}\t`, ...run }),
          new TextRun({ children: [PageNumber.CURRENT, " / ", PageNumber.TOTAL_PAGES], ...run }),
        ],
      }),
    ],
  });
}

function children(docx: Library, block: Block<Inline>, picture: Picture): Child[] {
  const { Paragraph, TextRun, ImageRun, AlignmentType, BorderStyle, ShadingType } = docx;
  switch (block.kind) {
    case "paragraph":
      return [new Paragraph({ children: runs(docx, block.text, 18) })];
    case "list":
      return block.items.map(
        (item) =>
          new Paragraph({
            bullet: { level: 0 },
            indent: { left: 260, hanging: 200 },
            spacing: { after: 50 },
            children: runs(docx, item, 18),
          }),
      );
    case "table":
      return tableChildren(docx, block);
    case "picture": {
      // Pixels of 1/96 inch; a tall picture leaves room for its caption and the heading.
      const scale = Math.min(textWidth / 15 / picture.width, 700 / picture.height);
      return [
        new Paragraph({
          alignment: AlignmentType.CENTER,
          keepNext: true,
          spacing: { after: 40, line: 240, lineRule: "auto" },
          children: [
            new ImageRun({
              type: "png",
              data: picture.png,
              transformation: { width: Math.floor(picture.width * scale), height: Math.floor(picture.height * scale) },
              altText: { id: "1", name: "Architecture", title: "Architecture", description: block.caption },
            }),
          ],
        }),
        new Paragraph({ alignment: AlignmentType.CENTER, children: [new TextRun({ text: block.caption, size: 15, color: soft })] }),
      ];
    }
    case "callout":
      return [
        new Paragraph({
          shading: { type: ShadingType.CLEAR, fill: "FFFBEB" },
          border: { left: { style: BorderStyle.SINGLE, size: 18, space: 6, color: hex(statusColours[block.status]) } },
          children: [
            new TextRun({ text: `${block.title}  `, bold: true, color: hex(statusColours[block.status]) }),
            ...runs(docx, block.text, 18),
          ],
        }),
      ];
    case "tiles":
      return tileChildren(docx, block.tiles);
  }
}

function tableChildren(docx: Library, { columns, rows, rest }: Table<Inline>): Child[] {
  const { Paragraph, Table, TableRow, TableCell, TextRun, WidthType, AlignmentType, ShadingType, BorderStyle, TableLayoutType } = docx;
  const whole = columns.reduce((sum, { width }) => sum + width, 0);
  const widths = columns.map(({ width }) => Math.floor((textWidth * width) / whole));
  const line = { style: BorderStyle.SINGLE, size: 4, color: rule };
  const none = { style: BorderStyle.NONE, size: 0, color: "auto" };
  const cell = (content: Docx.ParagraphChild[], index: number, fill: string | null): Docx.TableCell =>
    new TableCell({
      width: { size: widths[index] ?? 0, type: WidthType.DXA },
      margins: { top: 30, bottom: 30, left: 80, right: 80 },
      ...(fill === null ? {} : { shading: { type: ShadingType.CLEAR, fill } }),
      children: [
        new Paragraph({
          run: { size: 15 },
          spacing: { after: 0, line: 228, lineRule: "auto" },
          alignment: columns[index]?.align === "right" ? AlignmentType.RIGHT : AlignmentType.LEFT,
          children: content,
        }),
      ],
    });
  return [
    new Table({
      layout: TableLayoutType.FIXED,
      width: { size: textWidth, type: WidthType.DXA },
      columnWidths: widths,
      borders: { top: none, left: none, right: none, bottom: line, insideHorizontal: line, insideVertical: none },
      rows: [
        new TableRow({
          tableHeader: true,
          cantSplit: true,
          children: columns.map(({ title }, index) => cell([new TextRun({ text: title, bold: true, size: 15 })], index, "EFF6FF")),
        }),
        ...rows.map(
          (cells) => new TableRow({ cantSplit: true, children: cells.map((text, index) => cell(runs(docx, text, 15), index, null)) }),
        ),
      ],
    }),
    new Paragraph({
      spacing: { before: rest === null ? 0 : 50, after: rest === null ? 0 : 80, line: 200, lineRule: "auto" },
      run: { size: 8 },
      children: rest === null ? [] : [new TextRun({ text: rest, size: 15, color: soft })],
    }),
  ];
}

function tileChildren(docx: Library, tiles: readonly Tile<Inline>[]): Child[] {
  const { Paragraph, Table, TableRow, TableCell, TextRun, WidthType, ShadingType, BorderStyle, TableLayoutType } = docx;
  const shares = tileShares(tiles);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const widths = shares.map((share) => Math.floor((textWidth * share) / whole));
  const line = { style: BorderStyle.SINGLE, size: 4, color: rule };
  const tile = ({ label, value, status }: Tile<Inline>, index: number): Docx.TableCell =>
    new TableCell({
      width: { size: widths[index] ?? 0, type: WidthType.DXA },
      margins: { top: 80, bottom: 80, left: 110, right: 60 },
      shading: { type: ShadingType.CLEAR, fill: "F8FAFC" },
      borders: { top: line, bottom: line, left: line, right: line },
      children: [
        new Paragraph({
          spacing: { after: 20, line: 240, lineRule: "auto" },
          children: runs(docx, value, 22, status === "neutral" ? ink : hex(statusColours[status]), true),
        }),
        new Paragraph({
          spacing: { after: 0, line: 220, lineRule: "auto" },
          children: [new TextRun({ text: label, size: 15, color: soft })],
        }),
      ],
    });
  return [
    new Table({
      layout: TableLayoutType.FIXED,
      width: { size: textWidth, type: WidthType.DXA },
      columnWidths: widths,
      rows: [new TableRow({ children: tiles.map(tile) })],
    }),
    new Paragraph({ run: { size: 8 }, spacing: { after: 0, line: 200, lineRule: "auto" }, children: [] }),
  ];
}

/** @param size half points */
function runs({ TextRun }: Library, text: readonly Inline[], size: number, color: string = ink ?? "", bold = false): Docx.TextRun[] {
  return text.flatMap((piece) => {
    if (typeof piece === "string") return [new TextRun({ text: piece, size, color, bold })];
    switch (piece.kind) {
      case "number":
        return [
          new TextRun({ text: piece.text.length > longestNumber ? piece.text : piece.text.replaceAll(" ", "\u00a0"), size, color, bold }),
          new TextRun({ text: piece.marker, size: Math.min(size, 18), color: soft, superScript: true }),
        ];
      case "code":
        return [new TextRun({ text: piece.text, size, color, italics: true })];
      case "strong":
        return [new TextRun({ text: piece.text, size, color, bold: true })];
      case "status":
        return [new TextRun({ text: piece.text, size, bold: true, color: hex(statusColours[piece.status]) })];
    }
  });
}

function hex(colour: string): string {
  return colour.slice(1).toUpperCase();
}
