import { whyUnknown, type Figure } from "../../plan/figure.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { titleOf } from "./names.ts";
import { say, shown, status, table } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { capital, listed } from "./words.ts";

/** Uptime, its budget, and what happens when a part breaks. */
export function serviceSection(plan: PlatformPlan, limit: number): DraftSection {
  const blocks: DraftBlock[] = [{ kind: "paragraph", text: [...uptimeText(plan), ...singleText(plan)] }];
  const failures = plan.service.failures.toSorted((a, b) => Number(b.single) - Number(a.single));
  if (failures.length > 0)
    blocks.push(
      table(
        [
          { title: "What breaks", width: 21 },
          { title: "What the user sees", width: 29 },
          { title: "How it heals", width: 30 },
          { title: "Time", width: 11, align: "right" },
          { title: "Single", width: 9 },
        ],
        failures.map(({ part, breaks, userSees, heals, time, single }) => [
          [`${titleOf(plan, part)}: ${breaks}`],
          [capital(userSees)],
          [capital(heals)],
          shown(time),
          [single ? status("bad", "single") : status("good", "no")],
        ]),
        limit,
        "failure",
      ),
    );
  return { title: "Service levels and failures", blocks };
}

export function uptimeText({ service }: PlatformPlan): DraftText {
  const { uptime, errorBudget, recoveryTime, recoveryPoint } = service;
  const up =
    uptime.value === null
      ? say`The uptime of an answer is ${uptime}: ${whyUnknown(uptime) ?? ""}.`
      : say`An answer is there ${uptime} of the month, from the availability of each part on its way; the error budget is ${errorBudget} a month.`;
  const back =
    recoveryTime.value === null && recoveryPoint.value === null
      ? say` Recovery time and point are ${recoveryTime}.`
      : [
          ...orWhy(
            recoveryTime,
            say` After a disaster it works again within ${recoveryTime}.`,
            say` How long it takes to work again after a disaster is ${recoveryTime}: `,
          ),
          ...orWhy(
            recoveryPoint,
            say` At most the newest ${recoveryPoint} of data are lost then.`,
            say` How much of the newest data would be lost is ${recoveryPoint}: `,
          ),
        ];
  return [...up, ...back];
}

function orWhy(figure: Figure, known: DraftText, unknown: DraftText): DraftText {
  const why = whyUnknown(figure);
  return why === null ? known : [...unknown, `${why}.`];
}

/** Parts whose loss stops everything behind them. */
export function singles({ service }: PlatformPlan): readonly string[] {
  return [...new Set(service.failures.filter(({ single }) => single).map(({ part }) => part))];
}

function singleText(plan: PlatformPlan): DraftText {
  const parts = singles(plan).map((part) => titleOf(plan, part));
  if (parts.length === 0) return [];
  return [` Single points of failure: ${listed(parts)}.`];
}
