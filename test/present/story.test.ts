import { describe, expect, test } from "vitest";
import { markdownOf } from "../../src/present/document/markdown.ts";
import { details, storyOf } from "../../src/present/story/story.ts";
import { risksOf } from "../../src/present/story/risks.ts";
import { say } from "../../src/present/story/say.ts";
import { notebook } from "../../src/present/story/notes.ts";
import { all, bare, hospital } from "./platforms.ts";
import { strangeNumbers } from "./numbers.ts";

const [detail] = details;
if (detail === undefined) throw new Error("there is no detail");

describe.each(all)("%s", (_name, make) => {
  const { definition, plan } = make();
  const story = storyOf(definition, plan, detail);
  const markdown = markdownOf(story, "diagram.svg");

  test("answers what a panel asks, in its order", () => {
    expect(story.sections.map(({ title }) => title)).toEqual([
      "Use case",
      "Requirements and KPIs",
      "Architecture",
      "Why each tool",
      "Trade-offs",
      "Scalability",
      "Cost",
      "Service levels and failures",
      "Compliance",
      "Risks",
    ]);
  });

  test("has no number that is not the plan's", () => {
    expect(strangeNumbers(markdown.replaceAll(/\[\^\w+\]|^\d+ more .* in plan\.json\.$/gm, ""), { definition, plan })).toEqual([]);
  });

  test("has a note for each marker, and a marker for each note", () => {
    const body = markdown.replaceAll(/^\[\^\w+\]:.*$/gm, "");
    const markers = new Set([...body.matchAll(/\[\^(\w+)\]/g)].map(([, marker]) => marker));
    expect(new Set(story.notes.map(({ marker }) => marker))).toEqual(markers);
  });

  test("reads well: no sentence has a hole, a doubled stop or a word of the program", () => {
    const holes = /.{0,30}(?:undefined|null\b|NaN|\[object|: \.|(?<!\.)\.\.(?!\.)|[^|] {2,}\S|because \.).{0,30}/g;
    expect(markdown.match(holes) ?? []).toEqual([]);
  });
});

test("what a person must say is asked for, and printed when it was said", () => {
  const [open, said] = [bare(), hospital()].map(({ definition, plan }) => markdownOf(storyOf(definition, plan, detail), "d.svg"));
  expect(open).toContain("Purpose: OPEN");
  expect(open).toContain("**OPEN** write decision");
  expect(said).toContain("Ward nurses see at discharge");
  expect(said).toContain("The endpoint scales with the day, and the team runs it already");
  expect(said).toContain("Not Slurm: it has no services that stay up");
});

test("a platform of which nothing is asked says so, and does not fail", () => {
  const { definition, plan } = bare();
  const markdown = markdownOf(storyOf(definition, plan, detail), "d.svg");
  expect(markdown).toContain("states no requirement");
  expect(markdown).toContain("name no standard");
});

test("systems that cannot run yet are risks", () => {
  const { plan } = hospital();
  const said = risksOf(plan).map(({ what }) => what.map((piece) => (typeof piece === "string" ? piece : "")).join(""));
  expect(said.some((text) => text.includes("Keycloak") && text.includes("never run by Millwright"))).toBe(true);
});

test("a table that shows less says how much less", () => {
  const { definition, plan } = hospital();
  const least = details.at(-1) ?? detail;
  const tables = storyOf(definition, plan, least).sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === "table" ? [block] : [])),
  );
  const controls = tables.find(({ columns }) => columns[0]?.title === "Control");
  const open = plan.compliance
    .flatMap((report) => report.controls)
    .filter(({ status }) => status === "open" || status === "partial").length;
  expect(controls?.rest).toBe(`${open - (controls?.rows.length ?? 0)} more controls in plan.json.`);
});

test("numbers of one origin share a note", () => {
  const origin = { kind: "catalogue" as const, row: "a", source: "a price list", date: "2026-07-20" };
  const figure = { name: "price", value: 2, unit: "USD" as const, range: null, origin };
  const notes = notebook();
  const marked = notes.mark(say`${figure} and ${{ ...figure, value: 3, origin: { ...origin, row: "b" } }}`);
  expect(marked).toEqual([{ kind: "number", text: "$2.00", marker: "c1" }, " and ", { kind: "number", text: "$3.00", marker: "c1" }]);
  expect(notes.notes()).toEqual([{ marker: "c1", text: "a price list, read 2026-07-20" }]);
});
