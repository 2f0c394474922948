import { describe, expect, test } from "vitest";
import { parseSchedule } from "../../../src/define/schedule.ts";
import { whyUnknown } from "../../../src/plan/figure.ts";
import { atLeast } from "../../../src/plan/service/availability.ts";
import { machinePromises } from "../../../src/plan/service/promises.ts";
import { systemFacts } from "../../../src/systems/catalogue/index.ts";
import { aws, planOf, type Sample } from "./sample.ts";

const asked: Sample["requirements"] = { requests: "100/second", uptime: "99.9%" };
const serviceOf = (sample: Sample) => planOf(sample).service;

describe("availability", () => {
  test("of machines in parallel it is what a person multiplies", () => {
    expect(atLeast(1, 1, 0.9)).toBeCloseTo(0.9, 12);
    expect(atLeast(1, 2, 0.9)).toBeCloseTo(0.99, 12);
    // Two of three: 3 x 0.9^2 x 0.1 + 0.9^3.
    expect(atLeast(2, 3, 0.9)).toBeCloseTo(0.972, 12);
    expect(atLeast(3, 3, 0.9)).toBeCloseTo(0.729, 12);
  });

  test("one zone promises what one machine does, however many there are; two zones more, with the load balancer between", () => {
    expect(serviceOf({ requirements: asked, place: aws }).uptime.value).toBeCloseTo(0.995 * 0.9999, 12);
    expect(serviceOf({ requirements: asked, place: { ...aws, zones: 2 } }).uptime.value).toBeCloseTo(0.9999 * 0.9999, 12);
    expect(serviceOf({ requirements: { requests: "100/second" }, place: aws }).uptime.value).toBeCloseTo(0.995, 12);
  });

  test("what stands before the server multiplies in", () => {
    const { uptime, parts } = serviceOf({ requirements: { requests: "100/second" }, place: aws, proxy: true });
    expect(parts.map(({ part }) => part).toSorted()).toEqual(["proxy", "server"]);
    expect(uptime.value).toBeCloseTo(0.995 * 0.995, 12);
  });

  test("nobody promises anything of a laptop, nor of one's own machines", () => {
    expect(whyUnknown(serviceOf({ requirements: asked }).uptime)).toMatch(/does not say where it stands/);
    expect(whyUnknown(serviceOf({ requirements: asked, place: { ...aws, provider: "owned" } }).uptime)).toMatch(/one's own machines/);
    expect(whyUnknown(serviceOf({ requirements: asked, place: { ...aws, provider: "lambda" } }).uptime)).toMatch(/no source says/);
  });

  test("every promise has its source and date, and is a share", () => {
    const rows = [...systemFacts.values()].flatMap(({ promised }) => promised ?? []);
    expect(rows.length).toBeGreaterThan(5);
    for (const { availability, source, date } of rows) {
      expect(availability).toBeGreaterThan(0.9);
      expect(availability).toBeLessThan(1);
      expect(source.length).toBeGreaterThan(10);
      expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
    for (const promise of Object.values(machinePromises)) if (promise !== null) expect(promise.zones).toBeGreaterThan(promise.single);
  });
});

describe("budget and recovery", () => {
  test("the error budget is what the asked uptime leaves of 730 hours", () => {
    expect(serviceOf({ requirements: asked }).errorBudget.value).toBe(2628);
  });

  test("a lake and a catalog of their own outlive the machine: only models are trained again", () => {
    const { recoveryTime, recoveryPoint } = serviceOf({ lake: "shared", schedule: parseSchedule("every 6 hours", { file: "x", line: 1 }) });
    // Five minutes for a machine, a minute of training.
    expect(recoveryTime.value).toBe(360);
    expect(recoveryPoint.value).toBe(6 * 3600);
  });

  test("without them everything is made again, and what the sources no longer have is lost", () => {
    const { recoveryTime, recoveryPoint } = serviceOf({ lake: "s3" });
    expect(recoveryTime.value).toBe(300 + 3 + 2 + 60);
    expect(whyUnknown(recoveryPoint)).toMatch(/no copy elsewhere/);
    // A year of 1 TB a day through 3.3 MB/s a core on 6 cores.
    expect(serviceOf({ requirements: { volume: "1 TB/day" } }).recoveryTime.value).toBeCloseTo(300 + 365e12 / (3.3e6 * 6), -4);
  });
});

describe("failures", () => {
  test("every part has its row; of a single one it says that everything stops with it", () => {
    const plan = planOf({ requirements: asked, proxy: true, broker: true });
    expect(plan.service.failures.map(({ part }) => part)).toEqual(plan.parts.map(({ id }) => id));
    for (const { breaks, userSees, heals } of plan.service.failures)
      expect([breaks, userSees, heals].every((text) => text.length > 5)).toBe(true);
    expect(
      plan.service.failures
        .filter(({ single }) => single)
        .map(({ part }) => part)
        .toSorted(),
    ).toEqual(["broker", "lake", "proxy", "server"]);
    const safe = planOf({ requirements: asked, proxy: true, broker: true, lake: "shared", place: { ...aws, zones: 2 } });
    expect(safe.service.failures.filter(({ single }) => single)).toEqual([]);
  });
});

describe("autoscaling", () => {
  test("from the average load to half more than the busiest, at a target that leaves the latency time", () => {
    const [server] = serviceOf({
      requirements: { requests: "1000/second", peak: "3x", latency: { p99: "50 ms" }, uptime: "99.9%" },
      place: { ...aws, zones: 2 },
    }).autoscaling;
    // 700/s a replica: 2 on average, 5 in the busiest time, one more that may fail; 0.7 x 0.85.
    expect([server?.minimum.value, server?.maximum.value, server?.target.value]).toEqual([3, 9, 0.59]);
    expect(server?.metric).toBe("processor use");
  });

  test("accelerators are watched by their own use, and MIG is named where one can be divided", () => {
    const [server] = serviceOf({
      endpoint: null,
      parameters: { architecture: "ResNet-50" },
      requirements: { requests: "100/second" },
      place: aws,
    }).autoscaling;
    expect(server?.metric).toMatch(/DCGM/);
    const [large] = serviceOf({
      endpoint: null,
      parameters: { model_parameters: "70B" },
      requirements: { requests: "5/second", latency: { p99: "5 seconds" } },
      place: aws,
    }).autoscaling;
    expect(large?.because).toMatch(/MIG/);
  });
});
