import type { Figure } from "../../plan/figure.ts";
import { textWidth } from "../diagram/text.ts";
import { printed } from "../story/say.ts";
import type { Draft, DraftText } from "../story/vocabulary.ts";
import { colours, type Line, type Run } from "./slide.ts";

/** A text of the story as it stands on a slide: its numbers without markers, which the speaker's notes explain. */
export function lineOf(text: DraftText): Line {
  return text.map((piece): Run => {
    if (typeof piece === "string") return { text: piece };
    switch (piece.kind) {
      case "figure":
        return { text: whole(printed(piece)), ...(piece.figure.value === null ? { colour: colours.open } : {}) };
      case "declared":
        return { text: whole(piece.text) };
      case "code":
        return { text: piece.text };
      case "strong":
        return { text: piece.text, bold: true };
      case "status":
        return { text: piece.text, bold: true, colour: colours[piece.status] };
    }
  });
}

/** A number and its unit stay on one line. */
function whole(text: string): string {
  return text.length < 24 ? text.replaceAll(" ", "\u00a0") : text;
}

/** The same as it is spoken. */
export function plain(text: DraftText): string {
  return textOf(lineOf(text)).replaceAll("\u00a0", " ");
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

/** The figures of a text. */
export function figuresIn(text: DraftText): readonly Figure[] {
  return text.flatMap((piece: Draft) => (typeof piece !== "string" && piece.kind === "figure" ? [piece.figure] : []));
}

/** How many lines a text takes. @param width inches @param size points */
export function wrappedLines(line: Line, width: number, size: number): number {
  const bold = line.every((run) => run.bold === true);
  const [room, space] = [width * 72, textWidth(" ", size, bold)];
  let [lines, used] = [1, 0];
  for (const word of textOf(line).split(" ")) {
    // Mixed lines are measured in bold, which is wider: an estimate that errs on the safe side.
    const length = textWidth(word, size, bold || line.some((run) => run.bold === true));
    if (used > 0 && used + space + length > room) [lines, used] = [lines + 1, length];
    else used += (used > 0 ? space : 0) + length;
    for (; used > room; used -= room) lines++;
  }
  return lines;
}

/** Inches of the longest word: what a column must hold, so that none is broken. */
export function longestWord(line: Line, size: number): number {
  const bold = line.some((run) => run.bold === true);
  return (
    Math.max(
      0,
      ...textOf(line)
        .split(" ")
        .map((word) => textWidth(word, size, bold)),
    ) / 72
  );
}

/** Inches that lines of this size take: Arial's own line spacing, with a little room. */
export function heightOf(lines: number, size: number): number {
  return (lines * size * 1.19) / 72;
}

/** The largest of the sizes in which all lines stand in the place; the smallest where none does. */
export function fittingSize(lines: readonly Line[], width: number, height: number, sizes: readonly number[], gap = 0.5): number {
  const needed = (size: number): number =>
    lines.reduce((sum, line) => sum + heightOf(wrappedLines(line, width, size), size), 0) + heightOf((lines.length - 1) * gap, size);
  return sizes.find((size) => needed(size) <= height) ?? sizes.at(-1) ?? 10;
}

/** A line cut to so many characters, between words. */
export function cut(line: Line, characters: number): Line {
  let left = characters;
  const runs: Run[] = [];
  for (const run of line) {
    if (left <= 0) break;
    if (run.text.length <= left) runs.push(run);
    else {
      const text = run.text.slice(0, left);
      runs.push({ ...run, text: `${text.slice(0, Math.max(text.lastIndexOf(" "), 1)).replace(/[,;:.(]$/, "")} …` });
    }
    left -= run.text.length;
  }
  return runs;
}
