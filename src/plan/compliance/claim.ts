import type { BindingNode, Definition, EnvironmentNode } from "../../define/node.ts";
import type { Evidence, Part, Satisfaction } from "../vocabulary.ts";

/** What claims are judged from. */
export interface ComplianceContext {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly parts: readonly Part[];
  readonly evidence: readonly Evidence[];
}

/** Something that Millwright does for a control, with the page that says so. */
export interface Claim {
  /** `AU-2`; articles of the GDPR as `Art. 30`. */
  readonly controls: readonly string[];
  readonly what: string;
  /** A page of docs/. */
  readonly source: string;
  /** What somebody must still do; absent when the control asks for nothing more. */
  readonly remaining?: string;
  /** Types of events that show in the journal that it happened. */
  readonly evidence?: readonly string[];
  /** Whether it holds for this platform. @default always */
  readonly when?: (context: ComplianceContext) => boolean;
}

/** How far a control is met by one thing, and what is left. */
export interface Contribution {
  readonly by: readonly Satisfaction[];
  /** Null when nothing is left. */
  readonly remaining: string | null;
  /** Whether what is left is known to undo the rest: a part in the clear. @default false */
  readonly broken?: boolean;
}

/** What a claim gives; null where it does not hold. */
export function contributionOf(claim: Claim, context: ComplianceContext): Contribution | null {
  if (claim.when !== undefined && !claim.when(context)) return null;
  const shown = context.evidence.filter(({ type }) => claim.evidence?.includes(type) === true);
  return {
    by: [
      { by: "feature", what: claim.what, source: claim.source },
      ...shown.map((evidence): Satisfaction => ({ by: "evidence", what: `${evidence.type} at ${evidence.time}`, evidence })),
    ],
    remaining: claim.remaining ?? null,
  };
}

/** The binding of a part; undefined for an embedded one. */
export function bindingOfPart({ id }: Part, { environment }: ComplianceContext): BindingNode | undefined {
  return environment.bindings[id];
}
