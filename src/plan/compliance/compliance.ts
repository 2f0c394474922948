import type { Compliance } from "../../define/requirement.ts";
import { gdprArticles, hipaaSafeguards, nistControls, type Baseline } from "../catalogue/controls/index.ts";
import type { ComplianceReport, ControlVerdict, Part, PlanInput } from "../vocabulary.ts";
import type { ComplianceContext } from "./claim.ts";
import { judgeArticle } from "./gdpr.ts";
import { judgeSafeguard } from "./hipaa.ts";
import { judgedAmong, judgeControls, type JudgedControls } from "./nist.ts";

/**
 * Each standard that the requirements name, control by control: what satisfies it, or who must act. A control is `shown` only by an event of the journal,
 * and nothing is claimed without the page or source that says so.
 */
export function complianceOf({ definition, environment, measurements }: PlanInput, parts: readonly Part[]): readonly ComplianceReport[] {
  const context: ComplianceContext = { definition, environment, parts, evidence: measurements.evidence };
  // The standards rest on the same controls.
  const judged = judgeControls(context);
  return definition.requirements.flatMap(({ name, value }) => {
    const judge = name === "compliance" ? judges[String(value)] : undefined;
    return judge === undefined
      ? []
      : [Object.freeze<ComplianceReport>({ standard: judge.standard, controls: judge.controls(context, judged) })];
  });
}

interface Judge {
  readonly standard: Compliance;
  controls(context: ComplianceContext, judged: JudgedControls): readonly ControlVerdict[];
}

const judges: Readonly<Record<string, Judge>> = {
  GDPR: { standard: "GDPR", controls: (context, judged) => gdprArticles.map((article) => judgeArticle(article, context, judged)) },
  HIPAA: { standard: "HIPAA", controls: (_, judged) => hipaaSafeguards.map((safeguard) => judgeSafeguard(safeguard, judged)) },
  "FedRAMP Low": baseline("FedRAMP Low"),
  "FedRAMP Moderate": baseline("FedRAMP Moderate"),
  "FedRAMP High": baseline("FedRAMP High"),
};

function baseline(standard: Compliance & Baseline): Judge {
  const ids = nistControls.filter(({ baselines }) => baselines.includes(standard)).map(({ id }) => id);
  return { standard, controls: (_, judged) => judgedAmong(judged, ids) };
}
