import { expect, test } from "vitest";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { ControlVerdict, Evidence, PlatformPlan } from "../../../src/plan/vocabulary.ts";
import { hospital } from "../hospital.ts";

function planOf(given: Parameters<typeof hospital>[0] = {}, evidence: readonly Evidence[] = []): PlatformPlan {
  const definition = hospital(given);
  const environment = definition.environments["cloud"];
  if (environment === undefined) throw new Error("the hospital has no cloud");
  const measurements = { tables: {}, models: {}, endpoints: {}, machine: null, evidence };
  return planPlatform({ definition, environment, measurements, columns: {}, prices: {} });
}

function control(plan: PlatformPlan, id: string): ControlVerdict {
  const found = plan.compliance.flatMap(({ controls }) => controls).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no standard has ${id}`);
  return found;
}

test("each standard has all of its controls, each with what satisfies it or who must act", () => {
  const { compliance } = planOf();
  expect(compliance.map(({ standard, controls }) => [standard, controls.length])).toEqual([
    ["GDPR", 26],
    ["HIPAA", 68],
    ["FedRAMP Moderate", 323],
  ]);
  for (const { by, status, remaining, id } of compliance.flatMap(({ controls }) => controls)) {
    expect(by.length > 0 || remaining !== null, id).toBe(true);
    if (by.length === 0) expect(status, id).toBe("open");
    expect(status === "shown" || status === "claimed", id).toBe(remaining === null);
    for (const one of by) expect(one.by === "evidence" ? one.evidence.sequence > 0 : one.source !== "", id).toBe(true);
  }
});

test("encryption that is deleted turns its controls from met to open", () => {
  const [encrypted, plain] = [planOf(), planOf({ encrypted: false })];
  const transit = (plan: PlatformPlan) => control(plan, "SC-8").by.some((one) => one.by === "system" && one.part === "server");
  expect([transit(encrypted), transit(plain)]).toEqual([true, false]);
  expect(control(plain, "SC-8").remaining).toContain("give the server tls");
  const ownKey = (plan: PlatformPlan) => control(plan, "SC-28(1)").by.some((one) => one.by === "system" && one.part === "lake");
  expect([ownKey(encrypted), ownKey(plain)]).toEqual([true, false]);
  const statuses = (plan: PlatformPlan) => ["SC-8", "SC-8(1)", "SC-28(1)", "SC-12"].map((id) => control(plan, id).status);
  expect(statuses(encrypted)).not.toContain("open");
  expect(statuses(plain)).toEqual(["open", "open", "open", "open"]);
  expect(control(plain, "Art. 32").remaining).toContain("SC-8");
  expect(control(encrypted, "Art. 32").remaining).not.toContain("SC-8");
});

test("a control is shown only by an event of the journal", () => {
  expect(control(planOf(), "AU-11").status).toBe("claimed");
  const finished: Evidence = { type: "run.finished", asset: null, sequence: 7, time: "2026-11-22T10:00:00.000Z" };
  const shown = control(planOf({}, [finished]), "AU-11");
  expect(shown.status).toBe("shown");
  expect(shown.by).toContainEqual({ by: "evidence", what: "run.finished at 2026-11-22T10:00:00.000Z", evidence: finished });
  // What somebody must still do keeps a control from being shown.
  expect(control(planOf({}, [finished]), "AU-9").status).toBe("partial");
});

test("policies, buildings and people are nobody's software: they stay open, with who must act", () => {
  const plan = planOf();
  for (const id of ["AC-1", "PE-3", "PS-3", "AT-2"]) expect(control(plan, id)).toMatchObject({ status: "open", by: [] });
  expect(control(plan, "PS-3").remaining).toContain("human resources");
});

test("personal data stays in the Union when the place says so", () => {
  expect(control(planOf({ place: { provider: "aws", region: "eu-west-1" } }), "Art. 44").status).toBe("claimed");
  expect(control(planOf({ place: { provider: "aws", region: "us-east-1" } }), "Art. 44").remaining).toContain("outside the Union");
});
