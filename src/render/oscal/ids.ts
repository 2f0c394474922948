import type { Compliance } from "../../define/requirement.ts";
import { uuidOf } from "../../govern/uuid.ts";
import { collected } from "../../plan/catalogue/accelerators.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";

/** The release of OSCAL that the files follow. */
export const oscalVersion = "1.1.3";

/** Where the controls of a standard are set down. */
export function catalogueOf(standard: Compliance): string {
  switch (standard) {
    case "GDPR":
      return "https://eur-lex.europa.eu/eli/reg/2016/679/oj";
    case "HIPAA":
      return "https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-164/subpart-C";
    default: {
      const level = standard.slice("FedRAMP ".length).toUpperCase();
      return `https://raw.githubusercontent.com/GSA/fedramp-automation/master/dist/content/rev5/baselines/json/FedRAMP_rev5_${level}-baseline-resolved-profile_catalog.json`;
    }
  }
}

/** A control's id as OSCAL writes it: `AC-2(1)` is `ac-2.1`, `45 CFR 164.312(a)(1)` is `cfr-164.312.a.1`, `Art. 32` is `art-32`. */
export function controlId(id: string): string {
  return id
    .toLowerCase()
    .replace(/^45 cfr /, "cfr-")
    .replace(/^art\. /, "art-")
    .replaceAll("(", ".")
    .replaceAll(/[) ]/g, "");
}

/** A UUID that is the same whenever the same thing of the same platform is meant. */
export function identity(plan: PlatformPlan, ...names: readonly string[]): string {
  return uuidOf(["oscal", plan.platform, plan.environment, ...names].join("\n"));
}

/** When the plan's newest evidence was made, else the day of its catalogue: the clock would make each writing another. */
export function dateOf({ measurements }: PlatformPlan): string {
  const times = measurements.evidence.map(({ time }) => time);
  return times.toSorted().at(-1) ?? `${collected}T00:00:00.000Z`;
}

/** What every OSCAL document begins with. */
export function metadata(plan: PlatformPlan, title: string): object {
  const party = identity(plan, "party");
  return {
    title,
    "last-modified": dateOf(plan),
    version: plan.environment,
    "oscal-version": oscalVersion,
    roles: [{ id: "owner", title: "The platform's owner" }],
    parties: [{ uuid: party, type: "organization", name: `Whoever runs ${plan.platform}` }],
    "responsible-parties": [{ "role-id": "owner", "party-uuids": [party] }],
  };
}
