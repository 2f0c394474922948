import type { ComplianceReport, ControlVerdict, Part, PlatformPlan, Satisfaction } from "../../plan/vocabulary.ts";
import { catalogueOf, controlId, identity, metadata } from "./ids.ts";

/** What each part, and Millwright itself, does for the controls of a standard. A part that does nothing for any is named without controls. */
export function componentDefinition(plan: PlatformPlan, report: ComplianceReport): object {
  const own = implementation(plan, report, "millwright", (one) => one.by === "feature");
  return {
    "component-definition": {
      uuid: identity(plan, report.standard, "component-definition"),
      metadata: metadata(plan, `Components of ${plan.platform} for ${report.standard}`),
      components: [
        {
          uuid: componentId(plan, "millwright"),
          type: "software",
          title: "Millwright",
          description: "Runs, checks, serves and watches the platform from one typed file.",
          ...own,
        },
        ...plan.parts.map((part) => ({
          uuid: componentId(plan, part.id),
          ...described(part),
          ...implementation(plan, report, part.id, (one) => one.by === "system" && one.part === part.id),
        })),
      ],
    },
  };
}

/** The same component has the same id in every document. */
export function componentId(plan: PlatformPlan, part: string): string {
  return identity(plan, "component", part);
}

/** A part in OSCAL's words. */
export function described({ id, role, title, detail, status }: Part): object {
  return {
    type: "software",
    title: `${title} (${id})`,
    description: `The ${role}: ${detail}.${status === "described" ? " It is described in the design and does not run yet." : ""}`,
  };
}

function implementation(
  plan: PlatformPlan,
  { standard, controls }: ComplianceReport,
  component: string,
  belongs: (one: Satisfaction) => boolean,
): object {
  const requirements = controls.flatMap((control) => {
    const own = control.by.filter(belongs);
    return own.length === 0 ? [] : [requirement(plan, standard, component, control, own)];
  });
  if (requirements.length === 0) return {};
  return {
    "control-implementations": [
      {
        uuid: identity(plan, standard, "implementation", component),
        source: catalogueOf(standard),
        description: `What it does for ${standard}.`,
        "implemented-requirements": requirements,
      },
    ],
  };
}

function requirement(
  plan: PlatformPlan,
  standard: string,
  component: string,
  { id, remaining }: ControlVerdict,
  by: readonly Satisfaction[],
): object {
  return {
    uuid: identity(plan, standard, "requirement", component, id),
    "control-id": controlId(id),
    description: sentences(by),
    ...(remaining === null ? {} : { remarks: `Left to do: ${remaining}.` }),
  };
}

/** What satisfies a control, each with where that is said. */
export function sentences(by: readonly Satisfaction[]): string {
  const said = by.map((one) => (one.by === "evidence" ? `Journal: ${one.what}.` : `${one.what} (${one.source}).`));
  return [...new Set(said)].join(" ");
}
