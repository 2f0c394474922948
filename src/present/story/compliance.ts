import type { ComplianceReport, ControlVerdict, PlatformPlan } from "../../plan/vocabulary.ts";
import { say, status, table } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { capital, numeral, plural, shortened } from "./words.ts";

/** How many controls stand how. */
export interface Standing {
  readonly standard: string;
  readonly controls: number;
  readonly shown: number;
  readonly claimed: number;
  readonly partial: number;
  readonly open: number;
}

export function standingOf({ standard, controls }: ComplianceReport): Standing {
  const of = (state: ControlVerdict["status"]) => controls.filter((control) => control.status === state).length;
  return { standard, controls: controls.length, shown: of("shown"), claimed: of("claimed"), partial: of("partial"), open: of("open") };
}

/** Each standard by numbers, then the controls for which somebody must act. */
export function complianceSection(plan: PlatformPlan, limit: number): DraftSection {
  const { compliance } = plan;
  const blocks: DraftBlock[] = [{ kind: "paragraph", text: complianceText(plan) }];
  if (compliance.length > 0) {
    const number = (count: number): DraftText => [count.toLocaleString("en-US")];
    blocks.push(
      table(
        [
          { title: "Standard", width: 25 },
          ...["Controls", "Shown by a check", "Claimed", "In part", "Open"].map((title) => ({ title, width: 15, align: "right" as const })),
        ],
        compliance
          .map(standingOf)
          .map(({ standard, controls, shown, claimed, partial, open }) => [
            [standard],
            ...[controls, shown, claimed, partial].map(number),
            open === 0 ? [status("good", "0")] : [status("bad", open.toLocaleString("en-US"))],
          ]),
        8,
        "standard",
      ),
    );
    const open = openControls(plan);
    if (open.length > 0)
      blocks.push(
        table(
          [
            { title: "Control", width: 14 },
            { title: "Title", width: 28 },
            { title: "Status", width: 10 },
            { title: "Who must act, and how", width: 48 },
          ],
          open.map(({ id, title, status: state, remaining }) => [
            [id],
            [title],
            [status(state === "open" ? "bad" : "open", state)],
            [capital(shortened(remaining ?? "nobody has said who", 170))],
          ]),
          limit,
          "control",
        ),
      );
  }
  return { title: "Compliance", blocks };
}

/** What is open first, then what is met in part; technical safeguards before organisational ones. */
export function openControls({ compliance }: PlatformPlan): readonly ControlVerdict[] {
  const rank = ({ status: state, by }: ControlVerdict) => (state === "open" ? 0 : 2) + (by.length > 0 ? 0 : 1);
  return compliance
    .flatMap(({ controls }) => controls)
    .filter(({ status: state }) => state === "open" || state === "partial")
    .toSorted((a, b) => rank(a) - rank(b));
}

/** `GDPR: of 23 controls, four are shown by a check that ran ...` */
export function complianceText({ compliance }: PlatformPlan): DraftText {
  if (compliance.length === 0) return say`The requirements name no standard, so that no control is judged.`;
  const sentences = compliance.map(standingOf).map(({ standard, controls, shown, claimed, partial, open }) => {
    const noun = controls === 1 ? "control" : plural("control");
    return `${standard}: of ${numeral(controls)} ${noun}, ${none(shown)} ${be(shown)} shown by a check that ran, ${none(claimed)} claimed by a feature or a vendor, ${none(partial)} met in part and ${none(open)} open.`;
  });
  return [`${sentences.join(" ")} Software alone makes nobody compliant: for what is open the table names who must act.`];
}

function none(count: number): string {
  return count === 0 ? "none" : numeral(count);
}

function be(count: number): string {
  return count < 2 ? "is" : "are";
}
