import type { DecisionTopic } from "../../define/decision.ts";
import type { Candidate, Choice, Part, PlanInput, Sizing } from "../vocabulary.ts";
import { factsOf, type ChoiceFacts } from "./facts.ts";
import { rules, type Condition, type Rule } from "./rules.ts";
import { factText } from "./text.ts";
import { choiceTitle } from "./title.ts";
import { turningPointOf } from "./turning.ts";

/** Which role of an environment a topic is about; none where it is about the environment as a whole. */
export const roleOfTopic: Readonly<Partial<Record<DecisionTopic, Part["role"]>>> = {
  scheduler: "launcher",
  storage: "lake",
  engine: "engine",
  server: "server",
  warehouse: "warehouse",
  broker: "broker",
  orchestrator: "orchestrator",
};

const topics: readonly DecisionTopic[] = [...new Set(rules.map(({ topic }) => topic))];

/** Each choice between systems: a person's reason, or OPEN; what the stated rules say of it, and at which value they would say otherwise. */
export function choicesOf({ definition, environment }: PlanInput, parts: readonly Part[], _sizing: Sizing): readonly Choice[] {
  const facts = factsOf(definition, environment);
  return topics.flatMap((topic): Choice[] => {
    const decision = definition.decisions.find(({ name }) => name === topic);
    const bound = boundSystem(topic, parts, facts, environment.place?.provider ?? null);
    const chosen = decision?.choice ?? bound;
    if (chosen === null) return [];
    const candidates = candidatesOf(topic, facts, chosen);
    const best = candidates[0];
    const own = candidates.find(({ system }) => system === chosen);
    return [
      Object.freeze<Choice>({
        topic,
        chosen,
        bound: bound === null || bound === chosen ? null : bound,
        because: decision?.because ?? null,
        rejected: decision?.rejected ?? [],
        candidates,
        verdict: best === undefined || own === undefined || own.score >= best.score ? "supported" : "challenged",
        turningPoint: turningPointOf(topic, facts, (changed) => candidatesOf(topic, changed, chosen)[0]?.system ?? chosen),
        origin: decision?.origin ?? null,
      }),
    ];
  });
}

/** What the environment has chosen without saying so; null where the topic is none of this platform's. */
function boundSystem(topic: DecisionTopic, parts: readonly Part[], facts: ChoiceFacts, provider: string | null): string | null {
  if (topic === "deployment") return provider === null ? null : provider === "owned" ? "on-premises" : "cloud";
  if (topic === "accelerator") return parts.some(({ role }) => role === "launcher") ? (facts.accelerators > 0 ? "GPU" : "cpu") : null;
  return parts.find(({ role }) => role === roleOfTopic[topic])?.system ?? null;
}

/** The systems that a topic is between, best first; of equals, the one that was chosen. */
function candidatesOf(topic: DecisionTopic, facts: ChoiceFacts, chosen: string): readonly Candidate[] {
  const own = rules.filter((rule) => rule.topic === topic);
  const names = [...new Set([...own.map(({ system }) => system), chosen])];
  return names
    .map((system) =>
      candidate(
        topic,
        system,
        own.filter((rule) => rule.system === system && holds(rule.when, facts)),
        facts,
      ),
    )
    .toSorted((a, b) => b.score - a.score || Number(b.system === chosen) - Number(a.system === chosen));
}

function candidate(topic: DecisionTopic, system: string, held: readonly Rule[], facts: ChoiceFacts): Candidate {
  return {
    system,
    title: choiceTitle(topic, system),
    score: held.reduce((sum, { points }) => sum + points, 0),
    rules: held.map(({ when, points, because }) => ({ rule: factText(when, facts), points, because })),
  };
}

function holds(when: Condition, facts: ChoiceFacts): boolean {
  if ("is" in when) return facts[when.fact] === when.is;
  const value = facts[when.fact];
  if (value === null) return false;
  return "atLeast" in when ? value >= when.atLeast : value < when.below;
}
