import { existsSync } from "node:fs";
import type { Step } from "./graph.ts";
import type { PlannedStep } from "./report.ts";
import type { Session } from "./session.ts";
import { isDue, isTrainedUnasked, redeclared, standingOf, type Facts } from "./standing.ts";

/**
 * What a run is about to do, from what stands there now: pure reading. A step behind one that may change is
 * `update`, since only the run knows whether its inputs will have changed.
 *
 * @param named what the run was asked for; empty for everything
 */
export function planSteps(session: Session, steps: readonly Step[], named: readonly string[]): readonly PlannedStep[] {
  const facts = factsOf(session);
  const moving = new Set<string>();
  const planned = steps.map((step) => {
    const line = planBackfill(step, session) ?? planStep(step, facts, session.full, moving, named.includes(step.name));
    if (line.action !== "unchanged") moving.add(step.name);
    return line;
  });
  const declared = new Set(session.definition.assets.map((asset) => asset.name));
  const kept = [...session.heads.keys()].filter((table) => !declared.has(table.replace(/_(quarantine|predictions)$/, "")));
  return [
    ...planned,
    ...kept.map((asset): PlannedStep => ({ asset, kind: "table", action: "kept", reason: "no longer declared; nothing is deleted" })),
  ];
}

/** The steps of a run: maintenance, and a model that says itself when it is trained anew, are among them only when they are named or due. */
export function stepsToRun(session: Session, steps: readonly Step[], named: readonly string[]): readonly Step[] {
  const facts = factsOf(session);
  return steps.filter(({ name, asset }) => {
    if (named.includes(name)) return true;
    if (asset.kind === "maintenance") return isDue(asset, facts);
    return asset.kind !== "model" || session.full || isTrainedUnasked(asset, facts);
  });
}

function factsOf({ environment, heads, paths, latest }: Session): Facts {
  return { environment, heads, warehouse: existsSync(paths.warehouse), latest };
}

/** A table of which some parts are made anew, whatever stands there. */
function planBackfill(step: Step, { backfill }: Session): PlannedStep | null {
  if (backfill === null || !backfill.assets.includes(step.name)) return null;
  const ends = [
    backfill.from === null ? "" : `from ${shortTime(backfill.from)}`,
    backfill.to === null ? "" : `to ${shortTime(backfill.to)}`,
  ];
  return { asset: step.name, kind: step.kind, action: "update", reason: `its parts ${ends.filter((end) => end !== "").join(" ")} anew` };
}

/** `2013-03-01` for a midnight. */
function shortTime(time: string): string {
  return time.replace("T00:00:00.000Z", "");
}

function planStep(step: Step, facts: Facts, full: boolean, moving: ReadonlySet<string>, named: boolean): PlannedStep {
  const line = (action: PlannedStep["action"], reason: string): PlannedStep => ({ asset: step.name, kind: step.kind, action, reason });
  const standing = standingOf(step, facts);
  const { made } = standing;
  const stale = standing.stale ?? (named ? (standing.waiting ?? null) : null);
  if (step.kind === "maintenance") return line("update", made === null ? "never done" : (stale ?? "named"));
  if (made === null)
    return line(
      "create",
      step.kind === "load"
        ? "not in the warehouse yet"
        : step.kind === "source" || step.kind === "table"
          ? "not in the lake yet"
          : "never done",
    );
  if (full) return line("rebuild", "--full");
  if (stale !== null) return line(stale.startsWith(redeclared) ? "rebuild" : "update", stale);
  if (step.kind === "source") return line("check", "whatever is new at the source");
  const movingNeed = step.needs.find((need) => moving.has(need));
  return movingNeed === undefined ? line("unchanged", "") : line("update", `when ${movingNeed} changes`);
}
