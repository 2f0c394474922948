import type { Origin } from "../../error.ts";
import type { Figure } from "../../plan/figure.ts";

/** How a word is to be seen: green, red, amber, or as the rest. */
export type Status = "good" | "bad" | "open" | "neutral";

/** Pieces that are the same before and after numbers get their markers. */
type Plain =
  | string
  | { readonly kind: "strong"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "status"; readonly status: Status; readonly text: string };

/** A piece of a sentence as the sections write it: numbers are figures of the plan, or words of the platform file. */
export type Draft =
  | Plain
  /** `price`: of one of something, with all its digits. */
  | { readonly kind: "figure"; readonly figure: Figure; readonly price?: true }
  | { readonly kind: "declared"; readonly text: string; readonly where: Origin };

/** A piece of a sentence as it is printed: each number with the marker of the note that says where it came from. */
export type Inline = Plain | { readonly kind: "number"; readonly text: string; readonly marker: string };

export interface TableColumn {
  readonly title: string;
  /** Of the width, relative to the other columns. */
  readonly width: number;
  readonly align?: "right";
}

export interface Table<Piece> {
  readonly kind: "table";
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly (readonly Piece[])[])[];
  /** What was left out, to be said below it; null when nothing was. */
  readonly rest: string | null;
}

/** What documents are made of. */
export type Block<Piece> =
  | { readonly kind: "paragraph"; readonly text: readonly Piece[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Piece[])[] }
  | Table<Piece>
  /** The diagram of the platform. */
  | { readonly kind: "picture"; readonly caption: string }
  | { readonly kind: "callout"; readonly status: Status; readonly title: string; readonly text: readonly Piece[] }
  /** Few large numbers side by side. */
  | { readonly kind: "tiles"; readonly tiles: readonly Tile<Piece>[] };

export interface Tile<Piece> {
  readonly label: string;
  readonly value: readonly Piece[];
  readonly status: Status;
}

export interface Section<Piece> {
  readonly title: string;
  readonly blocks: readonly Block<Piece>[];
}

export type DraftText = readonly Draft[];
export type DraftBlock = Block<Draft>;
export type DraftSection = Section<Draft>;

/** Where numbers came from: `m` measured, `d` declared, `c` catalogue, `f` formula, `u` unknown. */
export interface Note {
  /** `m1` */
  readonly marker: string;
  readonly text: string;
}

/** What Markdown, PDF and DOCX say: one text, from the plan alone. */
export interface Story {
  readonly title: string;
  readonly subtitle: string;
  /** The newest day of its measurements and prices (`2026-11-22`); null when there is none. */
  readonly date: string | null;
  /** Before the first section: what one should know who reads no further. */
  readonly summary: readonly Block<Inline>[];
  readonly sections: readonly Section<Inline>[];
  readonly notes: readonly Note[];
}
