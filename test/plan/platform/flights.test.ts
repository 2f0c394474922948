import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { whyUnknown, type Figure } from "../../../src/plan/figure.ts";
import type { PlatformPlan } from "../../../src/plan/vocabulary.ts";

const sources = new URL("../../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const example = (file: string): string => fileURLToPath(new URL(`../../../examples/flights/${file}`, import.meta.url));

let directory: string;
/** A fresh clone of the example: nothing has run there. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "millwright-flights-"));
  for (const file of ["platform.ts", "schema.lock.json"]) copyFileSync(example(file), join(directory, file));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function planned(...args: readonly string[]): { readonly code: number | null; readonly plan: PlatformPlan } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", sources, main, "plan", "--json", ...args], {
    cwd: directory,
    encoding: "utf8",
  });
  if (status === 2) throw new Error(stderr);
  return { code: status, plan: JSON.parse(stdout) };
}

function figuresOf(value: unknown): Figure[] {
  if (typeof value !== "object" || value === null) return [];
  const own = isFigure(value) ? [value] : [];
  return [...own, ...Object.values(value).flatMap(figuresOf)];
}

function isFigure(value: object): value is Figure {
  return "origin" in value && "unit" in value && "value" in value;
}

test.each(["local", "services", "cluster", "hadoop"])(
  "the flights in '%s', never run, miss nothing, are sized where something is known, and say of every unknown number why",
  (name) => {
    const { code, plan } = planned("--env", name);
    expect(code).toBe(0);
    expect(plan.requirements.map(({ requirement }) => requirement.name)).toEqual(
      expect.arrayContaining(["latency.p99", "volume", "uptime"]),
    );
    expect(plan.requirements.filter(({ outcome }) => outcome === "missed")).toEqual([]);
    expect(plan.sizing.parts.map(({ part }) => part)).toEqual(plan.parts.map(({ id }) => id));
    expect(plan.sizing.figures.find((figure) => figure.name === "data a day")?.value).toBeGreaterThan(0);
    const unknown = figuresOf(plan).filter(({ value }) => value === null);
    expect(unknown.length).toBeGreaterThan(0);
    for (const figure of unknown) expect(whyUnknown(figure)?.length, figure.name).toBeGreaterThan(8);
    // Nothing unknown has become a number on its way.
    for (const { value, origin, name: figure } of figuresOf(plan))
      if (origin.kind === "computed" && origin.from.some((one) => one.value === null)) expect(value, figure).toBeNull();
  },
  60_000,
);

test("the same input gives the same bytes, and another place another plan", () => {
  const first = planned("--env", "cluster", "--provider", "aws", "--zones", "2").plan;
  expect(planned("--env", "cluster", "--provider", "aws", "--zones", "2").plan).toEqual(first);
  const elsewhere = planned("--env", "cluster", "--provider", "google").plan;
  expect([first.cost.chosen.provider, elsewhere.cost.chosen.provider]).toEqual(["aws", "google"]);
  expect(first.cost.options.length).toBe(elsewhere.cost.options.length);
}, 60_000);
