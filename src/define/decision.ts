import { deepFreeze } from "./freeze.ts";
import type { DecisionNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";

/** What architects are asked to defend. */
export type DecisionTopic =
  | "scheduler"
  | "deployment"
  | "storage"
  | "engine"
  | "server"
  | "warehouse"
  | "accelerator"
  | "broker"
  | "orchestrator";

/** A choice between systems, as somebody made it. */
export interface Decision {
  readonly node: DecisionNode;
}

/**
 * A choice and its reason, which is a person's; `plan` and `design` print it beside what the stated rules say of it, and a choice without a reason as OPEN.
 *
 * @param topic what was to be chosen
 * @example
 * decision("scheduler", { choice: "kubernetes", because: "the endpoint scales with the day, and the team runs it already", rejected: { slurm: "no services" } })
 */
export function decision(
  topic: DecisionTopic,
  options: {
    readonly choice: string;
    /** Why, in a sentence. */
    readonly because: string;
    /** What else was looked at, and why not. */
    readonly rejected?: Readonly<Record<string, string>>;
  },
): Decision {
  const { choice, because, rejected = {} } = options;
  const node: DecisionNode = deepFreeze({
    kind: "decision",
    name: topic,
    origin: callerOrigin(),
    choice,
    because,
    rejected: Object.entries(rejected).map(([system, reason]) => ({ system, reason })),
  });
  return Object.freeze({ node });
}
