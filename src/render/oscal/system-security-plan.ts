import { figureText } from "../../plan/figure-text.ts";
import type { ComplianceReport, ControlVerdict, PlatformPlan } from "../../plan/vocabulary.ts";
import { componentId, described, sentences } from "./component-definition.ts";
import { catalogueOf, controlId, identity, metadata } from "./ids.ts";

const states: Readonly<Record<ControlVerdict["status"], string>> = {
  shown: "implemented",
  claimed: "implemented",
  partial: "partial",
  open: "planned",
};

/** The skeleton of a system security plan: every control of the standard, what satisfies it, and what is left to do and by whom. */
export function systemSecurityPlan(plan: PlatformPlan, report: ComplianceReport): object {
  const whole = componentId(plan, "this-system");
  return {
    "system-security-plan": {
      uuid: identity(plan, report.standard, "system-security-plan"),
      metadata: metadata(plan, `System security plan of ${plan.platform} for ${report.standard}`),
      "import-profile": { href: catalogueOf(report.standard) },
      "system-characteristics": characteristics(plan, report),
      "system-implementation": {
        users: [{ uuid: identity(plan, "user"), title: "The platform's owner", "role-ids": ["owner"] }],
        components: [
          {
            uuid: whole,
            type: "this-system",
            title: plan.platform,
            description: `The platform ${plan.platform} in the environment ${plan.environment}.`,
            status: { state: "under-development" },
          },
          ...plan.parts.map((part) => ({
            uuid: componentId(plan, part.id),
            ...described(part),
            status: { state: part.status === "works" ? "operational" : "under-development" },
          })),
        ],
      },
      "control-implementation": {
        description: "What satisfies each control. What is planned says who must act.",
        "implemented-requirements": report.controls.map((control) => implemented(plan, report.standard, control, whole)),
      },
    },
  };
}

function characteristics(plan: PlatformPlan, { standard }: ComplianceReport): object {
  const level = standard.startsWith("FedRAMP ") ? `fips-199-${standard.slice("FedRAMP ".length).toLowerCase()}` : "to be determined";
  return {
    "system-ids": [{ "identifier-type": "http://ietf.org/rfc/rfc4122", id: identity(plan, "system") }],
    "system-name": plan.platform,
    description: `An AI platform${plan.domain === null ? "" : ` for ${plan.domain}`}. Uptime that its topology gives: ${figureText(plan.service.uptime)}.`,
    "system-information": {
      "information-types": [
        {
          uuid: identity(plan, "information"),
          title: `Data of ${plan.platform}`,
          description: "To be categorised by the owner of the data (NIST SP 800-60).",
        },
      ],
    },
    "security-impact-level": {
      "security-objective-confidentiality": level,
      "security-objective-integrity": level,
      "security-objective-availability": level,
    },
    status: { state: "under-development", remarks: "The authorizing official has not accepted this plan." },
    "authorization-boundary": {
      description: `The parts of the environment ${plan.environment}: ${plan.parts.map(({ id, title }) => `${title} (${id})`).join(", ")}.`,
    },
  };
}

function implemented(plan: PlatformPlan, standard: string, control: ControlVerdict, whole: string): object {
  const { id, by, status, remaining } = control;
  const parts = [...new Set(by.flatMap((one) => (one.by === "system" ? [one.part] : [])))];
  const shared = by.filter((one) => one.by !== "system");
  const component = (uuid: string, name: string, description: string) => ({
    "component-uuid": uuid,
    uuid: identity(plan, standard, "by-component", id, name),
    description,
    "implementation-status": { state: states[status] },
  });
  return {
    uuid: identity(plan, standard, "implemented", id),
    "control-id": controlId(id),
    "by-components": [
      ...(shared.length > 0 || parts.length === 0
        ? [
            component(
              whole,
              "this-system",
              shared.length > 0 ? sentences(shared) : `Nothing satisfies it yet: ${remaining ?? "nothing is known"}.`,
            ),
          ]
        : []),
      ...parts.map((part) =>
        component(componentId(plan, part), part, sentences(by.filter((one) => one.by === "system" && one.part === part))),
      ),
    ],
    ...(remaining === null ? {} : { remarks: `Left to do: ${remaining}.` }),
  };
}
