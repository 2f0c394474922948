import { byCommand } from "./ask.ts";
import { choices } from "./choices.ts";
import { dataPipeline } from "./data-pipeline.ts";
import { deployment } from "./deployment.ts";
import { monitoring } from "./monitoring.ts";
import { written } from "./package.ts";
import { reflection } from "./reflection.ts";
import { security } from "./security.ts";
import { training } from "./training.ts";
import { useCase } from "./use-case.ts";
import type { Found, Ground, Step, StepsInput } from "./vocabulary.ts";

const rules: readonly (readonly [title: string, why: string, rule: (ground: Ground) => Found])[] = [
  ["Use case and requirements", "Without whom it serves and what it must reach, no choice can be right or wrong.", useCase],
  ["Data pipeline", "A model is as good as the rows that it learned from, so these are made, checked and measured first.", dataPipeline],
  ["Training environment", "What was trained where, and which gate it passed, decides whether anybody may trust its answers.", training],
  ["Deployment", "A model helps nobody until it answers: where it stands decides latency, uptime and cost.", deployment],
  ["Monitoring and governance", "Data and models change after the day of release, and somebody must be told.", monitoring],
  ["Security and compliance", "A platform that may not be used is worth nothing, and what is only claimed will be asked for.", security],
  [
    "Diagram",
    "A picture is what everybody looks at first, and it shows at once what was forgotten.",
    (ground) => written(ground, ["diagram.svg", "diagram.png", "diagram.drawio", "diagram.lucid"], "the diagrams"),
  ],
  ["Documented choices", "Whoever takes over must know why, or will undo it.", choices],
  [
    "Presentation",
    "Who decides has fifteen minutes: what is not said in them does not count.",
    (ground) => written(ground, ["deck.pptx"], "the slides, with what is spoken as notes"),
  ],
  [
    "Reflection",
    "Others see what its makers do not, and an answer with a change or a reason is what makes a second version better.",
    reflection,
  ],
];

/** The ten steps from an empty folder to a package that one can defend, each with what is done, what is missing, and what completes it. A pure function. */
export function stepsOf({ platform, folder, feedback }: StepsInput): readonly Step[] {
  return Object.freeze(
    rules.map(([title, why, rule], index): Step => {
      const found = platform === null ? nothing(index) : rule({ ...platform, folder, feedback });
      return Object.freeze<Step>({ number: index + 1, title, why, state: found.missing.length === 0 ? "done" : "open", ...found });
    }),
  );
}

/** Where there is no platform file yet. */
function nothing(index: number): Found {
  const first = [
    byCommand(
      "a platform file: a whole platform of a domain with synthetic data (healthcare, finance, retail, autonomous-vehicles or smart-city), or with millwright init one for the data files of this folder",
      "millwright init --template healthcare",
    ),
  ];
  return { done: [], missing: index === 0 ? first : [{ what: "a platform file: see step 1", command: null, lines: [] }] };
}
