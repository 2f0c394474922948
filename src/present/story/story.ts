import type { Definition } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import type { Changes } from "../against/changes.ts";
import { changesSection } from "../against/section.ts";
import { architectureSection } from "./architecture.ts";
import { complianceSection } from "./compliance.ts";
import { costSection } from "./cost.ts";
import { newestDate } from "./figures.ts";
import { notebook } from "./notes.ts";
import { requirementsSection } from "./requirements.ts";
import { risksSection } from "./risks.ts";
import { scaleSection } from "./scale.ts";
import { serviceSection } from "./service.ts";
import { summaryBlocks } from "./summary.ts";
import { toolsSection } from "./tools.ts";
import { tradeOffsSection } from "./trade-offs.ts";
import { useCaseSection } from "./use-case.ts";
import type { Story } from "./vocabulary.ts";
import { withArticle } from "./words.ts";

/** How many rows the tables may have: documents have five pages at most, so that large platforms show less of each, and say how much is left out. */
export interface Detail {
  readonly rows: number;
  readonly points: number;
}

/** From the most to the least that a document shows. */
export const details: readonly Detail[] = Object.freeze(
  [24, 20, 17, 15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((rows) =>
    Object.freeze({ rows, points: Math.min(9, Math.max(2, Math.round(rows / 2))) }),
  ),
);

/**
 * What there is to say of a platform in an environment, in the order in which a panel asks: every number is a figure of the plan or a word of the platform
 * file, with a note that says where it came from.
 *
 * @param changes since an earlier version, told first
 */
export function storyOf(definition: Definition, plan: PlatformPlan, { rows, points }: Detail, changes: Changes | null = null): Story {
  const notes = notebook();
  const summary = summaryBlocks(plan).map(notes.markBlock);
  const sections = [
    ...(changes === null ? [] : [changesSection(changes, plan, rows, points)]),
    useCaseSection(definition, plan),
    requirementsSection(plan, Math.max(rows, 8)),
    architectureSection(plan, Math.max(rows + 4, 12)),
    toolsSection(plan, Math.max(rows, 8)),
    tradeOffsSection(plan, rows, points),
    scaleSection(plan, rows, points),
    costSection(plan, rows),
    serviceSection(plan, rows),
    complianceSection(plan, rows),
    risksSection(plan, Math.max(points, 4)),
  ].map(({ title, blocks }) => ({ title, blocks: blocks.map(notes.markBlock) }));
  return Object.freeze<Story>({
    title: `${plan.platform}: the design${changes === null ? "" : ", version 2"}`,
    subtitle:
      `${withArticle(plan.domain === null ? "platform" : `${plan.domain} platform`)} in the environment ${plan.environment}`.replace(
        /^./,
        (letter) => letter.toUpperCase(),
      ),
    date: newestDate(plan),
    summary,
    sections,
    notes: notes.notes(),
  });
}
