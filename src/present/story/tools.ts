import { systemFacts } from "../../systems/catalogue/index.ts";
import type { Candidate, Choice, Part, PlatformPlan } from "../../plan/vocabulary.ts";
import { partTitle, topicTitle } from "./names.ts";
import { declared, say, status, table } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { capital, counted, listed, numeral, sentence } from "./words.ts";

/** Why each tool: a person's reason or OPEN, what was rejected, and what the stated rules say. */
export function toolsSection(plan: PlatformPlan, limit: number): DraftSection {
  const { choices } = plan;
  const blocks: DraftBlock[] = [{ kind: "paragraph", text: choicesText(choices) }];
  if (choices.length > 0)
    blocks.push(
      table(
        [
          { title: "Choice", width: 25 },
          { title: "Because", width: 45 },
          { title: "The stated rules", width: 30 },
        ],
        choices.map((choice) => [choiceText(choice), becauseText(choice), rulesText(choice)]),
        limit,
        "choice",
      ),
    );
  const others = otherParts(plan);
  if (others.length > 0)
    blocks.push(
      table(
        [
          { title: "Also used", width: 24 },
          { title: "What it is", width: 46 },
          { title: "To know before", width: 30 },
        ],
        others.map((part) => [[partTitle(part)], [systemFacts.get(part.system)?.what ?? part.detail], [limitsOf(part) || "–"]]),
        limit,
        "part",
      ),
    );
  return { title: "Why each tool", blocks };
}

/** How many choices have a reason, and which do not. */
export function choicesText(choices: readonly Choice[]): DraftText {
  if (choices.length === 0)
    return say`No choice between systems is on record for this environment; what is bound is listed with what one should know before.`;
  const open = choices.filter(({ because }) => because === null);
  const challenged = choices.filter(({ verdict }) => verdict === "challenged");
  const first =
    open.length === 0
      ? choices.length === 1
        ? "The only choice has a person's reason."
        : `All ${counted(choices.length, "choice")} have a person's reason.`
      : open.length === choices.length
        ? `None of ${counted(choices.length, "choice")} has a person's reason yet; each is marked OPEN.`
        : `Of ${counted(choices.length, "choice")}, ${numeral(open.length)} ${open.length === 1 ? "has" : "have"} no person's reason yet and ${open.length === 1 ? "is" : "are"} marked OPEN.`;
  const second =
    challenged.length === 0
      ? "The stated rules, scored from the requirements, support what is chosen."
      : `The stated rules, scored from the requirements, challenge ${listed(challenged.map(({ topic }) => topicTitle(topic).toLowerCase()))}.`;
  return [`${first} ${second} The rules are ours and may be argued with; a reason of a person's stands above them.`];
}

export function chosenTitle({ chosen, candidates }: Choice): string {
  return candidates.find(({ system }) => system === chosen)?.title ?? systemFacts.get(chosen)?.title ?? chosen;
}

/** A system as people write it. */
export function systemTitle(system: string): string {
  return systemFacts.get(system)?.title ?? system;
}

function choiceText(choice: Choice): DraftText {
  const here = choice.bound === null ? "" : ` (bound here: ${systemTitle(choice.bound)})`;
  return [`${topicTitle(choice.topic)}: `, { kind: "strong", text: chosenTitle(choice) }, here];
}

/** The reason and what was rejected, or OPEN. */
export function becauseText({ because, origin, rejected }: Choice): DraftText {
  const not = rejected.map(
    ({ system, reason }) =>
      ` Not ${systemFacts.get(system)?.title ?? system}: ${sentence(reason).replace(/^./, (letter) => letter.toLowerCase())}`,
  );
  if (because === null) return [status("open", "OPEN"), ` write decision(...) with the reason.${not.join("")}`];
  return [...(origin === null ? [sentence(because)] : declared(sentence(because), origin)), not.join("")];
}

/** Whether the rules support it, and what they would say instead. */
export function rulesText(choice: Choice): DraftText {
  const best = choice.candidates[0];
  if (choice.verdict === "challenged" && best !== undefined)
    return [status("bad", "challenged"), `: ${best.title}, as ${listed(pros(best))}.`];
  const own = choice.candidates.find(({ system }) => system === choice.chosen);
  const reasons = own === undefined ? [] : pros(own);
  return [status("good", "supported"), reasons.length === 0 ? ": no rule speaks against it." : `: ${listed(reasons)}.`];
}

/** What the rules say for a candidate. */
export function pros({ rules }: Candidate): readonly string[] {
  return rules.filter(({ points }) => points > 0).map(({ because }) => because);
}

/** Parts that no choice is about, by system. */
function otherParts({ parts, choices }: PlatformPlan): readonly Part[] {
  const chosen = new Set(choices.map(({ chosen: system }) => system));
  const seen = new Set<string>();
  return parts.filter(({ system, embedded, role }) => {
    if (chosen.has(system) || seen.has(system) || (embedded && role !== "launcher" && choices.length > 0)) return false;
    seen.add(system);
    return true;
  });
}

/** What to know before one chooses the part's system. */
export function limitsOf({ system }: Part): string {
  return (systemFacts.get(system)?.limits ?? []).join("; ");
}

/** The state of the choices in a sentence. */
export function choicesTitle(choices: readonly Choice[]): string {
  if (choices.length === 0) return "No choice between systems is on record for this environment";
  const open = choices.filter(({ because }) => because === null).length;
  const challenged = choices.filter(({ verdict }) => verdict === "challenged").length;
  const reasons =
    open === 0
      ? `${capital(counted(choices.length, "choice"))}, each with a person's reason`
      : `${capital(numeral(choices.length))} ${choices.length === 1 ? "choice" : "choices"}, ${open === choices.length ? "all" : numeral(open)} still OPEN for want of a person's reason`;
  return `${reasons}; the stated rules ${challenged === 0 ? "support every one" : `challenge ${numeral(challenged)}`}`;
}
