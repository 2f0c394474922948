import type { Compliance } from "../../define/requirement.ts";
import { gdprArticles, hipaaSafeguards, nistControls, type Baseline } from "../catalogue/controls/index.ts";
import type { ComplianceReport, ControlVerdict, Part, PlanInput } from "../vocabulary.ts";
import type { ComplianceContext } from "./claim.ts";
import { judgeArticle } from "./gdpr.ts";
import { judgeSafeguard } from "./hipaa.ts";
import { judgeControl } from "./nist.ts";

/**
 * Each standard that the requirements name, control by control: what satisfies it, or who must act. A control is `shown` only by an event of the journal,
 * and nothing is claimed without the page or source that says so.
 */
export function complianceOf({ definition, environment, measurements }: PlanInput, parts: readonly Part[]): readonly ComplianceReport[] {
  const context: ComplianceContext = { definition, environment, parts, evidence: measurements.evidence };
  return definition.requirements.flatMap(({ name, value }) => {
    const judge = name === "compliance" ? judges[String(value)] : undefined;
    return judge === undefined ? [] : [Object.freeze<ComplianceReport>({ standard: judge.standard, controls: judge.controls(context) })];
  });
}

interface Judge {
  readonly standard: Compliance;
  controls(context: ComplianceContext): readonly ControlVerdict[];
}

const judges: Readonly<Record<string, Judge>> = {
  GDPR: { standard: "GDPR", controls: (context) => gdprArticles.map((article) => judgeArticle(article, context)) },
  HIPAA: { standard: "HIPAA", controls: (context) => hipaaSafeguards.map((safeguard) => judgeSafeguard(safeguard, context)) },
  "FedRAMP Low": baseline("FedRAMP Low"),
  "FedRAMP Moderate": baseline("FedRAMP Moderate"),
  "FedRAMP High": baseline("FedRAMP High"),
};

function baseline(standard: Compliance & Baseline): Judge {
  return {
    standard,
    controls: (context) =>
      nistControls.filter(({ baselines }) => baselines.includes(standard)).map((control) => judgeControl(control, context)),
  };
}
