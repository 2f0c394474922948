import { frame, pitch, sizes } from "./measure.ts";
import { fitted, lineHeight, textLine, textWidth, wrapped } from "./text.ts";
import type { Box, DiagramGroup, DiagramNode, SketchGroup, SketchNode, TextLine } from "./vocabulary.ts";

const icon = Object.freeze({ left: 10, size: 28, gap: 10, right: 8 });

/** Where the text of a card begins and how wide it may be. */
function textRoom(width: number): { readonly left: number; readonly room: number } {
  const left = icon.left + icon.size + icon.gap;
  return { left, room: width - left - icon.right };
}

/** The height of cards that hold so many lines below their titles, on the lattice. */
export function cardHeight(lines: number): number {
  return Math.ceil((12 + lineHeight(sizes.title) + lines * lineHeight(sizes.line)) / pitch) * pitch;
}

const badgeSize = 14;

/** Where the red mark of a card stands. */
export function badgeBox({ x, y, width }: Box): Box {
  return { x: x + width - badgeSize - 6, y: y + 6, width: badgeSize, height: badgeSize };
}

/** What stands on a card of this width: a name in up to two lines, then the rest in one each. */
export function linesOf(node: SketchNode, width: number): readonly Pick<TextLine, "text" | "size" | "bold" | "tone">[] {
  const { room } = textRoom(width);
  // The mark stands at the upper corner, beside the name.
  const beside = node.marked ? room - badgeSize - 4 : room;
  const whole = textWidth(node.title, sizes.title, true) <= beside;
  const titles = whole ? [node.title] : wrapped(node.title, sizes.title - 1, true, beside, 2);
  return [
    ...titles.map((text) => ({ text, size: whole ? sizes.title : sizes.title - 1, bold: true, tone: "strong" as const })),
    ...node.lines.map(({ text, tone }) => {
      const bold = tone === "alert" || tone === "change";
      return { text: fitted(text, sizes.line, bold, room), size: sizes.line, bold, tone };
    }),
  ];
}

export function nodeAt(node: SketchNode, box: Box): DiagramNode {
  const { left } = textRoom(box.width);
  const lines = linesOf(node, box.width);
  const tall = lines.reduce((sum, { size }) => sum + lineHeight(size), 0);
  let y = Math.round(box.y + (box.height - tall) / 2);
  const placed = lines.map(({ text, size, bold, tone }) => {
    const line = textLine(text, box.x + left, y, size, bold, tone);
    y += line.height;
    return line;
  });
  const { id, group, described, pile, marked } = node;
  const iconBox = { x: box.x + icon.left, y: Math.round(box.y + (box.height - icon.size) / 2), width: icon.size, height: icon.size };
  return { ...box, id, group, icon: node.icon, iconBox, lines: placed, described, pile, marked };
}

export function groupAt({ id, title, colour }: SketchGroup, box: Box): DiagramGroup {
  const text = fitted(title, sizes.group, true, box.width - 2 * frame.side);
  return { ...box, id, colour, title: textLine(text, box.x + frame.side, box.y + 12, sizes.group, true, "group") };
}
