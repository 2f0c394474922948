import type { Safeguard } from "../catalogue/controls/index.ts";
import type { ControlVerdict, Satisfaction } from "../vocabulary.ts";
import { judgedAmong, statusOf, type JudgedControls } from "./nist.ts";

/** How many open controls a sentence names. */
const named = 6;

/** How a safeguard of HIPAA's Security Rule stands: as the controls that NIST SP 800-66 rev. 2 maps to it. */
export function judgeSafeguard(safeguard: Safeguard, judged: JudgedControls): ControlVerdict {
  const verdicts = judgedAmong(judged, safeguard.controls);
  const by = unique(verdicts.flatMap((verdict) => verdict.by));
  const left = verdicts.filter(({ remaining }) => remaining !== null).map(({ id }) => id);
  const more = left.length > named ? ` and ${left.length - named} more` : "";
  const remaining =
    verdicts.length === 0 || (left.length > 0 && by.length === 0)
      ? `the covered entity must see to it: ${safeguard.summary}`
      : left.length === 0
        ? null
        : `see ${left.slice(0, named).join(", ")}${more}`;
  return Object.freeze<ControlVerdict>({
    id: safeguard.citation,
    title: safeguard.name,
    group: safeguard.group,
    status: statusOf(by, remaining),
    by,
    remaining,
  });
}

function unique(all: readonly Satisfaction[]): readonly Satisfaction[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
