import { figureText } from "../../plan/figure-text.ts";
import type { Figure } from "../../plan/figure.ts";
import { noteText } from "../story/notes.ts";

/** Words of a calm speaker in a minute. */
export const wordsPerMinute = 130;

/** What all slides together may take: between ten and fifteen minutes, with some room on both sides for questions and breath. */
const words = { least: 11 * wordsPerMinute, most: 13 * wordsPerMinute };

/** What stands between what is spoken and where the numbers come from. */
export const sourcesTitle = "Where the numbers come from";

export function wordsOf(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/**
 * As much of what there is to say as fits the time: from each slide its most important sentences up to an equal share, then, in turn, the next of each
 * until the time is used.
 *
 * @param slides the sentences of each slide, the most important first
 */
export function timed(slides: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const share = words.least / slides.length;
  const taken = slides.map((sentences) => {
    let [count, sum] = [0, 0];
    for (const sentence of sentences) {
      if (count > 0 && sum + wordsOf(sentence) > share) break;
      sum += wordsOf(sentence);
      count++;
    }
    return count;
  });
  const total = (): number =>
    slides.reduce((sum, sentences, index) => sum + sentences.slice(0, taken[index]).reduce((of, one) => of + wordsOf(one), 0), 0);
  for (let grown = true; grown && total() < words.least;) {
    grown = false;
    for (const [index, sentences] of slides.entries()) {
      const next = sentences[taken[index] ?? 0];
      if (next === undefined || total() + wordsOf(next) > words.most) continue;
      taken[index] = (taken[index] ?? 0) + 1;
      grown = true;
      if (total() >= words.least) break;
    }
  }
  return slides.map((sentences, index) => sentences.slice(0, taken[index]));
}

/** What is spoken, how long it takes, and the origin of each number on the slide. */
export function notesOf(spoken: readonly string[], figures: readonly Figure[]): string {
  const seconds = Math.round((spoken.reduce((sum, sentence) => sum + wordsOf(sentence), 0) / wordsPerMinute) * 60);
  const origins = [...new Set(figures.map((figure) => `${figureText(figure)} (${figure.name}): ${noteText(figure)}`))];
  const time = `[${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes]`;
  return [time, ...spoken, ...(origins.length === 0 ? [] : [sourcesTitle, ...origins])].join("\n");
}
