import { expect, test } from "vitest";
import { decision } from "../../src/define/decision.ts";
import { requirementNodes, type Requirements } from "../../src/define/requirement.ts";

const origin = { file: "platform.ts", line: 7 };
const read = (requirements: Requirements) =>
  requirementNodes(requirements, origin).map(({ name, bound, value, unit }) => [name, bound, value, unit]);

test("each requirement becomes a value with a unit, in the order in which it was written", () => {
  expect(
    read({
      serving: "real-time",
      latency: { p50: "5 ms", p99: "0.05 ms" },
      requests: "120/minute",
      peak: "4x",
      volume: "2 TB/day",
      stored: "1.5 PB",
      growth: "20%/year",
      retention: "7 years",
      quality: { auc: ">= 0.7", brier: "<= 0.2" },
      uptime: "99.9%",
      recovery: { time: "1 hour", point: "15 minutes" },
      compliance: ["GDPR", "FedRAMP Moderate"],
      costPerInference: "$0.00002",
      budget: "$20000/month",
      region: "eu-west-1",
      privacy: "on site",
    }),
  ).toEqual([
    ["serving", "is", "real-time", null],
    ["latency.p50", "atMost", 0.005, "seconds"],
    ["latency.p99", "atMost", 0.00005, "seconds"],
    ["requests", "is", 2, "1/second"],
    ["peak", "is", 4, "times"],
    ["volume", "is", 2e12 / 86_400, "bytes/second"],
    ["stored", "is", 1.5e15, "bytes"],
    ["growth", "is", 0.2, "share/year"],
    ["retention", "is", 7 * 8760 * 3600, "seconds"],
    ["quality.auc", "atLeast", 0.7, null],
    ["quality.brier", "atMost", 0.2, null],
    ["uptime", "atLeast", 0.999, "share"],
    ["recovery.time", "atMost", 3600, "seconds"],
    ["recovery.point", "atMost", 900, "seconds"],
    ["compliance", "is", "GDPR", null],
    ["compliance", "is", "FedRAMP Moderate", null],
    ["costPerInference", "atMost", 0.00002, "USD"],
    ["budget", "atMost", 20_000, "USD/month"],
    ["region", "is", "eu-west-1", null],
    ["privacy", "is", "on site", null],
  ]);
});

test.each([
  [{ uptime: "much" }, /uptime: 'much' cannot be read/],
  [{ volume: "2 TiB/day" }, /volume: '2 TiB\/day' cannot be read/],
  [{ serving: "sometimes" }, /it is one of real-time, batch/],
  [{ speed: "fast" }, /there is no such requirement/],
  [{ quality: { auc: "high" } }, /quality\.auc: 'high' cannot be read/],
])("%j is refused with its name, its text and the place of the platform", (requirements, message) => {
  expect(() => requirementNodes(JSON.parse(JSON.stringify(requirements)), origin)).toThrow(message);
  expect(() => requirementNodes(JSON.parse(JSON.stringify(requirements)), origin)).toThrow(/platform\.ts:7/);
});

test("a decision keeps choice, reason, what was rejected and where it was made", () => {
  const { node } = decision("scheduler", { choice: "kubernetes", because: "it scales with the day", rejected: { slurm: "no services" } });
  expect(node).toMatchObject({
    kind: "decision",
    name: "scheduler",
    choice: "kubernetes",
    because: "it scales with the day",
    rejected: [{ system: "slurm", reason: "no services" }],
  });
  expect(node.origin.file).toMatch(/requirement\.test\.ts$/);
});
