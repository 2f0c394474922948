import { decision, type Decision, type Definition, type Requirements } from "millwright";
import { expect, test } from "vitest";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { Choice } from "../../../src/plan/vocabulary.ts";
import { rules } from "../../../src/plan/choices/rules.ts";
import { hospital } from "../hospital.ts";

function choiceOf(topic: string, requirements: Requirements, decisions: readonly Decision[] = []): Choice {
  const base = hospital({ requirements, place: { provider: "aws", region: "us-east-1" } });
  const definition: Definition = { ...base, decisions: decisions.map(({ node }) => node) };
  const environment = definition.environments["cloud"];
  if (environment === undefined) throw new Error("the hospital has no cloud");
  const measurements = { tables: {}, models: {}, endpoints: {}, machine: null, evidence: [] };
  const found = planPlatform({ definition, environment, measurements, columns: {}, prices: {} }).choices.find(
    (choice) => choice.topic === topic,
  );
  if (found === undefined) throw new Error(`nothing is chosen about ${topic}`);
  return found;
}

test("a choice without a person's reason is open; with one it has reason and rejected ones", () => {
  expect(choiceOf("storage", { volume: "1 TB/day" })).toMatchObject({ chosen: "s3", because: null, rejected: [] });
  const chosen = decision("storage", { choice: "s3", because: "three zones", rejected: { nfs: "one site" } });
  expect(choiceOf("storage", { volume: "1 TB/day" }, [chosen])).toMatchObject({
    because: "three zones",
    rejected: [{ system: "nfs", reason: "one site" }],
    verdict: "supported",
  });
});

test("the rules challenge a choice that the requirements speak against, and say which rules held", () => {
  const onSite = choiceOf("storage", { volume: "1 TB/day", privacy: "on site" });
  expect(onSite.verdict).toBe("challenged");
  expect(onSite.candidates[0]?.system).toBe("hdfs");
  const own = onSite.candidates.find(({ system }) => system === "s3");
  expect(own?.rules).toContainEqual({ rule: "privacy: on site", points: -5, because: "data may not leave the site" });
  expect(own?.score).toBe(own?.rules.reduce((sum, { points }) => sum + points, 0));
});

test("the turning point is the value from which the rules say otherwise", () => {
  const engine = choiceOf("engine", { volume: "2 TB/day" });
  expect(engine).toMatchObject({ chosen: "duckdb", verdict: "supported" });
  expect(engine.turningPoint).toBe("once bytes of data a day reach 4 TB, the rules prefer Spark");
  expect(choiceOf("engine", { volume: "4 TB/day" })).toMatchObject({ verdict: "challenged" });
  expect(choiceOf("engine", { volume: "3.9 TB/day" })).toMatchObject({ verdict: "supported" });
});

test("a decision for something that the environment does not bind is told", () => {
  const scheduler = decision("scheduler", { choice: "kubernetes", because: "the team runs it" });
  expect(choiceOf("scheduler", { uptime: "99.9%" }, [scheduler])).toMatchObject({ chosen: "kubernetes", bound: "process" });
});

test("what nobody has stated makes no rule hold", () => {
  expect(choiceOf("engine", {}).candidates.every(({ score }) => score === 0)).toBe(true);
});

test("every rule says why, and no two are the same", () => {
  for (const { because, points } of rules) {
    expect(because).not.toBe("");
    expect(points).not.toBe(0);
  }
  expect(new Set(rules.map((rule) => JSON.stringify([rule.topic, rule.system, rule.when]))).size).toBe(rules.length);
});
