import type { Draft, DraftText } from "./vocabulary.ts";

const small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** How many things of the plan there are, as a word up to twelve: what is counted here is listed beside it. */
export function numeral(count: number): string {
  return small[count] ?? count.toLocaleString("en-US");
}

/** `one control`, `three controls`, `no control` */
export function counted(count: number, noun: string): string {
  return `${numeral(count)} ${count === 1 || count === 0 ? noun : plural(noun)}`;
}

export function plural(noun: string): string {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(words: readonly string[], last = "and"): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** The same with pieces of text: `a`, `a and b`, `a, b and c`; with another word than "and" that word between all. */
export function listedText(texts: readonly DraftText[], last = " and "): DraftText {
  return texts.flatMap((text, index): Draft[] => [
    index === 0 ? "" : index === texts.length - 1 ? last : last === " and " ? ", " : last,
    ...text,
  ]);
}

/** With a capital, as a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `a smart-city platform`, `an industrial platform` */
export function withArticle(phrase: string): string {
  return `${/^[aeiou]/i.test(phrase) ? "an" : "a"} ${phrase}`;
}

/** With a full stop, and only one. */
export function sentence(text: string): string {
  const whole = capital(text.trim());
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** At most so many characters, cut between words; what is cut is in plan.json. */
export function shortened(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const cut = text.slice(0, characters);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), characters / 2)).replace(/[,;:.]$/, "")} …`;
}
