import type { Autoscaling, PlatformPlan, SizedPart } from "../../plan/vocabulary.ts";
import type { Figure } from "../../plan/figure.ts";
import { titleOf } from "./names.ts";
import { say, shown, strong, table } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { capital, counted, listed, listedText } from "./words.ts";

/** Sizes, how they follow, and when parts grow. */
export function scaleSection(plan: PlatformPlan, limit: number, points: number): DraftSection {
  const blocks: DraftBlock[] = [{ kind: "paragraph", text: sizesText(plan) }];
  const sized = worthShowing(plan);
  if (sized.length > 0)
    blocks.push(
      table(
        [
          { title: "Part", width: 30 },
          { title: "Replicas", width: 12, align: "right" },
          { title: "Cores each", width: 13, align: "right" },
          { title: "Memory each", width: 15, align: "right" },
          { title: "Accelerator", width: 14 },
          { title: "Kept after a year", width: 16, align: "right" },
        ],
        sized.map((part) => sizeRow(plan, part)),
        limit,
        "part",
      ),
    );
  const steps = sizingSteps(plan, points);
  if (steps.length > 0) blocks.push({ kind: "list", items: steps });
  const grows = plan.service.autoscaling;
  if (grows.length > 0) blocks.push({ kind: "list", items: grows.slice(0, points).map((one) => growText(plan, one)) });
  return { title: "Scalability", blocks };
}

/** Parts that take something of their own, and of which anything is known; others run within them or are somebody else's. */
export function worthShowing({ sizing }: PlatformPlan): readonly SizedPart[] {
  return sizing.parts.filter(({ replicas, storage, accelerator }) =>
    [replicas, storage, accelerator?.count].some((figure) => figure?.value !== null && figure?.value !== undefined && figure.value !== 0),
  );
}

/** What the whole platform takes in and keeps, and what nothing is known of. */
export function sizesText(plan: PlatformPlan): DraftText {
  const { sizing } = plan;
  const known = sizing.figures.filter(({ value }) => value !== null);
  const within = sizing.parts.filter(({ replicas, storage }) => replicas.value === 0 && (storage === null || storage.value === 0)).length;
  const unsized = sizing.parts.length - within - worthShowing(plan).length;
  const whole = known.length === 0 ? say`` : say`Of the whole platform: ${listedText(known.slice(0, 6).map(namedFigure))}. `;
  const inside =
    within === 0
      ? ""
      : `${capital(counted(within, "part"))} ${within === 1 ? "takes" : "take"} no machine of ${within === 1 ? "its" : "their"} own. `;
  const rest = unsized === 0 ? "" : `Of ${counted(unsized, "part")} no size is known; ${unsized === 1 ? "it is" : "they are"} left out.`;
  return [...whole, inside + rest];
}

export function namedFigure(figure: Figure): DraftText {
  return say`${figure.name} ${figure}`;
}

function sizeRow(plan: PlatformPlan, { part, replicas, cores, memory, accelerator, storage }: SizedPart): readonly DraftText[] {
  return [
    [titleOf(plan, part)],
    ...[replicas, cores, memory].map((figure) => (replicas.value === 0 ? ["–"] : shown(figure))),
    accelerator === null ? ["–"] : say`${accelerator.count} x ${accelerator.type}`,
    storage === null ? ["–"] : shown(storage),
  ];
}

/** How a part's size follows, for the parts whose steps the plan keeps. */
export function sizingSteps(plan: PlatformPlan, limit: number): readonly DraftText[] {
  return plan.sizing.parts
    .filter(({ figures }) => figures.some(({ value }) => value !== null))
    .slice(0, limit)
    .map(({ part, figures, accelerator }) => {
      const steps = listedText(
        figures
          .filter(({ value }) => value !== null)
          .slice(0, 5)
          .map(namedFigure),
      );
      const runners =
        accelerator === null || accelerator.runnersUp.length === 0
          ? ""
          : ` Not ${listed(accelerator.runnersUp.slice(0, 2).map(({ type, because }) => `${type} (${because})`))}.`;
      return say`${strong(`${titleOf(plan, part)}:`)} ${steps}.${runners}`;
    });
}

export function growText(plan: PlatformPlan, { part, minimum, maximum, metric, target, because }: Autoscaling): DraftText {
  return say`${strong(`${titleOf(plan, part)} grows`)} from ${minimum} to ${maximum} replicas at a ${metric} of ${target}: ${because.replace(/[.]$/, "")}.`;
}
