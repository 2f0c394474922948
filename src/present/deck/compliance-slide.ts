import { figureText } from "../../plan/figure-text.ts";
import type { Figure } from "../../plan/figure.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { complianceText, openControls, standingOf } from "../story/compliance.ts";
import { titleOf } from "../story/names.ts";
import { risksOf } from "../story/risks.ts";
import { shown, status } from "../story/say.ts";
import { singles, uptimeText } from "../story/service.ts";
import { capital, counted, listed, shortened } from "../story/words.ts";
import { colours, content, type Shape, type Slide } from "./slide.ts";
import { tableShapes } from "./table.ts";
import { lineOf, plain } from "./text.ts";

/** How the standards stand, and what may go wrong. */
export function complianceSlide(plan: PlatformPlan): Slide {
  const standings = plan.compliance.map(standingOf);
  const risks = risksOf(plan);
  const high = risks.filter(({ weight }) => weight === "high").length;
  const open = standings.reduce((sum, { open: count }) => sum + count, 0);
  const left: readonly Shape[] = standings.length === 0 ? [] : [chartOf(standings), ...serviceShapes(plan, chartHeight(standings.length))];
  const place = left.length === 0 ? content : { ...content, x: content.x + 5.2, w: content.w - 5.2 };
  return {
    topic: "Compliance and risks",
    title: `${standings.length === 0 ? "No standard is asked for" : `${capital(counted(open, "control"))} of ${listed(standings.map(({ standard }) => standard))} ${open === 1 ? "is" : "are"} open`}; ${counted(high, "risk")} ${high === 1 ? "weighs" : "weigh"} high`,
    shapes: [
      ...left,
      ...(risks.length === 0
        ? []
        : tableShapes(
            place,
            [
              { title: "Weight", width: 14 },
              { title: "Risk", width: 50, most: 180 },
              { title: "What to do", width: 38, most: 130 },
            ],
            risks.map(({ weight, what, act }) => [
              lineOf([status(weight === "high" ? "bad" : weight === "medium" ? "open" : "neutral", weight)]),
              lineOf(what),
              lineOf(act),
            ]),
            "risk",
          )),
    ],
    spoken: [
      plain(complianceText(plan)),
      ...risks.map(({ weight, what, act }) => `${capital(weight)}: ${plain(what)} ${plain(act)}`),
      plain(uptimeText(plan)),
      ...(singles(plan).length === 0
        ? []
        : [`If one of these breaks, what stands behind it stops: ${listed(singles(plan).map((part) => titleOf(plan, part)))}.`]),
      ...plan.service.failures
        .slice(0, 4)
        .map(
          ({ part, breaks, userSees, heals, time }) =>
            `${titleOf(plan, part)}: ${breaks}. The user sees this: ${userSees}. It heals so: ${heals}${time.value === null ? "" : `, in ${figureText(time)}`}.`,
        ),
      "Four words for a control. Shown means that a check ran and left its evidence in the journal. Claimed means that a feature or a vendor does it, with the page that says so. In part means that something is left to do, and open means that somebody must act.",
      "No software makes an organisation compliant. Much of what is open asks for people: a named owner, a contract, a procedure. The document lists who must act for each.",
      ...openControls(plan)
        .slice(0, 4)
        .map(
          ({ id, title, remaining }) =>
            `${id}, ${title}: ${shortened(remaining ?? "nobody has said who must act", 160).replace(/[.]$/, "")}.`,
        ),
    ],
    figures: [plan.service.uptime, plan.service.errorBudget, plan.service.recoveryTime, plan.service.recoveryPoint],
  };
}

/** Of so many bars with title and legend, inches; below it stand the service levels. */
function chartHeight(bars: number): number {
  return Math.min(3.6, 1.9 + 0.45 * bars);
}

/** The four numbers of operation, below the chart. */
function serviceShapes({ service }: PlatformPlan, above: number): readonly Shape[] {
  const place = { x: content.x, y: content.y + above + 0.15, w: 4.9, h: content.h - above - 0.15 };
  const rows: readonly (readonly [string, Figure])[] = [
    ["Uptime", service.uptime],
    ["Error budget, a month", service.errorBudget],
    ["Recovery time", service.recoveryTime],
    ["Recovery point", service.recoveryPoint],
  ];
  return tableShapes(
    place,
    [
      { title: "Service levels", width: 60 },
      { title: "", width: 40, right: true },
    ],
    rows.map(([name, figure]) => [[{ text: name }], lineOf(shown(figure))]),
    "level",
  );
}

function chartOf(standings: readonly ReturnType<typeof standingOf>[]): Shape {
  const series = (name: string, colour: string, values: readonly number[]) => ({ name, colour, values });
  return {
    kind: "chart",
    place: { ...content, w: 4.9, h: chartHeight(standings.length) },
    title: "Controls by standard",
    labels: standings.map(({ standard }) => standard),
    series: [
      series(
        "shown by a check",
        colours.good,
        standings.map(({ shown }) => shown),
      ),
      series(
        "claimed",
        colours.accent,
        standings.map(({ claimed }) => claimed),
      ),
      series(
        "in part",
        colours.open,
        standings.map(({ partial }) => partial),
      ),
      series(
        "open",
        colours.bad,
        standings.map(({ open }) => open),
      ),
    ],
    // Numbers that would not fit into their piece of the bar stand in the document alone.
    format: `[<${Math.ceil(0.05 * Math.max(...standings.map(({ controls }) => controls)))}]"";0`,
    stacked: true,
  };
}
