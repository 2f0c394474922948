import type { DiagramForm } from "./vocabulary.ts";

/** Everything stands on a lattice of this many pixels: lines run on it, so that two never come nearer. Frames stand between its lines. */
export const pitch = 12;

/** Room between cards, in pixels, each a multiple of the pitch. */
export interface Spacing {
  /** From card to card across two frames side by side. */
  readonly gutter: number;
  /** From frame to frame, one above the other. */
  readonly band: number;
  /** Between columns of one frame. */
  readonly column: number;
  /** Between columns of one frame with labels on the links between its cards. */
  readonly labelled: number;
  /** Between rows of one frame whose cards are linked. */
  readonly row: number;
  /** Between cards of one frame that are not linked, both ways. */
  readonly plain: number;
}

/** Each try has more room than the one before it, and more so. */
export function spacingOf(attempt: number): Spacing {
  const more = (pitch * attempt * (attempt + 1)) / 2;
  return { gutter: 84 + 2 * more, band: 48 + 2 * more, column: 36 + more, labelled: 96 + more, row: 48 + more, plain: 24 + more };
}

/** Frame to card: beside and below, and above, where the title stands. Half a pitch more or less than a multiple of it. */
export const frame: { readonly side: number; readonly top: number } = Object.freeze({ side: 18, top: 42 });

/** Around everything; lines that go around a frame find room here. */
export const margin = 30;

/** Of letters, pixels. */
export const sizes: Readonly<Record<"heading" | "subheading" | "group" | "title" | "line" | "label" | "legend", number>> = Object.freeze({
  heading: 22,
  subheading: 12.5,
  group: 13,
  title: 13,
  line: 11,
  label: 11,
  legend: 11,
});

/**
 * Points of 1/72 inch: A4 upright inside margins of a centimetre, and a slide of 16 by 9 below its title. `widest`: pixels of a picture whose smallest letters
 * (11 pixels) are 6 points high when it is as wide as that.
 */
export const papers: Readonly<Record<DiagramForm, { readonly width: number; readonly height: number; readonly widest: number }>> =
  Object.freeze({ page: { width: 538, height: 785, widest: 986 }, slide: { width: 912, height: 425, widest: 1672 } });

/** The next multiple of the pitch. */
export function snapped(length: number): number {
  return Math.ceil(length / pitch) * pitch;
}
