import { figureText } from "../../plan/figure-text.ts";
import type { PlatformPlan, Verdict } from "../../plan/vocabulary.ts";
import { asked, found, opening, outcomeStatus, requirementTitle } from "../story/names.ts";
import { outcomesText, ranked } from "../story/requirements.ts";
import { content, type Slide } from "./slide.ts";
import { tableShapes } from "./table.ts";
import { lineOf, plain } from "./text.ts";

/** Each requirement and how it stands. */
export function requirementsSlide(plan: PlatformPlan): Slide {
  const verdicts = ranked(plan);
  return {
    topic: "Requirements",
    title: plain(outcomesText(plan)),
    shapes:
      verdicts.length === 0
        ? []
        : tableShapes(
            content,
            [
              { title: "Requirement", width: 20 },
              { title: "Asked", width: 17 },
              { title: "Found", width: 15 },
              { title: "Outcome", width: 11 },
              { title: "Reason", width: 45, most: 150 },
            ],
            verdicts.map(({ requirement, outcome, figure, reason }) => [
              [{ text: requirementTitle(requirement), bold: true }],
              lineOf(asked(requirement)),
              lineOf(found(figure)),
              lineOf([outcomeStatus(outcome)]),
              [{ text: opening(plan, reason) }],
            ]),
            "requirement",
          ),
    spoken: [
      plain(outcomesText(plan)),
      ...verdicts.map((verdict) => verdictSentence(plan, verdict)),
      "How to read this. A requirement counts as met only when a number was found and lies within the bound; as missed when it lies outside; and as unknown when there is nothing to hold it against. Unknown is not good news: it says what has to be measured or priced next.",
      "The check runs in continuous integration as well: the command that plans the platform fails when a requirement is missed, so that a change that breaks one of these lines is seen before it is merged.",
      "Where a bound seems too tight or too loose, this is the moment to say so. The number is one line of the platform file, and the plan follows it.",
      "Measured values come from this platform's own journal: the run, the time and the machine are on record. When the platform runs elsewhere or grows, they are measured again, and these verdicts change with them.",
      "What is given, such as how much data arrives, cannot be met or missed: it is what sizes and cost are reckoned with.",
    ],
    figures: verdicts.flatMap(({ figure }) => figure ?? []),
  };
}

function verdictSentence(plan: PlatformPlan, { requirement, outcome, figure, reason }: Verdict): string {
  const because = `${opening(plan, reason.replace(/[.]$/, ""))}.`;
  if (requirement.name === "compliance") return `${requirement.text} is ${outcome}. ${because}`;
  const what = `${requirementTitle(requirement)}: ${plain(asked(requirement))}`;
  if (outcome === "given") return `${what}. This is given.`;
  const found = figure === null || figure.value === null ? "" : `, found ${figureText(figure)}`;
  return `${what}${found}; that is ${outcome}. ${because}`;
}
