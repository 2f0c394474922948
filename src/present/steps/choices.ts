import type { Choice } from "../../plan/vocabulary.ts";
import { byLines, line, only } from "./ask.ts";
import { written } from "./package.ts";
import type { Found, Ground, Missing } from "./vocabulary.ts";

/** Each choice with a person's reason, and the document that says them. */
export function choices(ground: Ground): Found {
  const { definition, plan } = ground;
  const reasoned = plan.choices.filter(({ because }) => because !== null);
  const open = plan.choices.filter(({ because }) => because === null);
  const document = written(ground, ["document.pdf", "document.docx", "document.md"], "the document that says them");
  return {
    done: [
      ...reasoned.map(
        ({ topic, chosen, because, verdict }) =>
          `${topic}: ${chosen}, because ${because}${verdict === "challenged" ? " (the rules would choose otherwise: be ready to defend it)" : ""}`,
      ),
      ...document.done,
    ],
    missing: only(
      open.length > 0 && decisions(open, definition.decisions.length === 0),
      // A reason changes the document: first the one, then the other.
      ...(open.length > 0 ? [] : document.missing),
    ),
  };
}

function decisions(open: readonly Choice[], none: boolean): Missing {
  const texts = open.map(
    ({ topic, chosen, candidates }) =>
      `decision("${topic}", { choice: "${chosen}", because: ${JSON.stringify(reason(chosen, candidates))} })`,
  );
  return byLines(
    `a person's reason for ${open.map(({ topic, chosen }) => `${topic} (${chosen})`).join(", ")}: what stands here is a draft, say it in your own words`,
    ...(none
      ? [line(`import { decision } from "millwright";`, null), line(`decisions: [${texts.join(", ")}],`, "platform({")]
      : texts.map((text) => line(`${text},`, "decisions: ["))),
  );
}

/** What the rules say for it, to begin from. */
function reason(chosen: string, candidates: Choice["candidates"]): string {
  const own = candidates.find(({ system }) => system === chosen);
  return own?.rules.find(({ points }) => points > 0)?.because ?? "it is there already, and nothing asks for more yet";
}
