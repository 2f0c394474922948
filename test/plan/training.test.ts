import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { acceleratorOf } from "../../src/plan/accelerator.ts";
import { judgeThroughput, judgeTraining } from "../../src/plan/accuracy.ts";
import { leastLayout, memoryBytes, shapeOf } from "../../src/plan/layout.ts";
import { planTraining } from "../../src/plan/training.ts";

const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;

test("runs of a maker that the fit has not seen are foretold better than by one utilisation for all", () => {
  const { ours, constant } = judgeTraining();
  expect(ours.median).toBeLessThan(1.2);
  expect(ours.median).toBeLessThan(constant.median);
  expect(ours.fourOfFive).toBeLessThan(constant.fourOfFive);
  // The range that a plan prints holds the truth in at least four of five.
  expect(ours.rows.filter(({ factor }) => factor <= 1.5).length / ours.rows.length).toBeGreaterThanOrEqual(0.8);
});

test("rates of tuned layouts are nearer than one constant", () => {
  const { ours, constant } = judgeThroughput();
  expect(ours.median).toBeLessThan(constant.median);
});

test("docs/accuracy.md is what the script computes", () => {
  const file = new URL("../../docs/accuracy.md", import.meta.url);
  const before = readFileSync(file, "utf8");
  execFileSync(process.execPath, [new URL("../../scripts/accuracy.ts", import.meta.url).pathname]);
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("hours are operations by rate, with a range of at most 2.5 between its ends", () => {
  const plan = planTraining({ parameters: 70e9, tokens: 2e12, accelerator: acceleratorOf("A100") });
  expect(plan.acceleratorHours).toBeCloseTo((6 * 70e9 * 2e12) / (plan.teraflopsPerAccelerator * 1e12) / 3600, 3);
  expect(plan.teraflopsPerAccelerator).toBeCloseTo(plan.utilisation * 312, 9);
  expect(plan.range[1] / plan.range[0]).toBeLessThanOrEqual(2.5);
});

test("the state of a model with Adam is 16 bytes a parameter, divided as ZeRO divides it", () => {
  const layout = { accelerators: 1, tensor: 1, pipeline: 1, data: 1, zero: 1, recomputation: true, microBatch: 1, sequence: 1 } as const;
  expect(memoryBytes(1e9, layout) / 1.1 / 16e9).toBeCloseTo(1, 3);
  expect(memoryBytes(1e9, { ...layout, data: 8, zero: 3 }) / 1.1 / 2e9).toBeCloseTo(1, 3);
  expect(memoryBytes(1e9, { ...layout, data: 8, zero: 1 }) / 1.1 / 5.5e9).toBeCloseTo(1, 3);
});

test("a model's shape has its parameters", () => {
  for (const parameters of [125e6, 7e9, 70e9, 405e9]) {
    const { layers, hidden } = shapeOf(parameters);
    expect(12 * layers * hidden ** 2).toBeCloseTo(parameters, -3);
  }
});

test("the least layout fits, half of it does not, and what is given is kept", () => {
  const capacity = 80e9;
  const layout = leastLayout(70e9, capacity, {});
  expect(layout).not.toBeNull();
  if (layout === null) return;
  expect(memoryBytes(70e9, layout)).toBeLessThanOrEqual(capacity);
  expect(leastLayout(70e9, capacity, { accelerators: layout.accelerators / 2 })).toBeNull();
  expect(leastLayout(175e9, capacity, { tensor: 8, pipeline: 16, data: 8 })).toMatchObject({
    accelerators: 1024,
    tensor: 8,
    pipeline: 16,
    data: 8,
  });
});

test("the command answers as JSON, and says when the memory is too small", () => {
  const ask = (...args: string[]) =>
    JSON.parse(execFileSync(process.execPath, [main, "plan", "training", ...args, "--json"], { encoding: "utf8" }));
  const answer = ask("--parameters", "8B", "--tokens", "15T", "--accelerator", "h100", "--accelerators", "512");
  expect(Object.keys(answer)).toEqual(
    expect.arrayContaining(["acceleratorHours", "range", "utilisation", "teraflopsPerAccelerator", "memoryGiB", "layout"]),
  );
  expect(answer.layout.accelerators).toBe(512);
  expect(ask("--parameters", "70B", "--tokens", "1T", "--accelerator", "T4", "--accelerators", "1")).toMatchObject({ fits: false });
});

test.each([
  [["--parameters", "70X", "--tokens", "1T", "--accelerator", "A100"], "takes a number such as 70B"],
  [["--parameters", "70B", "--accelerator", "A100"], "--tokens is missing"],
  [["--parameters", "70B", "--tokens", "1T", "--accelerator", "A1000"], "there is no accelerator 'A1000'"],
  [["--parameters", "70B", "--tokens", "1T", "--accelerator", "A10"], "knows no 16-bit rate of A10"],
])("%j is refused in a sentence", (args, sentence) => {
  expect(() => execFileSync(process.execPath, [main, "plan", "training", ...args], { stdio: "pipe" })).toThrow(sentence);
});
