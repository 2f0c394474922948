import { figureText } from "../../plan/figure-text.ts";
import { costText, type Alternative } from "./alternatives.ts";
import { severities, type Feedback } from "./feedback.ts";
import type { Weakness } from "./weaknesses.ts";

/** The peer feedback summary as Markdown: what was said by theme and part, what came of it, what is weak by itself, and what else could be done. */
export function reviewSummary(
  title: string,
  feedback: readonly Feedback[],
  weaknesses: readonly Weakness[],
  alternatives: readonly Alternative[],
): string {
  return `${[
    `# ${title}: what reviewers said`,
    counted(feedback),
    ...[...Map.groupBy(feedback, ({ theme }) => theme)]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([theme, entries]) => themeText(theme, entries)),
    "## What the plan finds by itself",
    weaknesses.length === 0
      ? "Nothing."
      : table(
          ["severity", "weakness", "of", "what"],
          weaknesses.map(({ severity, kind, of, what }) => [severity, kind, of, what]),
        ),
    "## What else could be done",
    alternatives.length === 0
      ? "Nothing that the plan knows of."
      : table(
          ["alternative", "answers", "cost", "uptime", "gained", "lost"],
          alternatives.map((alternative) => {
            const { what, answers, uptime, gained, lost } = alternative;
            return [
              what,
              answers,
              costText(alternative),
              `${figureText(uptime.from)} to ${figureText(uptime.to)}`,
              gained.join(", ") || "nothing",
              lost.join(", ") || "nothing",
            ];
          }),
        ),
  ].join("\n\n")}\n`;
}

function counted(feedback: readonly Feedback[]): string {
  if (feedback.length === 0) return "Nobody has said anything yet.";
  const reviewers = new Set(feedback.map(({ reviewer }) => reviewer)).size;
  const of = (outcome: string) => feedback.filter(({ answer }) => (answer?.outcome ?? "open") === outcome).length;
  const grave = severities.map((severity) => `${feedback.filter((one) => one.severity === severity).length} ${severity}`).join(", ");
  return `${plural(feedback.length, "comment")} of ${plural(reviewers, "reviewer")} (${grave}): ${of("changed")} led to a change, ${of("will not")} will not, ${of("open")} open.`;
}

function themeText(theme: string, entries: readonly Feedback[]): string {
  const sorted = entries.toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.part.localeCompare(b.part),
  );
  return `## ${theme}\n\n${table(
    ["", "part", "severity", "reviewer", "said", "answer"],
    sorted.map(({ id, part, severity, reviewer, text, answer }) => [
      id,
      part,
      severity,
      reviewer,
      text,
      answer === null ? "open" : `${answer.outcome}: ${answer.because} (${answer.by})`,
    ]),
  )}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
