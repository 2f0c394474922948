import { fontMetrics } from "./font.ts";
import type { TextLine, Tone } from "./vocabulary.ts";

/** Height of a line of this size, pixels. */
export function lineHeight(size: number): number {
  return Math.round(size * 1.25);
}

/** Where letters stand below the top of their line. */
export function baseline(size: number): number {
  return Math.round(size * 0.98);
}

/** The width of a text in Arimo (and so in Liberation Sans, Arial and Helvetica), pixels; a letter that the font lacks counts a whole em, more than any takes. */
export function textWidth(text: string, size: number, bold: boolean): number {
  const widths = bold ? fontMetrics.bold : fontMetrics.regular;
  let units = 0;
  for (const letter of text) units += widths[letter] ?? fontMetrics.unitsPerEm;
  return (units * size) / fontMetrics.unitsPerEm;
}

/** As much of a text as there is room for, with an ellipsis where something is left out. */
export function fitted(text: string, size: number, bold: boolean, room: number): string {
  if (textWidth(text, size, bold) <= room) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join("").trimEnd()}…`, size, bold) > room) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** A text broken between words, or after underscores, into lines that fit; the last one takes an ellipsis where there are more than `most`. */
export function wrapped(text: string, size: number, bold: boolean, room: number, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.match(/[^ _]*[ _]*/g) ?? []) {
    const last = lines.at(-1);
    const longer = `${last ?? ""}${word}`;
    if (last !== undefined && (lines.length === most || textWidth(longer.trimEnd(), size, bold) <= room)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => fitted(line.trimEnd(), size, bold, room));
}

/** A line of text with its box. */
export function textLine(text: string, x: number, y: number, size: number, bold: boolean, tone: Tone): TextLine {
  return { text, x, y, width: textWidth(text, size, bold), height: lineHeight(size), size, bold, tone };
}
