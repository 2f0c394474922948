import { sizes } from "./measure.ts";
import { lineHeight, textWidth } from "./text.ts";
import type { Box, Point, TextLine } from "./vocabulary.ts";

/** A line that wants a label. */
export interface Labelled {
  readonly text: string;
  readonly points: readonly Point[];
  readonly net: string;
}

/** A line that is there. */
export interface Line {
  readonly points: readonly Point[];
  readonly net: string;
}

interface Candidate {
  readonly box: Box;
  /** Less is better. */
  readonly cost: number;
}

/**
 * A place for each label at its own line, where it touches no card, no title, no other label and no line of another net; null where there is none.
 * The label with the fewest places chooses first.
 *
 * @param solid boxes that labels must not touch
 * @param page that labels stay within
 * @param frames whose lines are better not covered
 */
export function labels(
  wanted: readonly Labelled[],
  lines: readonly Line[],
  solid: readonly Box[],
  frames: readonly Box[],
  page: Box,
): readonly (TextLine | null)[] {
  const possible = wanted.map((label) => {
    const others = lines.filter(({ net }) => net !== label.net).flatMap(({ points }) => segments(points));
    return candidates(label)
      .filter(({ box }) => within(box, page))
      .filter(({ box }) => !solid.some((one) => touches(box, one, 3)) && !others.some((one) => touches(box, one, 3)))
      .map(({ box, cost }) => ({ box, cost: cost + (frames.some((frame) => onBorder(box, frame)) ? 60 : 0) }))
      .toSorted((one, other) => one.cost - other.cost);
  });
  const taken: Box[] = [];
  const found: (TextLine | null)[] = wanted.map(() => null);
  const inOrder = wanted.map((_, index) => index).toSorted((one, other) => (possible[one]?.length ?? 0) - (possible[other]?.length ?? 0));
  for (const index of inOrder) {
    const choice = possible[index]?.find(({ box }) => !taken.some((one) => touches(box, one, 4)));
    const text = wanted[index]?.text;
    if (choice === undefined || text === undefined) continue;
    taken.push(choice.box);
    const { x, y, width, height } = choice.box;
    found[index] = { text, x, y, width, height, size: sizes.label, bold: false, tone: "soft" };
  }
  return found;
}

/** On a level piece that is long enough, else on an upright one, else beside either. */
function candidates({ text, points }: Labelled): Candidate[] {
  const [width, height] = [textWidth(text, sizes.label, false), lineHeight(sizes.label)];
  const pieces = segments(points);
  const whole = pieces.reduce((sum, piece) => sum + piece.width + piece.height, 0);
  const found: Candidate[] = [];
  let before = 0;
  for (const piece of pieces) {
    const length = piece.width + piece.height;
    const level = piece.height === 0;
    // At least so much of the line is seen before and after its label.
    const ends = (level ? width : height) / 2 + 12;
    for (let at = 3; at < length; at += 3) {
      const middle = { x: piece.x + (level ? at : 0), y: piece.y + (level ? 0 : at) };
      const off = Math.abs(before + at - whole / 2) / 25;
      const box = { x: middle.x - width / 2, y: middle.y - height / 2, width, height };
      if (at >= ends && at <= length - ends) found.push({ box, cost: off + (level ? 0 : 12) });
      const aside = level ? height / 2 + 3 : width / 2 + 5;
      for (const side of [-1, 1]) {
        const beside = level ? { ...box, y: box.y + side * aside } : { ...box, x: box.x + side * aside };
        const along = level ? at >= width / 3 && at <= length - width / 3 : at >= height / 2 && at <= length - height / 2;
        if (along) found.push({ box: beside, cost: off + 30 });
      }
    }
    before += length;
  }
  return found;
}

/** The pieces of a line as boxes without thickness. */
export function segments(points: readonly Point[]): Box[] {
  return points.flatMap((end, index) => {
    const start = points[index - 1];
    if (start === undefined) return [];
    return [
      { x: Math.min(start.x, end.x), y: Math.min(start.y, end.y), width: Math.abs(start.x - end.x), height: Math.abs(start.y - end.y) },
    ];
  });
}

/** Whether two boxes come nearer to each other than `room`. */
export function touches(one: Box, other: Box, room: number): boolean {
  return (
    one.x < other.x + other.width + room &&
    other.x < one.x + one.width + room &&
    one.y < other.y + other.height + room &&
    other.y < one.y + one.height + room
  );
}

function onBorder(box: Box, frame: Box): boolean {
  const inner = { x: frame.x + 3, y: frame.y + 3, width: frame.width - 6, height: frame.height - 6 };
  return touches(box, frame, 2) && !within(box, inner);
}

function within(box: Box, around: Box): boolean {
  return (
    box.x > around.x && box.y > around.y && box.x + box.width < around.x + around.width && box.y + box.height < around.y + around.height
  );
}
