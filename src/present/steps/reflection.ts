import { weaknessesOf } from "../review/weaknesses.ts";
import { byCommand, millwright, only, plural } from "./ask.ts";
import type { Found, Ground } from "./vocabulary.ts";

/** Where the summary of the feedback is written. */
export const summaryFile = "review.md";

/** What others said of the design, what came of it, and the version that shows it. */
export function reflection(ground: Ground): Found {
  const { feedback, folder, plan } = ground;
  const open = feedback.filter(({ answer }) => answer === null);
  const changed = feedback.filter(({ answer }) => answer?.outcome === "changed");
  // Old prices are a matter of the day on which one looks; everything else is not.
  const [weakest] = weaknessesOf(plan, "1970-01-01").filter(({ of }) => plan.parts.some(({ id }) => id === of));
  const part = weakest?.of ?? plan.parts[0]?.id ?? "architecture";
  const told = feedback.every(({ text, answer }) =>
    [text, answer?.because ?? ""].every((words) => folder.summary?.includes(inTable(words))),
  );
  const second = folder.design.files.includes("changes.md");
  return {
    done: only(
      feedback.length > 0 && `${plural(feedback.length, "comment")} in review.json, ${feedback.length - open.length} answered`,
      folder.summary !== null && `summary in ${summaryFile}`,
      second && `version 2 in ${folder.design.directory}, with what changed`,
    ),
    missing: only(
      feedback.length === 0 &&
        byCommand(
          "what somebody else says of it: show it, and write down what they ask",
          millwright(
            ground,
            "review",
            "add",
            weakest === undefined ? "what would you do otherwise?" : `${weakest.what}: is that acceptable?`,
            "--part",
            part,
            "--severity",
            weakest?.severity ?? "medium",
          ),
        ),
      ...open.map(({ id, text }) =>
        byCommand(
          `an answer to ${id} (${text}): with --changed after the platform file says it, with --will-not otherwise`,
          millwright(ground, "review", "answer", id, "--changed", "--because", "what you changed, or why you will not"),
        ),
      ),
      feedback.length > 0 &&
        open.length === 0 &&
        (folder.summary === null || !told) &&
        byCommand("the summary of the feedback", millwright(ground, "review", "summary", "--out", summaryFile)),
      changed.length > 0 &&
        !second &&
        byCommand(
          `version 2, with what changed for ${changed.map(({ id }) => id).join(", ")}`,
          millwright(ground, "design", "--out", folder.design.next, "--against", folder.design.directory),
        ),
    ),
  };
}

/** As a cell of the summary's table has it. */
function inTable(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
