import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import type { PlatformPlan } from "../plan/vocabulary.ts";
import { alternativesOf, type Alternative } from "../present/review/alternatives.ts";
import {
  feedbackFile,
  readFeedback,
  readForeignFeedback,
  severityOf,
  withAnswer,
  withFeedback,
  writeFeedback,
  type Feedback,
} from "../present/review/feedback.ts";
import { reviewSummary } from "../present/review/summary.ts";
import { weaknessesOf, type Weakness } from "../present/review/weaknesses.ts";
import { deciderOf, needReason } from "./decision.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, required } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { reviewText } from "./review-text.ts";
import { plural } from "./text.ts";

/** `millwright review`, `review add`, `review import FILE`, `review answer ID`, `review summary` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...commonOptions,
        reviewer: { type: "string" },
        part: { type: "string" },
        theme: { type: "string" },
        severity: { type: "string" },
        changed: { type: "boolean", default: false },
        "will-not": { type: "boolean", default: false },
        because: { type: "string" },
        by: { type: "string" },
        out: { type: "string" },
      },
    }),
  );
  const [word, ...rest] = positionals;
  const { definition, environment, directory } = await loadPlatform(values);
  const file = join(directory, feedbackFile);
  const feedback = readFeedback(file);
  const input = planInputOf({ definition, environment, directory });
  const plan = planPlatform(input);
  const keep = async (list: readonly Feedback[], id: string): Promise<number> => {
    await writeFeedback(file, list);
    const one = list.find((entry) => entry.id === id);
    stdout.write(values.json ? `${JSON.stringify(one ?? null)}\n` : `${id} in ${file}\n`);
    return exitCodes.done;
  };
  switch (word) {
    case undefined:
    case "summary": {
      const found = { weaknesses: weaknessesOf(plan, new Date().toISOString()), alternatives: alternativesOf(input, plan) };
      if (word === "summary") return summarise(`${definition.name}, ${environment.name}`, feedback, found, values);
      stdout.write(values.json ? `${JSON.stringify({ feedback, ...found })}\n` : reviewText(feedback, found));
      return exitCodes.done;
    }
    case "add": {
      const part = known(required(values.part, "--part", "review"), plan);
      const severity = severityOf(values.severity ?? "medium", "--severity");
      const text = rest.join(" ").trim();
      if (text === "") throw badOption("the comment is empty", 'say it: millwright review add --part lake "..."');
      const reviewer = deciderOf({ by: values.reviewer }).by;
      const list = withFeedback(feedback, [{ reviewer, part, theme: values.theme ?? "general", severity, text }]);
      return keep(list, list.find((one) => one.text === text && one.part === part && one.reviewer === reviewer)?.id ?? "");
    }
    case "import": {
      const [from] = rest;
      if (from === undefined) throw badOption("import names no file", "review import FILE.json");
      const added = readForeignFeedback(resolve(from));
      for (const { part } of added) known(part, plan);
      const list = withFeedback(feedback, added);
      await writeFeedback(file, list);
      stdout.write(
        values.json ? `${JSON.stringify(list)}\n` : `${plural(list.length - feedback.length, "new comment")}, ${list.length} in ${file}\n`,
      );
      return exitCodes.done;
    }
    case "answer": {
      const [id] = rest;
      if (id === undefined) throw badOption("answer names no feedback", "review answer R1 --changed --because ...");
      if (values.changed === values["will-not"]) throw badOption("an answer is either a change or none", "add --changed or --will-not");
      needReason(values);
      const { by, because } = deciderOf(values);
      return keep(withAnswer(feedback, id, { outcome: values.changed ? "changed" : "will not", because: because ?? "", by }), id);
    }
    default:
      throw badOption(`review knows no '${word}'`, "use add, import, answer, summary, or none of them");
  }
}

async function summarise(
  title: string,
  feedback: readonly Feedback[],
  { weaknesses, alternatives }: { readonly weaknesses: readonly Weakness[]; readonly alternatives: readonly Alternative[] },
  values: { readonly json: boolean; readonly out?: string | undefined },
): Promise<number> {
  const text = reviewSummary(title, feedback, weaknesses, alternatives);
  if (values.out === undefined) {
    stdout.write(values.json ? `${JSON.stringify({ summary: text })}\n` : text);
    return exitCodes.done;
  }
  await writeFile(values.out, text);
  stdout.write(values.json ? `${JSON.stringify({ file: values.out })}\n` : `wrote ${values.out}\n`);
  return exitCodes.done;
}

/** What feedback may be about besides the parts. */
const sections = [
  "requirements",
  "architecture",
  "choices",
  "sizes",
  "cost",
  "service levels",
  "compliance",
  "risks",
  "document",
  "deck",
  "diagram",
];

function known(part: string, { parts }: PlatformPlan): string {
  const names = [...parts.map(({ id }) => id), ...sections];
  if (names.includes(part)) return part;
  throw badOption(`the design has no part '${part}'`, `use one of: ${names.join(", ")}`);
}

function badOption(what: string, fix: string): MillwrightError {
  return new MillwrightError({ code: "bad-option", what, fix });
}
