import { diffPlans, type PlanDiff } from "../../plan/diff.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import type { Feedback } from "../review/feedback.ts";

/** What became of a platform since an earlier version of its design. */
export interface Changes {
  /** As it was asked for: `design`, `v1.0`, `HEAD~3`. */
  readonly since: string;
  readonly before: PlatformPlan;
  readonly diff: PlanDiff;
  /** Comments that were answered with a change. */
  readonly led: readonly Feedback[];
  /** The other comments: those that will not be followed, and those that are open. */
  readonly others: readonly Feedback[];
}

/** A pure function of two plans and what reviewers said. */
export function changesOf(since: string, before: PlatformPlan, after: PlatformPlan, feedback: readonly Feedback[]): Changes {
  const led = feedback.filter(({ answer }) => answer?.outcome === "changed");
  return Object.freeze<Changes>({
    since,
    before,
    diff: diffPlans(before, after),
    led,
    others: feedback.filter((one) => !led.includes(one)),
  });
}

/** How a part stands against the earlier version: null where nothing of its structure changed. */
export function partChange({ diff }: Changes, part: string): "new" | "changed" | null {
  if (diff.added.some(({ id }) => id === part)) return "new";
  const resized = diff.sizes.some(({ of, name }) => of === part && name === "replicas");
  return resized || diff.systems.some(({ of }) => of === part) ? "changed" : null;
}

/** What a part was before, in few words: its system, or how many there were of it. */
export function partBefore({ diff, before }: Changes, part: string): string | null {
  if (diff.systems.some(({ of }) => of === part)) return before.parts.find(({ id }) => id === part)?.title ?? null;
  const replicas = diff.sizes.find(({ of, name }) => of === part && name === "replicas")?.from?.value ?? null;
  return replicas === null ? null : `${replicas} replica${replicas === 1 ? "" : "s"}`;
}

/** Lines of a difference that are about what a comment is about: a part, or a section such as `cost`. */
export function about(lines: readonly ChangeLine[], part: string): readonly ChangeLine[] {
  const sections: Readonly<Record<string, readonly ChangeLine["section"][]>> = {
    architecture: ["Structure"],
    diagram: ["Structure"],
    sizes: ["Sizes"],
    cost: ["Cost"],
    "service levels": ["Service levels"],
    compliance: ["Compliance"],
    requirements: ["Requirements"],
    choices: ["Choices"],
  };
  return lines.filter(({ section, of }) => of === part || sections[part]?.includes(section));
}

/** One thing that changed. */
export interface ChangeLine {
  readonly section: "Structure" | "Sizes" | "Cost" | "Service levels" | "Compliance" | "Requirements" | "Choices";
  /** The part, requirement, topic or control; null for the whole platform. */
  readonly of: string | null;
  /** What of it: `cost`, `replicas`. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** What else is to be said. */
  readonly note: string;
}
