import { marksOf } from "../diagram/marks.ts";
import { byCommand, byLines, line, only } from "./ask.ts";
import { designs } from "./package.ts";
import type { Found, Ground } from "./vocabulary.ts";

/** Which standards hold, how each control stands, and the files that auditors read. */
export function security(ground: Ground): Found {
  const { plan, folder } = ground;
  const standards = plan.compliance.map(({ standard, controls }) => {
    const count = (status: string) => controls.filter((control) => control.status === status).length;
    return `${standard}: ${count("shown")} controls shown by a check, ${count("claimed")} claimed, ${count("partial")} in part, ${count("open")} for people to act on, of ${controls.length}`;
  });
  const [example] = plan.compliance;
  const marks = [...marksOf(plan)].filter(([, mark]) => mark.includes("open:"));
  const written = folder.design.files.some((file) => file.startsWith("oscal/"));
  return {
    done: only(
      ...standards,
      written && `OSCAL files stand in ${folder.design.directory}/oscal`,
      ...marks.map(([part, mark]) => `to be looked at, ${part}: ${mark}`),
    ),
    missing: only(
      example === undefined &&
        byLines(
          // Behind the requirements of the first step.
          "the standard that the platform must follow: GDPR, HIPAA, or FedRAMP Low, Moderate or High",
          line(`compliance: ["GDPR"],`, "requirements: {"),
        ),
      !written && byCommand("control by control what satisfies it, as OSCAL files", designs(ground)),
    ),
  };
}
