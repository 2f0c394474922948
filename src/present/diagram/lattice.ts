import { pitch } from "./measure.ts";
import type { Box, Point } from "./vocabulary.ts";

/** What stands on the lattice before the first line is drawn. Points are numbered row by row. */
export interface Lattice {
  readonly columns: number;
  readonly rows: number;
  /** 1: no line may pass. */
  readonly blocked: Uint8Array;
  /** Number of the card whose edge or inside a point is, from 1; 0 for none. */
  readonly card: Uint16Array;
  /** The way out of a card at a point of its edge: 1 up, 2 right, 3 down, 4 left; 0 elsewhere and at corners. */
  readonly way: Uint8Array;
  /** How far a point of an edge lies from its middle, in pitches. */
  readonly aside: Uint8Array;
  /** Number of the frame that a point lies in, from 1; 0 for none. */
  readonly frame: Uint16Array;
  /** 1: next to a card. */
  readonly close: Uint8Array;
}

/** Cards, frames and what must stay free, as a lattice knows them. */
export function latticeOf(width: number, height: number, cards: readonly Box[], frames: readonly Box[], free: readonly Box[]): Lattice {
  const [columns, rows] = [Math.floor(width / pitch) + 1, Math.floor(height / pitch) + 1];
  const count = columns * rows;
  const lattice: Lattice = {
    columns,
    rows,
    blocked: new Uint8Array(count),
    card: new Uint16Array(count),
    way: new Uint8Array(count),
    aside: new Uint8Array(count),
    frame: new Uint16Array(count),
    close: new Uint8Array(count),
  };
  for (const [index, box] of frames.entries()) each(lattice, box, (at) => (lattice.frame[at] = index + 1));
  for (const box of free) each(lattice, box, (at) => (lattice.blocked[at] = 1));
  for (const [index, box] of cards.entries()) setCard(lattice, index + 1, box);
  border(lattice);
  return lattice;
}

function setCard(lattice: Lattice, number: number, box: Box): void {
  const [left, top] = [Math.round(box.x / pitch), Math.round(box.y / pitch)];
  const [right, bottom] = [left + Math.round(box.width / pitch), top + Math.round(box.height / pitch)];
  const around = { x: box.x - pitch, y: box.y - pitch, width: box.width + 2 * pitch, height: box.height + 2 * pitch };
  each(lattice, around, (at) => (lattice.close[at] = 1));
  each(lattice, box, (at, column, row) => {
    lattice.blocked[at] = 1;
    lattice.card[at] = number;
    const across = column > left && column < right;
    const along = row > top && row < bottom;
    lattice.way[at] =
      across && row === top ? 1 : along && column === right ? 2 : across && row === bottom ? 3 : along && column === left ? 4 : 0;
    lattice.aside[at] = across ? Math.abs(column - (left + right) / 2) : Math.abs(row - (top + bottom) / 2);
  });
}

/** Nothing runs along the very edge of the picture. */
function border({ columns, rows, blocked }: Lattice): void {
  for (let column = 0; column < columns; column++) blocked[column] = blocked[(rows - 1) * columns + column] = 1;
  for (let row = 0; row < rows; row++) blocked[row * columns] = blocked[row * columns + columns - 1] = 1;
}

/** Every point of the lattice within a box, its edge included. */
export function each(
  { columns, rows }: Pick<Lattice, "columns" | "rows">,
  box: Box,
  visit: (at: number, column: number, row: number) => void,
): void {
  const [left, right] = [Math.max(0, Math.ceil(box.x / pitch)), Math.min(columns - 1, Math.floor((box.x + box.width) / pitch))];
  const [top, bottom] = [Math.max(0, Math.ceil(box.y / pitch)), Math.min(rows - 1, Math.floor((box.y + box.height) / pitch))];
  for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) visit(row * columns + column, column, row);
}

export function pointOf({ columns }: Pick<Lattice, "columns">, at: number): Point {
  return { x: (at % columns) * pitch, y: Math.floor(at / columns) * pitch };
}
