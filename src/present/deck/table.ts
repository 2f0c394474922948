import { plural } from "../story/words.ts";
import { cut, heightOf, longestWord, wrappedLines } from "./text.ts";
import type { Line, Place, Shape } from "./slide.ts";
import { colours } from "./slide.ts";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
  /** The most characters of a cell. */
  readonly most?: number;
}

/** Inside a cell, left and right, and above and below, inches. */
const inset = { across: 0.16, down: 0.1 };

/**
 * A table in the largest letters in which all rows stand in the place; in the smallest, the rows that do, and below them how many are left out.
 *
 * @param noun what a row is
 */
export function tableShapes(place: Place, columns: readonly Column[], rows: readonly (readonly Line[])[], noun: string): readonly Shape[] {
  const whole = columns.reduce((sum, { width }) => sum + width, 0);
  const widths = columns.map(({ width }) => (place.w * width) / whole);
  const short = rows.map((row) => row.map((line, index) => cut(line, columns[index]?.most ?? 110)));
  const head: readonly Line[] = columns.map(({ title }) => [{ text: title, bold: true }]);
  const heightAt = (row: readonly Line[], size: number): number =>
    Math.max(...row.map((line, index) => heightOf(wrappedLines(line, (widths[index] ?? 1) - inset.across, size), size))) + inset.down;
  const total = (size: number): number => [head, ...short].reduce((sum, row) => sum + heightAt(row, size), 0);
  const unbroken = (size: number): boolean =>
    [head, ...short].every((row) => row.every((line, index) => longestWord(line, size) <= (widths[index] ?? 1) - inset.across));
  const size = [16, 15, 14, 13, 12, 11, 10.5, 10].find((one) => total(one) <= place.h && unbroken(one)) ?? 10;
  const room = total(size) <= place.h ? place.h : place.h - 0.3;
  const shown: (readonly Line[])[] = [];
  let used = heightAt(head, size);
  for (const row of short) {
    used += heightAt(row, size);
    if (used > room) break;
    shown.push(row);
  }
  // What room is left goes to the rows, so that few of them do not crowd at the top.
  const spare = Math.min(0.22, Math.max(0, (place.h - total(size)) / (rows.length + 1)));
  const heights = [head, ...shown].map((row, index) => heightAt(row, size) + (index === 0 ? 0 : spare));
  const height = heights.reduce((sum, one) => sum + one, 0);
  const left = rows.length - shown.length;
  const table: Shape = {
    kind: "table",
    place: { ...place, h: height },
    size,
    widths,
    heights,
    head: columns.map(({ title }) => title),
    rows: shown,
    right: columns.map(({ right }) => right === true),
  };
  if (left === 0) return [table];
  const rest: Shape = {
    kind: "text",
    place: { x: place.x, y: place.y + height + 0.04, w: place.w, h: 0.26 },
    lines: [[{ text: `${left} more ${left === 1 ? noun : plural(noun)} in the document and in plan.json`, colour: colours.soft }]],
    size: 10,
  };
  return [table, rest];
}
