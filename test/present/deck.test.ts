import { describe, expect, test } from "vitest";
import { drawPlatform } from "../../src/present/diagram/platform.ts";
import { deckOf, type Deck } from "../../src/present/deck/deck.ts";
import { sourcesTitle, timed, wordsOf, wordsPerMinute } from "../../src/present/deck/notes.ts";
import type { Place, Shape } from "../../src/present/deck/slide.ts";
import { heightOf, textOf, wrappedLines } from "../../src/present/deck/text.ts";
import { strangeNumbers } from "./numbers.ts";
import { all, type Planned } from "./platforms.ts";

function deckFor({ definition, plan }: Planned): Deck {
  return deckOf(definition, plan, drawPlatform(definition, plan, "architecture", "slide"));
}

/** What is spoken, without the time at its beginning and the origins at its end. */
function spokenOf(notes: string): string {
  return (notes.split(`\n${sourcesTitle}\n`)[0] ?? "").replace(/^\[.*\]\n/, "");
}

/** Where letters are: the places of texts, and of tables and charts as a whole. */
function inked(shapes: readonly Shape[]): readonly Place[] {
  return shapes.flatMap((shape) => (shape.kind === "text" || shape.kind === "table" || shape.kind === "chart" ? [shape.place] : []));
}

describe.each(all)("the deck of %s", (_name, make) => {
  const made = make();
  const deck = deckFor(made);

  test("has seven slides in the order of the talk", () => {
    expect(deck.slides.map(({ topic }) => topic.split(" · ")[0])).toEqual([
      "Business problem",
      "Requirements",
      "End-to-end architecture",
      "Tool choice",
      "Scalability and cost",
      "Compliance and risks",
      "Next steps",
    ]);
  });

  test("is spoken in ten to fifteen minutes, and says for each slide how long", () => {
    const words = deck.slides.reduce((sum, { notes }) => sum + wordsOf(spokenOf(notes)), 0);
    expect(words).toBeGreaterThanOrEqual(10 * wordsPerMinute);
    expect(words).toBeLessThanOrEqual(15 * wordsPerMinute);
    for (const { notes } of deck.slides) expect(notes).toMatch(/^\[\d:\d\d minutes\]\n/);
  });

  test("keeps everything on the slide, below the title and above the footer", () => {
    for (const { shapes } of deck.slides)
      for (const shape of shapes) {
        if (shape.kind === "path") continue;
        const { x, y, w, h } = shape.place;
        expect([x >= 0.55, y >= 1.4, x + w <= 12.9, y + h <= 7.02], `${shape.kind} at ${JSON.stringify(shape.place)}`).toEqual([
          true,
          true,
          true,
          true,
        ]);
      }
  });

  test("lays no text on another", () => {
    for (const { topic, shapes } of deck.slides) {
      const places = inked(shapes);
      const clashes = places.flatMap((a, index) => places.slice(index + 1).filter((b) => overlap(a, b)));
      expect(clashes, topic).toEqual([]);
    }
  });

  test("gives every text the room that it needs", () => {
    for (const { topic, shapes } of deck.slides)
      for (const shape of shapes) {
        if (shape.kind !== "text" || topic === "End-to-end architecture") continue;
        const needed = shape.lines.reduce((sum, line) => sum + heightOf(wrappedLines(line, shape.place.w, shape.size), shape.size), 0);
        expect(needed, shape.lines.map(textOf).join(" / ")).toBeLessThanOrEqual(shape.place.h + 0.05);
      }
  });

  test("has no number that is not the plan's, on slides and in what is spoken", () => {
    const shown = deck.slides.flatMap(({ title, shapes }) => [
      title,
      ...shapes.flatMap((shape) => {
        if (shape.kind === "text") return shape.lines.map(textOf);
        return shape.kind === "table" ? shape.rows.flatMap((row) => row.map(textOf)) : [];
      }),
    ]);
    const text = [...shown, ...deck.slides.map(({ notes }) => notes.replace(/^\[.*\]/, ""))]
      .join("\n")
      .replaceAll(/\d+ more .* in the document.*/g, "");
    expect(strangeNumbers(text, made)).toEqual([]);
  });

  test("says where each number of a slide came from", () => {
    const [cost] = deck.slides.filter(({ topic }) => topic === "Scalability and cost");
    const chart = cost?.shapes.find(({ kind }) => kind === "chart");
    if (chart !== undefined) expect(cost?.notes).toContain(sourcesTitle);
  });
});

test("short talks take all that there is to say, long ones end in time with the heaviest of each slide", () => {
  const sentence = (words: number): string => Array.from({ length: words }, () => "word").join(" ");
  expect(timed([[sentence(5)], [sentence(7)]])).toEqual([[sentence(5)], [sentence(7)]]);
  const long = timed(Array.from({ length: 7 }, () => Array.from({ length: 100 }, () => sentence(20))));
  const words = long.flat().length * 20;
  expect(words).toBeGreaterThanOrEqual(11 * wordsPerMinute);
  expect(words).toBeLessThanOrEqual(13 * wordsPerMinute);
  expect(long.every((slide) => slide.length >= 10)).toBe(true);
});

/** By more than a hair. */
function overlap(a: Place, b: Place): boolean {
  const hair = 0.03;
  return a.x + hair < b.x + b.w && b.x + hair < a.x + a.w && a.y + hair < b.y + b.h && b.y + hair < a.y + a.h;
}
