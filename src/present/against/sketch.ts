import type { Sketch, SketchNode } from "../diagram/vocabulary.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { partBefore, partChange, type Changes } from "./changes.ts";

/** A sketch in which each part that is new or changed says so, and the legend lists what is removed. */
export function withChanges(sketch: Sketch, plan: PlatformPlan, changes: Changes): Sketch {
  return {
    ...sketch,
    title: `${sketch.title}, version 2`,
    nodes: sketch.nodes.map((node) => {
      const text = sketch.view === "data-flow" ? assetChange(node, plan, changes) : partText(node, changes);
      return text === null ? node : { ...node, lines: [...node.lines, { text, tone: "change" as const }] };
    }),
    removed: sketch.view === "data-flow" ? [] : changes.diff.removed.map(({ id, title }) => (id === title ? id : `${title} (${id})`)),
  };
}

function partText({ id }: SketchNode, changes: Changes): string | null {
  const change = partChange(changes, id);
  const was = partBefore(changes, id);
  return change === "changed" && was !== null ? `changed: was ${was}` : change;
}

/** Tables and models that no part of the earlier version held. */
function assetChange({ title }: SketchNode, plan: PlatformPlan, { before }: Changes): string | null {
  const holds = ({ parts }: PlatformPlan) => parts.some(({ assets }) => assets.includes(title));
  return holds(plan) && !holds(before) ? "new" : null;
}
