import { whyUnknown, type Figure } from "../plan/figure.ts";
import { figureText, originText, priceText } from "../plan/figure-text.ts";
import type { Choice, ComplianceReport, PlatformPlan, SizedPart, Verdict } from "../plan/vocabulary.ts";
import { aligned, colour, plural } from "./text.ts";

export interface PlanTextOptions {
  /** Where it is written: colours only on a terminal. */
  readonly stream: { readonly isTTY?: boolean };
  /** The steps of the sizing, every line of the bill and every failure too. */
  readonly all: boolean;
}

/** A plan for people: requirements first, then sizes, cost, service levels, compliance and choices. */
export function planText(plan: PlatformPlan, options: PlanTextOptions): string {
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ["requirements", requirementLines(plan.requirements, options)],
    ["sizes", sizeLines(plan, options)],
    ["cost", costLines(plan, options)],
    ["service levels", serviceLines(plan, options)],
    ["compliance", plan.compliance.map(complianceLine)],
    ["choices", plan.choices.flatMap((choice) => choiceLines(choice, options))],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  const head = `${plan.platform} in the environment ${plan.environment}: ${tally(plan.requirements)}\n`;
  return `${head}${shown.map(([title, lines]) => `\n${title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`).join("")}`;
}

const colours: Readonly<Record<Verdict["outcome"], Parameters<typeof colour>[0]>> = {
  met: "green",
  missed: "red",
  unknown: "yellow",
  given: "grey",
};
const outcomes: readonly Verdict["outcome"][] = ["missed", "unknown", "met", "given"];

/** `1 requirement missed, 2 unknown, 3 met` */
export function tally(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "no requirements";
  const counts = outcomes
    .map((outcome) => [outcome, verdicts.filter((one) => one.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0);
  return `${plural(verdicts.length, "requirement")}: ${counts.map(([outcome, count]) => `${count} ${outcome}`).join(", ")}`;
}

/** Each verdict on one line, the worst first. */
export function requirementLines(verdicts: readonly Verdict[], { stream }: Pick<PlanTextOptions, "stream">): readonly string[] {
  const sorted = verdicts.toSorted((a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome));
  const lines = aligned(sorted.map(({ requirement, reason }) => [requirement.name, requirement.text, reason]));
  return lines.map((line, index) => {
    const outcome = sorted[index]?.outcome ?? "unknown";
    return `${colour(colours[outcome], outcome.padEnd(7), stream)}  ${line}`;
  });
}

function sizeLines({ sizing, parts }: PlatformPlan, { all, stream }: PlanTextOptions): readonly string[] {
  const own = sizing.parts.filter(({ replicas, storage }) => replicas.value !== 0 || storage !== null);
  const titleOf = (id: string) => parts.find((part) => part.id === id)?.title ?? id;
  const rows = own.map((sized) => [sized.part, titleOf(sized.part), ...sizeCells(sized)]);
  const table = aligned(
    [["part", "", "replicas", "cores", "memory", "accelerator", "stored", "hours a month"], ...rows],
    new Set([2, 3, 4, 6, 7]),
  );
  const steps = (figures: readonly Figure[]) => figures.map((figure) => [figure.name, figureText(figure), why(figure)]);
  return [
    ...table,
    "",
    ...aligned(steps(sizing.figures)),
    ...(all
      ? own.flatMap(({ part, figures, replicas, cores, memory, hours, accelerator }) => [
          "",
          colour("grey", part, stream),
          ...aligned([
            ...steps([replicas, cores, memory, hours, ...figures]),
            ...(accelerator?.runnersUp ?? []).map(({ type, because }) => [`not ${type}`, "", because]),
          ]),
        ])
      : []),
  ];
}

function sizeCells({ replicas, cores, memory, accelerator, storage, hours }: SizedPart): readonly string[] {
  // What runs in another's process has nothing of its own.
  const own = (figure: Figure) => (replicas.value === 0 ? "" : figureText(figure));
  return [
    own(replicas),
    own(cores),
    own(memory),
    accelerator === null ? "" : `${figureText(accelerator.count)} x ${accelerator.type}`,
    storage === null ? "" : figureText(storage),
    own(hours),
  ];
}

function costLines({ cost }: PlatformPlan, { all }: PlanTextOptions): readonly string[] {
  const amount = ({ monthly, known }: PlatformPlan["cost"]["chosen"]) =>
    monthly.value === null && known.value !== null ? `at least ${figureText(known)}` : figureText(monthly);
  const rows = cost.options.map((option, index) => [
    `${index === 0 ? "> " : "  "}${option.name}`,
    amount(option),
    figureText(option.perInference),
    figureText(option.perTrainingRun),
    figureText(option.perTerabyte),
    figureText(option.energy.monthly),
    figureText(option.carbon.monthly),
  ]);
  const table = aligned(
    [["", "a month", "an inference", "a training", "a TB in", "energy", "carbon"], ...rows],
    new Set([1, 2, 3, 4, 5, 6]),
  );
  const open = cost.chosen.lines.filter(({ monthly }) => monthly.value === null);
  const lines = (all ? cost.chosen.lines : open).map(({ part, item, quantity, price, monthly }) => [
    part,
    item,
    `${figureText(quantity)} x ${priceText(price)}`,
    figureText(monthly),
    why(monthly.value === null ? monthly : price),
  ]);
  return lines.length === 0 ? table : [...table, "", ...(all ? [] : ["without a price:"]), ...aligned(lines)];
}

function serviceLines({ service, parts }: PlatformPlan, { all }: PlanTextOptions): readonly string[] {
  const { uptime, errorBudget, recoveryTime, recoveryPoint, failures, autoscaling } = service;
  const titleOf = (id: string) => parts.find((part) => part.id === id)?.title ?? id;
  const single = failures.filter((failure) => failure.single).map(({ part }) => part);
  return [
    ...aligned([uptime, errorBudget, recoveryTime, recoveryPoint].map((figure) => [figure.name, figureText(figure), why(figure)])),
    ...(single.length === 0 ? [] : [`single points of failure: ${single.join(", ")}`]),
    ...autoscaling.map(
      ({ part, minimum, maximum, metric, target, because }) =>
        `${part} scales from ${figureText(minimum)} to ${figureText(maximum)} replicas at ${figureText(target)} of ${metric}: ${because}`,
    ),
    ...(all
      ? [
          "",
          ...aligned([
            ["when", "users see", "it heals", "after"],
            ...failures.map(({ part, breaks, userSees, heals, time }) => [
              `${titleOf(part)}: ${breaks}`,
              userSees,
              heals,
              figureText(time),
            ]),
          ]),
        ]
      : []),
  ];
}

function complianceLine({ standard, controls }: ComplianceReport): string {
  const count = (status: string) => controls.filter((one) => one.status === status).length;
  return `${standard}: ${plural(controls.length, "control")}, ${count("shown")} shown by a check, ${count("claimed")} claimed, ${count("partial")} in part, ${count("open")} open`;
}

function choiceLines(
  { topic, chosen, bound, because, verdict, candidates, turningPoint }: Choice,
  { stream }: PlanTextOptions,
): readonly string[] {
  const said = because ?? colour("red", "OPEN: nobody has said why", stream);
  const best = candidates[0];
  const rules =
    verdict === "supported"
      ? colour("green", "the rules support it", stream)
      : colour(
          "yellow",
          `the rules would take ${best?.title ?? "another"} (${best?.score ?? 0} points against ${candidates.find(({ system }) => system === chosen)?.score ?? 0})`,
          stream,
        );
  const here = bound === null ? "" : ` (bound here: ${bound})`;
  return [`${topic}: ${chosen}${here}, ${said}; ${rules}${turningPoint === null ? "" : `; ${turningPoint}`}`];
}

/** Where a figure comes from, or why it is unknown. */
function why(figure: Figure): string {
  const { origin } = figure;
  if (figure.value === null) return whyUnknown(figure) ?? "";
  return origin.kind === "computed"
    ? origin.formula
    : origin.kind === "measured"
      ? `${originText(figure)}: ${origin.what}`
      : originText(figure);
}
