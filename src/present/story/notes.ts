import { formatWhere } from "../../error.ts";
import { whyUnknown, type Figure, type FigureOrigin } from "../../plan/figure.ts";
import { printed } from "./say.ts";
import type { Block, Draft, Inline, Note } from "./vocabulary.ts";

/** Gives each number the marker of a note; numbers of the same origin share one. */
export interface Notebook {
  mark(text: readonly Draft[]): readonly Inline[];
  markBlock(block: Block<Draft>): Block<Inline>;
  notes(): readonly Note[];
}

type Kind = "m" | "d" | "c" | "f" | "u";

const order: readonly Kind[] = ["m", "d", "c", "f", "u"];

/** What each letter of a marker stands for. */
export const kindTitles: Readonly<Record<Kind, string>> = {
  m: "measured",
  d: "declared",
  c: "catalogue",
  f: "computed",
  u: "unknown",
};

/** An empty notebook: notes are numbered as their numbers are met. */
export function notebook(): Notebook {
  const notes = new Map<string, { readonly kind: Kind; readonly number: number; readonly text: string }>();
  const marker = (kind: Kind, text: string): string => {
    const key = `${kind}${text}`;
    const known = notes.get(key);
    if (known !== undefined) return `${kind}${known.number}`;
    const number = [...notes.values()].filter((note) => note.kind === kind).length + 1;
    notes.set(key, { kind, number, text });
    return `${kind}${number}`;
  };
  const mark = (text: readonly Draft[]): readonly Inline[] =>
    text.map((piece) => {
      if (typeof piece === "string") return piece;
      if (piece.kind === "declared") return { kind: "number", text: piece.text, marker: marker("d", placeText(piece.where)) };
      if (piece.kind !== "figure") return piece;
      return { kind: "number", text: printed(piece), marker: marker(...noteOf(piece.figure)) };
    });
  const markBlock = (block: Block<Draft>): Block<Inline> => {
    switch (block.kind) {
      case "paragraph":
      case "callout":
        return { ...block, text: mark(block.text) };
      case "list":
        return { ...block, items: block.items.map(mark) };
      case "table":
        return { ...block, rows: block.rows.map((row) => row.map(mark)) };
      case "tiles":
        return { ...block, tiles: block.tiles.map((tile) => ({ ...tile, value: mark(tile.value) })) };
      case "picture":
        return block;
    }
  };
  return {
    mark,
    markBlock,
    notes: () =>
      order.flatMap((kind) =>
        [...notes.values()].filter((note) => note.kind === kind).map(({ number, text }) => ({ marker: `${kind}${number}`, text })),
      ),
  };
}

/** Where a figure came from, in a line. */
export function noteText(figure: Figure): string {
  return noteOf(figure)[1];
}

function noteOf(figure: Figure): [Kind, string] {
  const why = whyUnknown(figure);
  return why === null ? originNote(figure.origin) : ["u", why];
}

function originNote(origin: FigureOrigin): [Kind, string] {
  switch (origin.kind) {
    case "measured":
      return [
        "m",
        `${origin.what}, ${origin.run === null ? "" : `run ${origin.run.slice(0, 8)}, `}${origin.time.slice(0, 16).replace("T", " ")} UTC`,
      ];
    case "declared":
      return ["d", placeText(origin.where)];
    case "catalogue":
      return ["c", `${origin.source}, read ${origin.date}`];
    case "computed":
      return ["f", origin.formula];
    case "unknown":
      return ["u", origin.why];
  }
}

/** The file without its folders: the same on every machine. */
function placeText({ file, line }: { readonly file: string; readonly line: number }): string {
  return formatWhere({ file: file.split("/").at(-1) ?? file, line });
}
