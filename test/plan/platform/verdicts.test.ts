import { describe, expect, test } from "vitest";
import { aws, planOf, type Sample } from "./sample.ts";

/** Requirement to outcome, and to the kind of the figure that it was held against. */
function outcomes(sample: Sample): Readonly<Record<string, string>> {
  return Object.fromEntries(
    planOf(sample).requirements.map(({ requirement, outcome, figure }) => [
      requirement.name,
      `${outcome}${figure === null ? "" : `, ${figure.origin.kind}`}`,
    ]),
  );
}

const reasons = (sample: Sample): readonly string[] => planOf(sample).requirements.map(({ reason }) => reason);

describe("each kind of requirement", () => {
  test("latency is held against what was measured, and then against the busiest time", () => {
    const requirements = { latency: { p50: "5 ms", p99: "50 ms" } } as const;
    expect(outcomes({ requirements })).toEqual({ "latency.p50": "met, measured", "latency.p99": "met, measured" });
    expect(outcomes({ requirements, endpoint: { p50: 0.01, p99: 0.06, rate: 100 } })).toEqual({
      "latency.p50": "missed, measured",
      "latency.p99": "missed, measured",
    });
    expect(outcomes({ requirements, endpoint: null })).toEqual({ "latency.p50": "unknown", "latency.p99": "unknown" });
    expect(reasons({ requirements: { ...requirements, requests: "900/second" } })[1]).toMatch(
      /^2 ms keeps at most 50 ms: measured.*in the busiest time, computed$/,
    );
  });

  test("quality is that of the newest model on its test rows", () => {
    expect(outcomes({ requirements: { quality: { auc: ">= 0.75" } } })).toEqual({ "quality.auc": "met, measured" });
    expect(outcomes({ requirements: { quality: { auc: ">= 0.85" } } })).toEqual({ "quality.auc": "missed, measured" });
    expect(outcomes({ requirements: { quality: { brier: "<= 0.2" } } })).toEqual({ "quality.brier": "unknown" });
    expect(outcomes({ requirements: { quality: { auc: ">= 0.75" } }, measured: false })).toEqual({ "quality.auc": "unknown" });
  });

  test("throughput, uptime and recovery are computed", () => {
    const requirements = {
      requests: "2000/second",
      throughput: "700/second",
      uptime: "99.9%",
      recovery: { time: "1 hour", point: "15 minutes" },
    } as const;
    expect(outcomes({ requirements, place: { ...aws, zones: 2 }, lake: "shared" })).toMatchObject({
      throughput: "met, computed",
      uptime: "met, computed",
      "recovery.time": "met, computed",
      "recovery.point": "unknown, unknown",
    });
    expect(outcomes({ requirements, place: aws })).toMatchObject({ uptime: "missed, computed" });
    expect(outcomes({ requirements: { throughput: "701/second" } })).toMatchObject({ throughput: "missed, computed" });
    // A batch gets as many replicas as it needs.
    expect(outcomes({ requirements: { serving: "batch", throughput: "701/second" } })).toMatchObject({ throughput: "met, computed" });
  });

  test("a budget is missed by what is known, even when a price is missing", () => {
    const requirements = { requests: "1/second", volume: "10 TB/day", budget: "$100/month", costPerInference: "$0.00002" } as const;
    expect(outcomes({ requirements, place: aws, lake: "s3" })).toMatchObject({
      budget: "missed, computed",
      costPerInference: "missed, computed",
    });
    expect(outcomes({ requirements: { requests: "5000/second", costPerInference: "$0.00002" }, place: aws, lake: "s3" })).toMatchObject({
      costPerInference: "met, computed",
    });
  });

  test("a volume is given, unless it is more than one machine can take", () => {
    expect(outcomes({ requirements: { volume: "1 TB/day" } })).toEqual({ volume: "given, computed" });
    expect(outcomes({ requirements: { volume: "1 PB/day" } })).toEqual({ volume: "missed, computed" });
    expect(outcomes({ requirements: { volume: "1 PB/day" }, engine: "spark" })).toEqual({ volume: "given, computed" });
  });

  test("region and privacy look at where it stands and at who runs what is bound", () => {
    expect(outcomes({ requirements: { region: "EU" }, place: aws })).toEqual({ region: "missed" });
    expect(outcomes({ requirements: { region: "EU" }, place: { ...aws, region: "eu-west-1" } })).toEqual({ region: "met" });
    expect(outcomes({ requirements: { region: "us-east-1" }, place: aws })).toEqual({ region: "met" });
    expect(outcomes({ requirements: { region: "EU" } })).toEqual({ region: "unknown" });
    expect(outcomes({ requirements: { privacy: "on site" }, place: { ...aws, provider: "owned" } })).toEqual({ privacy: "met" });
    expect(outcomes({ requirements: { privacy: "on site" }, place: aws })).toEqual({ privacy: "missed" });
    expect(outcomes({ requirements: { privacy: "on site" }, lake: "s3", place: { ...aws, provider: "owned" } })).toEqual({
      privacy: "missed",
    });
  });

  test("a standard with controls that somebody must act on is not known to be met, and says how many", () => {
    expect(outcomes({ requirements: { compliance: ["GDPR", "FedRAMP Low"] } })).toEqual({ compliance: "unknown, computed" });
    for (const reason of reasons({ requirements: { compliance: ["GDPR", "FedRAMP Low"] } })) expect(reason).toMatch(/\d+ open, of \d+/);
  });

  test("what is only to be reckoned with is given", () => {
    const given = {
      serving: "real-time",
      requests: "10/second",
      peak: "2x",
      data: "streaming",
      stored: "1 TB",
      growth: "20%/year",
      retention: "7 years",
    } as const;
    expect(new Set(Object.values(outcomes({ requirements: given })))).toEqual(new Set(["given"]));
  });
});

test("each requirement has a verdict with a reason, in the order in which it was written, and a plan survives JSON", () => {
  const plan = planOf({ requirements: { uptime: "99%", latency: { p99: "50 ms" }, budget: "$1000/month" }, place: aws });
  expect(plan.requirements.map(({ requirement }) => requirement.name)).toEqual(["uptime", "latency.p99", "budget"]);
  for (const { reason } of plan.requirements) expect(reason.length).toBeGreaterThan(10);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(JSON.stringify(planOf({ requirements: { uptime: "99%" }, place: aws }))).toBe(
    JSON.stringify(planOf({ requirements: { uptime: "99%" }, place: aws })),
  );
});
