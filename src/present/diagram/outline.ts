import { fontMetrics } from "./font.ts";
import { rounded } from "./icon.ts";
import { outlines } from "./outlines.ts";
import { baseline } from "./text.ts";
import type { Lettering } from "./svg.ts";

/** Texts as the shapes of their letters: the same picture on every machine, whatever fonts it has. A letter that the font lacks is an empty box. */
export const outlined: Lettering = ({ text, x, y, size, bold }, colour) => {
  const [widths, shapes] = bold ? [fontMetrics.bold, outlines.bold] : [fontMetrics.regular, outlines.regular];
  const em = fontMetrics.unitsPerEm;
  let pen = 0;
  const parts: string[] = [];
  for (const letter of text) {
    const width = widths[letter];
    const shape =
      width === undefined
        ? `m${em * 0.1} 0v-${em * 0.7}h${em * 0.8}v${em * 0.7}zm80 -80h${em * 0.8 - 160}v-${em * 0.7 - 160}h-${em * 0.8 - 160}z`
        : shapes[letter];
    // The shapes are relative to the pen, so that one path holds the whole text.
    if (shape !== undefined) parts.push(`M${pen} 0${shape}`);
    pen += width ?? em;
  }
  return parts.length === 0
    ? ""
    : `<path transform="translate(${rounded(x)} ${rounded(y + baseline(size))}) scale(${rounded(size / em)})" fill="${colour}" d="${parts.join("")}"/>`;
};
