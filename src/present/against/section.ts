import type { Figure } from "../../plan/figure.ts";
import { asked, requirementTitle, titleOf } from "../story/names.ts";
import { say, shown, status, table } from "../story/say.ts";
import type { DraftBlock, DraftSection, DraftText } from "../story/vocabulary.ts";
import { capital, counted, sentence, shortened } from "../story/words.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import type { Changes } from "./changes.ts";

/** What is left out stands in changes.md. */
function inFull<T extends { readonly rest: string | null }>(one: T): T {
  return { ...one, rest: one.rest?.replace("plan.json", "changes.md") ?? null };
}

interface Row {
  readonly what: string;
  readonly before: DraftText;
  readonly now: DraftText;
}

/** What a reader of the earlier version must know: the differences in a table, and the comments that led to them. */
export function changesSection(changes: Changes, plan: PlatformPlan, limit: number, points: number): DraftSection {
  const { since, led, diff } = changes;
  const rows = rowsOf(changes, plan);
  const worse = diff.compliance.filter((one) => one.worse).length;
  const broken = diff.requirements.filter((one) => one.broken).length;
  const blocks: DraftBlock[] = [
    {
      kind: "paragraph",
      text: [
        rows.length === 0
          ? `Nothing that a plan speaks of is other than in ${since}.`
          : `Against ${since}, what is below changed; changes.md has every line. On the diagram, what is new or changed says so.`,
        ...(broken === 0 ? [] : [" ", status("bad", capital(counted(broken, "requirement"))), " met before, missed now."]),
        ...(worse === 0 ? [] : [" ", status("bad", capital(counted(worse, "control"))), " satisfied by less than before."]),
      ],
    },
  ];
  if (rows.length > 0)
    blocks.push(
      inFull(
        table(
          [
            { title: "What", width: 36 },
            { title: "Before", width: 32 },
            { title: "Now", width: 32 },
          ],
          rows.map(({ what, before, now }) => [[what], before, now]),
          Math.max(4, Math.floor(limit / 2)),
          "change",
        ),
      ),
    );
  if (led.length > 0)
    blocks.push({
      kind: "list",
      items: led
        .slice(0, Math.max(2, points - 2))
        .map(
          ({ id, part, reviewer, text, answer }) =>
            say`${id} on ${titleOf(plan, part)}, ${reviewer}: ${shortened(sentence(text), 140)} ${shortened(sentence(answer?.because ?? ""), 140)}`,
        ),
    });
  return { title: `What changed since ${since}`, blocks };
}

/** The heaviest first: structure, requirements, cost, service levels, choices, controls in sum, sizes. */
function rowsOf(changes: Changes, plan: PlatformPlan): readonly Row[] {
  const { diff, before } = changes;
  const none: DraftText = ["–"];
  const figure = (one: Figure | null): DraftText => (one === null ? none : shown(one));
  const word = (one: string | null): DraftText => [one ?? "–"];
  const title = (of: string) => capital(titleOf(plan, of));
  return [
    ...diff.added.map((part) => ({ what: `${title(part.id)}: new`, before: none, now: [part.title] })),
    ...diff.removed.map((part) => ({ what: `${titleOf(before, part.id)}: removed`, before: [part.title], now: none })),
    ...diff.systems.map(({ of }) => ({ what: `System of ${of}`, before: [titleOf(before, of)], now: [titleOf(plan, of)] })),
    ...diff.requirements.map(({ name, texts }) => {
      const verdict = (of: PlatformPlan, text: string | null): DraftText => {
        const one = of.requirements.find(({ requirement }) => keyOf(requirement) === name && requirement.text === text);
        return one === undefined ? none : say`${asked(one.requirement)}: ${one.outcome}`;
      };
      return { what: requirementTitleOf(changes, plan, name), before: verdict(before, texts[0]), now: verdict(plan, texts[1]) };
    }),
    ...(diff.cost.option === null
      ? []
      : [{ what: "Where and how bought", before: word(diff.cost.option.from), now: word(diff.cost.option.to) }]),
    ...diff.cost.figures.map(({ name, from, to }) => ({ what: capital(name), before: figure(from), now: figure(to) })),
    ...diff.service.map(({ name, from, to }) => ({ what: capital(name), before: figure(from), now: figure(to) })),
    ...diff.choices.map(({ of, from, to }) => ({ what: `Choice of ${of}`, before: word(from), now: word(to) })),
    ...controlRows(diff),
    ...diff.sizes.map(({ of, name, from, to }) => ({ what: `${title(of ?? "")}: ${name}`, before: figure(from), now: figure(to) })),
  ];
}

/** As people say it; standards are told apart by their texts. */
function requirementTitleOf({ before }: Changes, plan: PlatformPlan, name: string): string {
  const one = [...plan.requirements, ...before.requirements].find(({ requirement }) => keyOf(requirement) === name);
  return one === undefined ? name : requirementTitle(one.requirement);
}

/** As `diffPlans` names a requirement. */
function keyOf({ name, text }: PlatformPlan["requirements"][number]["requirement"]): string {
  return name === "compliance" ? `${name} ${text}` : name;
}

/** Controls by what they were and are: there may be hundreds. */
function controlRows({ compliance }: Changes["diff"]): readonly Row[] {
  const groups = Map.groupBy(compliance, ({ standard, from, to }) => JSON.stringify([standard, from, to]));
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const ids = shortened(all.map(({ of }) => of).join(", "), 60);
    return [{ what: `${first.standard}, ${ids}`, before: [first.from ?? "–"], now: [first.to ?? "–"] }];
  });
}
