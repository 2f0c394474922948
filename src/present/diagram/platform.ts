import type { Definition } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { architecture } from "./architecture.ts";
import { dataFlow } from "./data-flow.ts";
import { deployment } from "./deployment.ts";
import { draw } from "./draw.ts";
import type { Diagram, DiagramForm, DiagramView } from "./vocabulary.ts";

/**
 * A picture of a platform in the environment that the plan is of. A pure function: the same definition and plan give the same picture.
 *
 * @param view `architecture`: the parts in their groups; `deployment`: where they run; `data-flow`: tables, models and endpoints from source to answer
 * @param form the paper that it is laid out for: letters on `page` can be read on A4 upright
 */
export function drawPlatform(definition: Definition, plan: PlatformPlan, view: DiagramView, form: DiagramForm = "page"): Diagram {
  switch (view) {
    case "architecture":
      return draw(architecture(plan), form);
    case "deployment":
      return draw(deployment(definition, plan), form);
    case "data-flow":
      return draw(dataFlow(definition, plan), form);
  }
}
