import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { assessmentResults } from "./assessment-results.ts";
import { componentDefinition } from "./component-definition.ts";
import { systemSecurityPlan } from "./system-security-plan.ts";

/**
 * A component definition, the skeleton of a system security plan, and assessment results for each standard that the platform names, in OSCAL
 * (NIST's Open Security Controls Assessment Language): `fedramp-moderate/system-security-plan.json`. The same plan gives the same bytes.
 */
export function oscalFiles(plan: PlatformPlan): readonly { readonly path: string; readonly content: string }[] {
  return plan.compliance.flatMap((report) => {
    const folder = report.standard.toLowerCase().replaceAll(" ", "-");
    const documents = {
      "component-definition": componentDefinition(plan, report),
      "system-security-plan": systemSecurityPlan(plan, report),
      "assessment-results": assessmentResults(plan, report),
    };
    return Object.entries(documents).map(([name, document]) => ({
      path: `${folder}/${name}.json`,
      content: `${JSON.stringify(document, null, 2)}\n`,
    }));
  });
}
