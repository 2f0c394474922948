import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { PlanInput } from "../../../src/plan/vocabulary.ts";
import { alternativesOf } from "../../../src/present/review/alternatives.ts";
import {
  readFeedback,
  readForeignFeedback,
  withAnswer,
  withFeedback,
  writeFeedback,
  type NewFeedback,
} from "../../../src/present/review/feedback.ts";
import { reviewSummary } from "../../../src/present/review/summary.ts";
import { weaknessesOf } from "../../../src/present/review/weaknesses.ts";
import { hospital } from "../../plan/hospital.ts";

const said: NewFeedback = { reviewer: "ada", part: "lake", theme: "security", severity: "high", text: "who holds | the keys?" };

function inputOf(given: Parameters<typeof hospital>[0] = {}): PlanInput {
  const definition = hospital(given);
  const environment = definition.environments["cloud"];
  if (environment === undefined) throw new Error("the hospital has no cloud");
  return {
    definition,
    environment,
    measurements: { tables: {}, models: {}, endpoints: {}, machine: null, evidence: [] },
    columns: {},
    prices: {},
  };
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "millwright-review-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("feedback is numbered, kept, answered, and not taken twice", async () => {
  const file = join(await folder(), "review.json");
  expect(readFeedback(file)).toEqual([]);
  const once = withFeedback([], [said]);
  const twice = withFeedback(once, [said, { ...said, text: "and who rotates them?" }]);
  expect(twice.map(({ id }) => id)).toEqual(["R1", "R2"]);
  await writeFeedback(file, withAnswer(twice, "R1", { outcome: "changed", because: "a key of our own", by: "max" }));
  expect(readFeedback(file)[0]).toEqual({ id: "R1", ...said, answer: { outcome: "changed", because: "a key of our own", by: "max" } });
  expect(() => withAnswer(twice, "R9", { outcome: "changed", because: "", by: "" })).toThrow(/there is no feedback R9/);
});

test.each([
  ["no JSON", "{", /not JSON/],
  ["no list", "{}", /no list/],
  ["a comment without a text", JSON.stringify([{ reviewer: "ada", part: "lake", severity: "high" }]), /'text' is missing/],
  ["an unknown severity", JSON.stringify([{ ...said, severity: "grave" }]), /severity is 'grave'/],
])("%s is refused with what to write", async (_, content, message) => {
  const file = join(await folder(), "comments.json");
  await writeFile(file, content);
  expect(() => readForeignFeedback(file)).toThrow(message);
});

test("weak points are found: open decisions, described systems, missed requirements, claims without a check, old prices", () => {
  const input = inputOf({ requirements: { budget: "$1/month", compliance: ["GDPR"] }, place: { provider: "aws", region: "us-east-1" } });
  const plan = planPlatform(input);
  const found = weaknessesOf(plan, "2026-11-22");
  const kinds = new Set(found.map(({ kind }) => kind));
  expect(kinds).toContain("open decision");
  expect(found).toContainEqual(expect.objectContaining({ kind: "described system", of: "warehouse" }));
  expect(kinds).toContain("claim without a check");
  expect(found.map(({ severity }) => severity)).toEqual(
    found.map(({ severity }) => severity).toSorted((a, b) => "high medium low".indexOf(a) - "high medium low".indexOf(b)),
  );
  const stale = (today: string) => weaknessesOf(plan, today).filter(({ kind }) => kind === "stale price").length;
  expect(stale("2031-01-01")).toBeGreaterThan(stale("2020-01-01"));
  expect(stale("2020-01-01")).toBe(0);
});

test("an alternative is the whole plan computed anew with one thing changed", () => {
  const input = inputOf({ requirements: { uptime: "99.9%" }, place: { provider: "aws", region: "us-east-1" } });
  const alternatives = alternativesOf(input, planPlatform(input));
  const spot = alternatives.find(({ what }) => what.startsWith("spot"));
  expect(spot).toBeDefined();
  for (const { cost, lost } of alternatives) {
    expect(cost.from).toEqual(alternatives[0]?.cost.from);
    expect(Array.isArray(lost)).toBe(true);
  }
});

test("the summary has every comment with its answer, by theme, and no cell breaks the table", () => {
  const feedback = withAnswer(withFeedback([], [said, { ...said, theme: "cost", text: "too dear?" }]), "R1", {
    outcome: "will not",
    because: "one region",
    by: "max",
  });
  const input = inputOf();
  const plan = planPlatform(input);
  const text = reviewSummary("hospital", feedback, weaknessesOf(plan, "2026-11-22"), alternativesOf(input, plan));
  expect(text).toContain("2 comments of 1 reviewer (2 high, 0 medium, 0 low): 0 led to a change, 1 will not, 1 open.");
  expect(text).toContain("| R1 | lake | high | ada | who holds \\| the keys? | will not: one region (max) |");
  expect(text.indexOf("## cost")).toBeLessThan(text.indexOf("## security"));
  const lines = text.split("\n").filter((line) => line.startsWith("| R"));
  for (const line of lines) expect(line.replaceAll("\\|", "").split("|")).toHaveLength(8);
});
