import { expect, test } from "vitest";
import { brokenRequirements, diffPlans, isSame } from "../../src/plan/diff.ts";
import { diffText } from "../../src/plan/diff-text.ts";
import { costOf } from "../../src/plan/cost/cost.ts";
import { planPlatform } from "../../src/plan/platform.ts";
import type { PlatformPlan, Verdict } from "../../src/plan/vocabulary.ts";
import type { Place } from "../../src/define/node.ts";
import type { Requirements } from "../../src/index.ts";
import type { DescribedSystem } from "../../src/systems/index.ts";
import { shop, shopInput } from "./cost/shop.ts";

const demand: Requirements = { requests: "200/second", volume: "2 TB/day", region: "us-east-1", uptime: "99.9%", compliance: ["GDPR"] };

interface Change {
  readonly requirements?: Requirements;
  readonly place?: Partial<Place>;
  readonly warehouse?: DescribedSystem;
  readonly replicas?: number;
}

/** A plan of the shop with hand-made sizes. */
function plan({ requirements = demand, place = { provider: "aws" }, warehouse, replicas = 3 }: Change = {}): PlatformPlan {
  const { input, parts, sizing } = shopInput(shop(requirements, place, warehouse), {
    engine: { cores: 16, gibibytes: 64, hours: 100 },
    lake: { storage: 100e12 },
    warehouse: { cores: 8, gibibytes: 32, storage: 5e12 },
    launcher: { cores: 8, gibibytes: 32, hours: 10 },
    server: { replicas, cores: 4, gibibytes: 8 },
  });
  return { ...planPlatform(input), sizing, cost: costOf(input, parts, sizing) };
}

/** The same plan with another outcome of a requirement. */
function judged(one: PlatformPlan, name: string, outcome: Verdict["outcome"], reason: string): PlatformPlan {
  return {
    ...one,
    requirements: one.requirements.map((verdict) => (verdict.requirement.name === name ? { ...verdict, outcome, reason } : verdict)),
  };
}

test("a plan and itself differ in nothing, also when one was written and read", () => {
  const diff = diffPlans(plan(), JSON.parse(JSON.stringify(plan())));
  expect(isSame(diff)).toBe(true);
  expect(diffText(diff)).toBe("from shop, cloud to shop, cloud: no difference\n");
});

test("more replicas are a size and a cost, to the cent", () => {
  const diff = diffPlans(plan(), plan({ replicas: 4 }));
  expect(diff.sizes.map(({ of, name, change }) => [of, name, change])).toEqual([["server", "replicas", 1]]);
  // One more c6i.xlarge: 730 x 0.17.
  expect(diff.cost.parts.map(({ of, change }) => [of, change])).toEqual([["server", 124.1]]);
  expect(diff.cost.figures.find(({ name }) => name === "cost")?.change).toBe(124.1);
  expect(diffText(diff)).toContain("  server replicas: 3 -> 4 (+1)\n");
  expect(diffText(diff)).toContain("  server cost: $419.64/month -> $543.74/month (+$124.10/month)\n");
});

test("another system is a change of structure, and parts that come and go are named", () => {
  const diff = diffPlans(plan(), plan({ warehouse: "snowflake" }));
  expect(diff.systems).toEqual([{ of: "warehouse", from: "duckdb", to: "snowflake" }]);
  const [a, b] = [plan(), plan()];
  const without = diffPlans(a, { ...b, parts: b.parts.filter(({ id }) => id !== "monitor") });
  expect(without.removed.map(({ id }) => id)).toEqual(["monitor"]);
  expect(diffPlans({ ...a, parts: a.parts.filter(({ id }) => id !== "monitor") }, b).added.map(({ id }) => id)).toEqual(["monitor"]);
});

test("another place is another bill", () => {
  const diff = diffPlans(plan(), plan({ place: { provider: "google" } }));
  expect(diff.cost.option).toEqual({ of: "option", from: "aws us-east-1, on demand", to: "google us-central1, on demand" });
  expect(diffText(diff)).toContain("option: aws us-east-1, on demand -> google us-central1, on demand");
});

test("only a requirement that was met and is missed now is broken", () => {
  const met = judged(plan(), "uptime", "met", "99.95 %");
  const missed = judged(plan({ requirements: { ...demand, uptime: "99.99%" } }), "uptime", "missed", "99.95 %");
  const diff = diffPlans(met, missed);
  expect(brokenRequirements(diff).map(({ name, texts }) => [name, texts])).toEqual([["uptime", ["99.9%", "99.99%"]]]);
  expect(diffText(diff)).toContain("! uptime (99.9% -> 99.99%): met -> missed: 99.95 %");
  expect(diffText(diff)).toContain("missed now, met before: uptime\n");
  expect(brokenRequirements(diffPlans(missed, met))).toEqual([]);
  expect(brokenRequirements(diffPlans(judged(plan(), "uptime", "unknown", ""), missed))).toEqual([]);
});

test("a control that less satisfies than before is worse, one that more satisfies is not", () => {
  const a = plan();
  const with_ = (status: "claimed" | "open") => ({
    ...a,
    compliance: a.compliance.map((report) => ({
      ...report,
      controls: report.controls.map((control, index) => (index === 0 ? { ...control, status } : control)),
    })),
  });
  const [change] = diffPlans(with_("claimed"), with_("open")).compliance;
  expect(change).toMatchObject({ standard: "GDPR", from: "claimed", to: "open", worse: true });
  expect(diffPlans(with_("open"), with_("claimed")).compliance[0]?.worse).toBe(false);
});
