import { about, type ChangeLine, type Changes } from "./changes.ts";
import { changeLines } from "./lines.ts";
import type { Feedback } from "../review/feedback.ts";

const sections: readonly ChangeLine["section"][] = [
  "Structure",
  "Sizes",
  "Cost",
  "Service levels",
  "Compliance",
  "Requirements",
  "Choices",
];

/** The revised notes as Markdown: what changed since the earlier version, heading by heading, and which comment led to it. The same changes give the same text. */
export function changesText(changes: Changes): string {
  const { since, diff, led, others } = changes;
  const lines = changeLines(diff);
  return `${[
    `# ${diff.to}: what changed since ${since}`,
    lines.length === 0
      ? `Nothing that a plan speaks of changed: structure, sizes, cost, service levels, compliance, requirements and choices are those of ${since}.`
      : `Held against ${diff.from}, of ${since}. What is not mentioned is as it was.`,
    ...sections.flatMap((section) => {
      const own = lines.filter((one) => one.section === section);
      return [`## ${section}`, own.length === 0 ? "As it was." : sectionTable(own)];
    }),
    "## What reviewers said that led to it",
    led.length === 0
      ? "No comment was answered with a change."
      : table(
          ["", "about", "said", "changed", "seen in the plan"],
          led.map((one) => feedbackRow(one, lines)),
        ),
    ...(others.length === 0
      ? []
      : [
          "## What else they said",
          table(
            ["", "about", "said", "answer"],
            others.map(({ id, part, text, reviewer, answer }) => [
              id,
              part,
              `${text} (${reviewer})`,
              answer === null ? "open" : `${answer.outcome}: ${answer.because} (${answer.by})`,
            ]),
          ),
        ]),
  ].join("\n\n")}\n`;
}

function feedbackRow({ id, part, text, reviewer, answer }: Feedback, lines: readonly ChangeLine[]): readonly string[] {
  const seen = about(lines, part);
  const texts = seen.slice(0, 4).map((one) => `${subject(one)}: ${one.from} to ${one.to}`);
  const more = seen.length > texts.length ? `; ${seen.length - texts.length} more above` : "";
  return [
    id,
    part,
    `${text} (${reviewer})`,
    answer === null ? "" : `${answer.because} (${answer.by})`,
    seen.length === 0 ? "nothing: the change is not one that the plan speaks of" : `${texts.join("; ")}${more}`,
  ];
}

function sectionTable(lines: readonly ChangeLine[]): string {
  return table(
    ["of", "before", "now", ""],
    lines.map((one) => [subject(one), one.from, one.to, one.note]),
  );
}

/** `cost`, `server: replicas` */
function subject({ of, name }: ChangeLine): string {
  return [of, name].filter((one) => one !== null && one !== "").join(": ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
