import { brokenRequirements, isSame, type FigureChange, type PlanDiff, type WordChange } from "./diff.ts";
import { figureText } from "./figure-text.ts";
import type { Figure } from "./figure.ts";
import type { Part } from "./vocabulary.ts";

/** A difference for people, heading by heading; what is the same is not mentioned. */
export function diffText(diff: PlanDiff): string {
  const title = `from ${diff.from} to ${diff.to}`;
  if (isSame(diff)) return `${title}: no difference\n`;
  const sections: readonly (readonly [heading: string, lines: readonly string[]])[] = [
    [
      "structure",
      [
        ...diff.added.map((part) => `+ ${partText(part)}`),
        ...diff.removed.map((part) => `- ${partText(part)}`),
        ...diff.systems.map(wordText),
      ],
    ],
    ["sizes", diff.sizes.map(figureLine)],
    [
      "cost",
      [
        ...(diff.cost.option === null ? [] : [wordText(diff.cost.option)]),
        ...diff.cost.figures.map(figureLine),
        ...diff.cost.parts.map(figureLine),
      ],
    ],
    ["service levels", diff.service.map(figureLine)],
    ["compliance", diff.compliance.map((change) => `${change.worse ? "! " : ""}${change.standard} ${wordText(change)}`)],
    [
      "requirements",
      diff.requirements.map(({ name, from, to, texts, broken }) => {
        const text = texts[0] === texts[1] ? (texts[0] ?? "") : `${texts[0] ?? "none"} -> ${texts[1] ?? "none"}`;
        return `${broken ? "! " : ""}${name} (${text}): ${from?.outcome ?? "none"} -> ${to?.outcome ?? "none"}${to === null ? "" : `: ${to.reason}`}`;
      }),
    ],
    ["choices", diff.choices.map(wordText)],
  ];
  const broken = brokenRequirements(diff);
  const last = broken.length === 0 ? [] : [`missed now, met before: ${broken.map(({ name }) => name).join(", ")}`];
  const shown = sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([heading, lines]) => [heading, ...lines.map((line) => `  ${line}`)]);
  return `${[title, ...shown, ...last].join("\n")}\n`;
}

function partText({ id, title }: Part): string {
  return `${id}: ${title}`;
}

function wordText({ of, from, to }: WordChange): string {
  return `${of}: ${from ?? "none"} -> ${to ?? "none"}`;
}

/** `server replicas: 2 -> 3 (+1)`. */
function figureLine({ of, name, from, to, change }: FigureChange): string {
  return `${of === null ? "" : `${of} `}${name}: ${text(from)} -> ${text(to)}${change === null || to === null ? "" : ` (${signed(to, change)})`}`;
}

function text(figure: Figure | null): string {
  return figure === null ? "none" : figureText(figure);
}

function signed(figure: Figure, change: number): string {
  return `${change < 0 ? "-" : "+"}${figureText({ ...figure, value: Math.abs(change) })}`;
}
