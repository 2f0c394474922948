import type { Definition } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import type { Changes } from "../against/changes.ts";
import { withChanges } from "../against/sketch.ts";
import { architecture } from "./architecture.ts";
import { dataFlow } from "./data-flow.ts";
import { deployment } from "./deployment.ts";
import { draw } from "./draw.ts";
import type { Diagram, DiagramForm, DiagramView, Sketch } from "./vocabulary.ts";

/**
 * A picture of a platform in the environment that the plan is of. A pure function: the same definition and plan give the same picture.
 *
 * @param view `architecture`: the parts in their groups; `deployment`: where they run; `data-flow`: tables, models and endpoints from source to answer
 * @param form the paper that it is laid out for: letters on `page` can be read on A4 upright
 * @param changes since an earlier version, which are marked
 */
export function drawPlatform(
  definition: Definition,
  plan: PlatformPlan,
  view: DiagramView,
  form: DiagramForm = "page",
  changes: Changes | null = null,
): Diagram {
  const sketch = sketchOf(definition, plan, view);
  return draw(changes === null ? sketch : withChanges(sketch, plan, changes), form);
}

function sketchOf(definition: Definition, plan: PlatformPlan, view: DiagramView): Sketch {
  switch (view) {
    case "architecture":
      return architecture(plan);
    case "deployment":
      return deployment(definition, plan);
    case "data-flow":
      return dataFlow(definition, plan);
  }
}
