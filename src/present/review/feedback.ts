import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { MillwrightError } from "../../error.ts";

export const severities = ["high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

/** What somebody said of a design, and what came of it. */
export interface Feedback {
  /** `R1`, in the order in which they came. */
  readonly id: string;
  readonly reviewer: string;
  /** What it is about: a part's name, `lake`, or a section's, `cost`. */
  readonly part: string;
  /** What it has in common with others: `security`; `general` where nobody said. */
  readonly theme: string;
  readonly severity: Severity;
  readonly text: string;
  /** Null while it is open. */
  readonly answer: Answer | null;
}

export interface Answer {
  readonly outcome: "changed" | "will not";
  readonly because: string;
  readonly by: string;
}

/** The feedback on a platform lies beside its file and is committed with it. */
export const feedbackFile = "review.json";

/** What a file of feedback may leave out. */
type Given = Partial<Readonly<Record<keyof Feedback, unknown>>>;

/** The feedback in a file; nothing where there is none. @throws MillwrightError `bad-feedback` naming the entry. */
export function readFeedback(file: string): readonly Feedback[] {
  if (!existsSync(file)) return [];
  return entriesOf(file).map((given, index) => {
    const one = feedbackOf(given, `${file}, entry ${index + 1}`);
    return { ...one, id: textOf(given, "id", `${file}, entry ${index + 1}`), answer: answerOf(given["answer"], file) };
  });
}

/** Feedback that somebody else wrote, as a list of `{ reviewer, part, severity, text, theme? }`; not yet numbered. @throws MillwrightError `bad-feedback` */
export function readForeignFeedback(file: string): readonly NewFeedback[] {
  if (!existsSync(file)) throw bad(`there is no file ${file}`, file);
  return entriesOf(file).map((given, index) => feedbackOf(given, `${file}, entry ${index + 1}`));
}

export type NewFeedback = Omit<Feedback, "id" | "answer">;

/** The list with new entries, numbered on; what is there word for word is not taken twice. */
export function withFeedback(list: readonly Feedback[], added: readonly NewFeedback[]): readonly Feedback[] {
  const key = ({ reviewer, part, text }: NewFeedback) => JSON.stringify([reviewer, part, text]);
  const known = new Set(list.map(key));
  const fresh = added.filter((one) => !known.has(key(one)));
  const last = Math.max(0, ...list.map(({ id }) => Number(id.slice(1))));
  return [...list, ...fresh.map((one, index): Feedback => ({ id: `R${last + index + 1}`, ...one, answer: null }))];
}

/** The list with an entry answered; an earlier answer is replaced. @throws MillwrightError `unknown-feedback` */
export function withAnswer(list: readonly Feedback[], id: string, answer: Answer): readonly Feedback[] {
  if (!list.some((one) => one.id === id))
    throw new MillwrightError({
      code: "unknown-feedback",
      what: `there is no feedback ${id}`,
      fix: list.length === 0 ? "add some first: millwright review add" : `use one of: ${list.map((one) => one.id).join(", ")}`,
    });
  return list.map((one) => (one.id === id ? { ...one, answer } : one));
}

/** Writes the list whole or not at all. */
export async function writeFeedback(file: string, list: readonly Feedback[]): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(list, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** @throws MillwrightError `bad-feedback` */
export function severityOf(text: string, where: string): Severity {
  const severity = severities.find((one) => one === text);
  if (severity === undefined) throw bad(`the severity is '${text}'`, where);
  return severity;
}

function entriesOf(file: string): readonly Given[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw bad(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`, file);
  }
  if (!Array.isArray(content)) throw bad("it is no list", file);
  return content.map((one: unknown, index) => {
    if (typeof one !== "object" || one === null) throw bad("an entry is no object", `${file}, entry ${index + 1}`);
    return one;
  });
}

function feedbackOf(given: Given, where: string): NewFeedback {
  return {
    reviewer: textOf(given, "reviewer", where),
    part: textOf(given, "part", where),
    theme: given["theme"] === undefined ? "general" : textOf(given, "theme", where),
    severity: severityOf(textOf(given, "severity", where), where),
    text: textOf(given, "text", where),
  };
}

function answerOf(value: unknown, where: string): Answer | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object" || !("outcome" in value) || !("because" in value) || !("by" in value))
    throw bad("an answer is not whole", where);
  const outcome = value.outcome === "changed" || value.outcome === "will not" ? value.outcome : null;
  if (outcome === null) throw bad(`an answer is '${String(value.outcome)}'`, where);
  return { outcome, because: String(value.because), by: String(value.by) };
}

function textOf(given: Given, name: keyof Feedback, where: string): string {
  const value = given[name];
  if (typeof value !== "string" || value.trim() === "") throw bad(`'${name}' is missing or empty`, where);
  return value;
}

function bad(what: string, where: string): MillwrightError {
  return new MillwrightError({
    code: "bad-feedback",
    what: `the feedback cannot be read: ${what}`,
    where,
    fix: `write a list of { "reviewer", "part", "severity": "${severities.join('" | "')}", "text" }, with "theme" where it has one`,
  });
}
