import { systemFacts } from "../../systems/catalogue/index.ts";
import type { Choice, PlatformPlan } from "../../plan/vocabulary.ts";
import { partTitle, topicTitle } from "../story/names.ts";
import { becauseText, chosenTitle, choicesTitle, limitsOf, rulesText, systemTitle } from "../story/tools.ts";
import { costTradeOff } from "../story/trade-offs.ts";
import { listed, sentence } from "../story/words.ts";
import { content, type Slide } from "./slide.ts";
import { tableShapes } from "./table.ts";
import { lineOf, plain } from "./text.ts";

/** What was chosen, a person's reason or OPEN, and what the rules say. */
export function toolsSlide(plan: PlatformPlan): Slide {
  const { choices, parts } = plan;
  return {
    topic: "Tool choice",
    title: choicesTitle(choices),
    shapes:
      choices.length > 0
        ? tableShapes(
            content,
            [
              { title: "Question", width: 13 },
              { title: "Choice", width: 18 },
              { title: "Because", width: 36, most: 130 },
              { title: "The stated rules", width: 41, most: 150 },
            ],
            choices.map((choice) => [
              [{ text: topicTitle(choice.topic) }],
              [
                { text: chosenTitle(choice), bold: true },
                ...(choice.bound === null ? [] : [{ text: ` (here: ${systemTitle(choice.bound)})` }]),
              ],
              lineOf(becauseText(choice)),
              lineOf(rulesText(choice)),
            ]),
            "choice",
          )
        : tableShapes(
            content,
            [
              { title: "Part", width: 26 },
              { title: "What it is", width: 46 },
              { title: "To know before", width: 36 },
            ],
            parts.map((part) => [
              [{ text: partTitle(part), bold: true }],
              [{ text: systemFacts.get(part.system)?.what ?? part.detail }],
              [{ text: limitsOf(part) || "–" }],
            ]),
            "part",
          ),
    spoken: [
      "For each question that an architect is asked, this is what was chosen, why, and what a set of stated rules says about it.",
      ...openSentence(choices),
      ...choices.filter(({ because, verdict }) => because !== null || verdict === "challenged").map(choiceSentences),
      "The rules score each candidate from the requirements alone. They are deliberately simple and written down, so that one can argue with them; a person's reason always stands above them. Challenged means that another candidate scored more: it asks for a better reason, not for a different tool.",
      ...costTradeOff(plan).map(plain),
      "Changing one of these tools changes the environment and nothing else. The tables, the models and the endpoint stay as they are, which keeps the price of a wrong choice low.",
      ...parts.flatMap((part) => (limitsOf(part) === "" ? [] : [`With ${partTitle(part)} we accept: ${limitsOf(part)}.`])),
    ],
    figures: [],
  };
}

/** The choices that wait for a person's reason. */
function openSentence(choices: readonly Choice[]): readonly string[] {
  const open = choices.filter(({ because }) => because === null);
  if (open.length === 0) return [];
  return [
    `Nobody has written down a reason for ${listed(open.map((choice) => `${topicTitle(choice.topic).toLowerCase()} (${chosenTitle(choice)})`))}. They say OPEN until somebody does; the rules alone decide nothing.`,
  ];
}

function choiceSentences(choice: Choice): string {
  const { because, candidates, verdict, turningPoint, rejected } = choice;
  const reason = because === null ? "OPEN" : `because ${because.replace(/[.]$/, "")}`;
  const others = rejected.map(
    ({ system, reason: not }) => `${systemFacts.get(system)?.title ?? system} was rejected: ${not.replace(/[.]$/, "")}`,
  );
  const best = candidates[0];
  const says =
    verdict === "supported"
      ? "The rules support it."
      : `The rules would say ${best?.title ?? "otherwise"}${best === undefined ? "" : `: ${listed(best.rules.filter(({ points }) => points > 0).map((rule) => rule.because))}`}.`;
  return [
    `${topicTitle(choice.topic)}: ${chosenTitle(choice)}; ${reason}.`,
    ...others.map(sentence),
    says,
    ...(turningPoint === null ? [] : [sentence(turningPoint)]),
  ].join(" ");
}
