import { figureText } from "../plan/figure-text.ts";
import { costText, type Alternative } from "../present/review/alternatives.ts";
import type { Feedback } from "../present/review/feedback.ts";
import type { Weakness } from "../present/review/weaknesses.ts";
import { aligned, colour, plural } from "./text.ts";

/** What people have said, what is weak by itself, and what else could be done. */
export function reviewText(
  feedback: readonly Feedback[],
  { weaknesses, alternatives }: { readonly weaknesses: readonly Weakness[]; readonly alternatives: readonly Alternative[] },
): string {
  const open = feedback.filter(({ answer }) => answer === null);
  const colours = { high: "red", medium: "yellow", low: "grey" } as const;
  const lines = [
    `${plural(feedback.length, "comment")}, ${open.length} open`,
    ...aligned(open.map(({ id, severity, part, reviewer, text }) => ["", id, severity, part, `${text} (${reviewer})`])),
    "",
    `${plural(weaknesses.length, "weak point")} that the plan finds by itself`,
    ...aligned(weaknesses.map(({ severity, kind, of, what }) => ["", severity, kind, of, what])).map((line, index) =>
      colour(colours[weaknesses[index]?.severity ?? "low"], line),
    ),
    "",
    alternatives.length === 0 ? "no alternatives that the plan knows of" : "alternatives",
    ...alternatives.flatMap((alternative) => {
      const { what, answers, uptime, gained, lost } = alternative;
      return [
        `  ${what} (${answers})`,
        `    cost ${costText(alternative)}, uptime ${figureText(uptime.from)} to ${figureText(uptime.to)}${gained.length === 0 ? "" : `; meets ${gained.join(", ")}`}${lost.length === 0 ? "" : `; no longer shows ${lost.join(", ")}`}`,
      ];
    }),
  ];
  return `${lines.join("\n")}\n`;
}
