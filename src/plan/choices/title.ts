import type { DecisionTopic } from "../../define/decision.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";

/** What a choice is called: a system by its title; where and on which chip by its own name, for `hybrid` is a way to deploy and a lake too. */
export function choiceTitle(topic: DecisionTopic, choice: string): string {
  return topic === "deployment" || topic === "accelerator" ? choice : (systemFacts.get(choice)?.title ?? choice);
}
