import type { DecisionTopic } from "../../define/decision.ts";
import type { ChoiceFacts } from "./facts.ts";
import { rules } from "./rules.ts";
import { boundText, isGradual } from "./text.ts";
import { choiceTitle } from "./title.ts";

/**
 * The nearest value of a requirement, one changed at a time, from which the rules would put another system first; in words.
 *
 * @param winner the system that the rules put first with these facts
 */
export function turningPointOf(topic: DecisionTopic, facts: ChoiceFacts, winner: (facts: ChoiceFacts) => string): string | null {
  const now = winner(facts);
  const turns = rules.flatMap((rule) => {
    const { when } = rule;
    if (rule.topic !== topic || "is" in when || !isGradual(when.fact)) return [];
    const bound = "atLeast" in when ? when.atLeast : when.below;
    const value = facts[when.fact];
    // What nobody has stated has no near and far.
    if (value === null) return [];
    const rising = value < bound;
    // A bound is met at its very value and no longer met just below it.
    const other = winner({ ...facts, [when.fact]: rising ? bound : bound * (1 - 1e-9) });
    if (other === now) return [];
    const distance = Math.abs(Math.log(Math.max(bound, 1e-12) / Math.max(value, 1e-12)));
    return [{ distance, text: `${boundText(when.fact, bound, rising)}, the rules prefer ${choiceTitle(topic, other)}` }];
  });
  return turns.toSorted((a, b) => a.distance - b.distance)[0]?.text ?? null;
}
