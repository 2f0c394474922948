import type { Article } from "../catalogue/controls/index.ts";
import type { ControlVerdict, Satisfaction } from "../vocabulary.ts";
import { contributionOf, type ComplianceContext, type Contribution } from "./claim.ts";
import { privacyFeatures } from "./features.ts";
import { judgedAmong, statusOf, type JudgedControls } from "./nist.ts";

/** What Art. 32 names: encryption in transit and at rest, restoring, testing, and knowing what happened. */
const security = ["SC-8", "SC-28", "CP-9", "CP-10", "AU-9", "SI-7"];

/** How an article of the GDPR stands. What an article asks beyond software stays open, with who must act. */
export function judgeArticle({ article, title, duty }: Article, context: ComplianceContext, judged: JudgedControls): ControlVerdict {
  const contributions = [
    ...privacyFeatures.filter(({ controls }) => controls.includes(article)).flatMap((claim) => contributionOf(claim, context) ?? []),
    ...(article === "Art. 32" ? [securityOf(judged)] : []),
    ...(article === "Art. 44" ? transferOf(context) : []),
  ];
  const by: readonly Satisfaction[] = contributions.flatMap((one) => one.by);
  const left = contributions.flatMap(({ remaining }) => (remaining === null ? [] : [remaining]));
  const remaining = left.length > 0 ? left.join("; ") : by.length === 0 ? `the controller must see to it: ${duty}` : null;
  return Object.freeze<ControlVerdict>({ id: article, title, group: "GDPR", status: statusOf(by, remaining), by, remaining });
}

function securityOf(judged: JudgedControls): Contribution {
  const verdicts = judgedAmong(judged, security);
  const left = verdicts.flatMap(({ id, remaining }) => (remaining === null ? [] : [`${id}: ${remaining}`]));
  return { by: verdicts.flatMap(({ by }) => by), remaining: left.length === 0 ? null : left.join("; ") };
}

/** Regions of providers in the European Union. */
const european =
  /^(eu-(west-[13]|central-1|north-1|south-[12])|europe-(west(1|3|4|8|9|10|12)|north1|central2|southwest1)|(west|north)europe|(france|germany|sweden|poland|italy|spain)[a-z]+)$/;

function transferOf({ environment, definition }: ComplianceContext): readonly Contribution[] {
  const region = environment.place?.region ?? definition.requirements.find(({ name }) => name === "region")?.value ?? null;
  if (typeof region !== "string") return [{ by: [], remaining: "say in which region the platform stands" }];
  if (!european.test(region) && region !== "EU") return [{ by: [], remaining: `${region} is outside the Union: see Art. 45 and 46` }];
  return [{ by: [{ by: "feature", what: `everything stands in ${region}`, source: "the platform file" }], remaining: null }];
}
