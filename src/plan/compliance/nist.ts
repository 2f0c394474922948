import { systemFacts } from "../../systems/catalogue/index.ts";
import type { Control } from "../catalogue/controls/control.ts";
import { nistControls } from "../catalogue/controls/index.ts";
import type { ControlVerdict, Satisfaction } from "../vocabulary.ts";
import { bindingOfPart, contributionOf, type ComplianceContext, type Contribution } from "./claim.ts";
import { features } from "./features.ts";
import { ownersDuty } from "./owners.ts";
import { atRest, inTransit, type Protection } from "./protection.ts";

/** How every control of NIST SP 800-53 rev. 5 stands: judged once, for all standards that rest on them. */
export function judgeControls(context: ComplianceContext): JudgedControls {
  return new Map(nistControls.map((control) => [control.id, judgeControl(control, context)]));
}

/** By the control's id, in the catalogue's order. */
export type JudgedControls = ReadonlyMap<string, ControlVerdict>;

/** Those with these ids, in the catalogue's order. */
export function judgedAmong(judged: JudgedControls, ids: readonly string[]): readonly ControlVerdict[] {
  return [...judged.values()].filter(({ id }) => ids.includes(id));
}

function judgeControl({ id, title, family }: Control, context: ComplianceContext): ControlVerdict {
  const contributions = contributionsTo(id, context);
  const by = contributions.flatMap((one) => one.by);
  const left = contributions.flatMap(({ remaining }) => (remaining === null ? [] : [remaining]));
  const remaining = left.length > 0 ? left.join("; ") : by.length === 0 ? ownersDuty(family.id, title) : null;
  // What is encrypted everywhere but in one place is not encrypted.
  const status = contributions.some(({ broken }) => broken === true) ? "open" : statusOf(by, remaining);
  return Object.freeze<ControlVerdict>({ id, title, group: family.title, status, by, remaining });
}

/** Nothing is shown while something is left to do. */
export function statusOf(by: readonly Satisfaction[], remaining: string | null): ControlVerdict["status"] {
  if (by.length === 0) return "open";
  if (remaining !== null) return "partial";
  return by.some((one) => one.by === "evidence") ? "shown" : "claimed";
}

function contributionsTo(id: string, context: ComplianceContext): readonly Contribution[] {
  const protections = protectionsFor(id, context);
  if (protections !== null) return protections.map(contributionOfProtection);
  return [
    ...features.filter(({ controls }) => controls.includes(id)).flatMap((claim) => contributionOf(claim, context) ?? []),
    ...systemContributions(id, context),
  ];
}

/** Controls that every part concerned must meet by itself. */
function protectionsFor(id: string, context: ComplianceContext): readonly Protection[] | null {
  switch (id) {
    case "SC-8":
    case "SC-8(1)":
      return inTransit(context);
    case "SC-28":
      return atRest(context, false);
    case "SC-28(1)":
    case "SC-12":
      return atRest(context, true);
    default:
      return null;
  }
}

function contributionOfProtection({ part, what, source, remaining, uncertain = false }: Protection): Contribution {
  return { by: what === null ? [] : [{ by: "system", part: part.id, what, source }], remaining, broken: remaining !== null && !uncertain };
}

function systemContributions(id: string, context: ComplianceContext): readonly Contribution[] {
  return context.parts.flatMap((part) => {
    const options = bindingOfPart(part, context)?.options ?? {};
    const claims = systemFacts.get(part.system)?.controls.filter(({ control, when }) => control === id && (when?.(options) ?? true)) ?? [];
    return claims.map(({ what, source }) => ({ by: [{ by: "system" as const, part: part.id, what, source }], remaining: null }));
  });
}
