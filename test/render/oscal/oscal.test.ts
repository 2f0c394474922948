import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { Evidence, PlatformPlan } from "../../../src/plan/vocabulary.ts";
import { controlId } from "../../../src/render/oscal/ids.ts";
import { oscalFiles } from "../../../src/render/oscal/oscal.ts";
import { hospital } from "../../plan/hospital.ts";
import { pythonEnvironment } from "../../servers/python.ts";
import { trestleRequirements } from "../../servers/trestle-requirements.ts";

const evidence: readonly Evidence[] = [
  { type: "run.finished", asset: null, sequence: 7, time: "2026-11-22T10:00:00.000Z" },
  { type: "asset.committed", asset: "clean_stays", sequence: 5, time: "2026-11-22T09:59:00.000Z" },
];

function planOf(encrypted: boolean): PlatformPlan {
  const definition = hospital({ encrypted });
  const environment = definition.environments["cloud"];
  if (environment === undefined) throw new Error("the hospital has no cloud");
  return planPlatform({
    definition,
    environment,
    measurements: { tables: {}, models: {}, endpoints: {}, machine: null, evidence },
    columns: {},
    prices: {},
  });
}

const read = `
import json, pathlib, sys
from trestle.oscal.component import ComponentDefinition
from trestle.oscal.ssp import SystemSecurityPlan
from trestle.oscal.assessment_results import AssessmentResults
models = {"component-definition": ComponentDefinition, "system-security-plan": SystemSecurityPlan, "assessment-results": AssessmentResults}
told = {}
for path in map(pathlib.Path, sys.argv[1:]):
    model = models[path.stem].oscal_read(path)
    plan = path.stem == "system-security-plan"
    told["/".join(path.parts[-2:])] = len(model.control_implementation.implemented_requirements) if plan else model.uuid
print(json.dumps(told))
`;

test("compliance-trestle loads every file, and finds the controls in it", { timeout: 600_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "millwright-oscal-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const files = oscalFiles(planOf(true));
  expect(files).toHaveLength(9);
  for (const { path, content } of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const python = await pythonEnvironment(trestleRequirements);
  const { code, stdout, stderr } = await python.run(["-c", read, ...files.map(({ path }) => join(directory, path))]);
  expect(code, stderr.slice(-2000)).toBe(0);
  const told = JSON.parse(stdout);
  expect(Object.keys(told).toSorted()).toEqual(files.map(({ path }) => path).toSorted());
  expect(["gdpr", "hipaa", "fedramp-moderate"].map((name) => told[`${name}/system-security-plan.json`])).toEqual([26, 68, 323]);
});

test("what is shown is satisfied by observations of the journal; all else is a finding", () => {
  const content = (name: string) => JSON.parse(oscalFiles(planOf(true)).find(({ path }) => path === name)?.content ?? "{}");
  const [result] = content("fedramp-moderate/assessment-results.json")["assessment-results"].results;
  const retention = result.findings.find((finding: { target: { "target-id": string } }) => finding.target["target-id"] === "au-11_obj");
  expect(retention.target.status).toMatchObject({ state: "satisfied", reason: "pass" });
  const observed = new Set(result.observations.map(({ uuid }: { uuid: string }) => uuid));
  expect(retention["related-observations"].every((one: { "observation-uuid": string }) => observed.has(one["observation-uuid"]))).toBe(
    true,
  );
  const satisfied = result.findings.filter(
    (finding: { target: { status: { state: string } } }) => finding.target.status.state === "satisfied",
  );
  expect(satisfied.length).toBeLessThan(20);
});

test("the same plan gives the same bytes, and encryption that is deleted changes them", () => {
  expect(oscalFiles(planOf(true))).toEqual(oscalFiles(planOf(true)));
  const plan = (encrypted: boolean) =>
    oscalFiles(planOf(encrypted)).find(({ path }) => path === "fedramp-moderate/system-security-plan.json")?.content;
  expect(plan(false)).not.toEqual(plan(true));
});

test.each([
  ["AC-2(1)", "ac-2.1"],
  ["45 CFR 164.312(a)(2)(iv)", "cfr-164.312.a.2.iv"],
  ["Art. 32", "art-32"],
])("%s is %s", (id, expected) => expect(controlId(id)).toBe(expected));
