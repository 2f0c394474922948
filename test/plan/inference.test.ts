import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { accelerators } from "../../src/plan/catalogue/accelerators.ts";
import { inferenceModels } from "../../src/plan/catalogue/inference-models.ts";
import { inferenceResults } from "../../src/plan/catalogue/inference-results.ts";
import { acceleratorOf } from "../../src/plan/accelerator.ts";
import { judgeInference } from "../../src/plan/inference/accuracy.ts";
import { questionOf } from "../../src/plan/inference/correct.ts";
import { kriging } from "../../src/plan/inference/kriging.ts";
import { modelNamed, nameKey } from "../../src/plan/inference/model.ts";
import { peakOf } from "../../src/plan/inference/peak.ts";
import { planInference } from "../../src/plan/inference/plan.ts";

const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
const plan = (model: string, accelerator: string, more: object = {}) =>
  planInference({ model: modelNamed(model), accelerator: acceleratorOf(accelerator), ...more });

test("rates that were left out are foretold better than by the median of the same model on the same accelerator", () => {
  const [all] = judgeInference("repeats").beside;
  expect(all?.ours.median).toBeLessThan(all?.baseline.median ?? 0);
  expect(all?.ours.fourOfFive).toBeLessThan(all?.baseline.fourOfFive ?? 0);
});

test.each(["repeats", "model", "accelerator"] as const)(
  "the range holds four of five without %s, and is not wider than it need be",
  (leftOut) => {
    const { ours, within, width } = judgeInference(leftOut);
    expect(ours.median).toBeLessThan(1.2);
    expect(within).toBeGreaterThanOrEqual(0.78);
    expect(width).toBeLessThan(2.5);
  },
);

test("every published row's model and accelerator are in the catalogues, and no name stands for two models", () => {
  const chips = new Set(accelerators.map(({ name }) => name));
  for (const row of inferenceResults) {
    expect(modelNamed(row.model).name).toBe(questionOf(row).model.name);
    expect(chips).toContain(row.accelerator);
    expect(row.source).not.toBe("");
  }
  const keys = inferenceModels.flatMap(({ name, also }) => [...new Set([nameKey(name), ...also])]);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test.each([
  ["ResNet-50 v1.5", "ResNet-50"],
  ["BERT-Large (SQuAD, 99%)", "BERT-large"],
  ["bert-base-uncased", "BERT-base"],
  ["meta-llama/Llama-3.1-8B-Instruct", "Llama 3 8B"],
  ["LLaMA 7B", "Llama 2 7B"],
  ["GPT-J 6B", "GPT-J 6B"],
  ["GPT-J 6B (99%)", "GPT-J 6B (MLPerf)"],
  ["sdxl", "Stable Diffusion XL"],
  ["13B", "a decoder of 13B"],
])("%s is %s", (name, expected) => {
  expect(modelNamed(name).name).toBe(expected);
});

test("more at once is more throughput and a longer wait; a lower precision is faster", () => {
  const small = plan("ResNet-50", "V100", { precision: "fp16", batch: 4 });
  const large = plan("ResNet-50", "V100", { precision: "fp16", batch: 64 });
  expect(large.throughput).toBeGreaterThan(small.throughput);
  expect(large.latencyMs).toBeGreaterThan(small.latencyMs);
  expect(plan("ResNet-50", "V100", { precision: "fp32", batch: 64 }).throughput).toBeLessThan(large.throughput);
  expect(large.latencyMs).toBeCloseTo((1000 * 64) / large.throughput, 6);
});

test("a language model for one user waits for memory, a full batch of long prompts for arithmetic", () => {
  const one = plan("Llama 3 8B", "H100", { precision: "fp16", batch: 1, input: 128, output: 128 });
  expect(one.bound).toBe("memory");
  // No faster than its weights can be read.
  expect(one.throughput).toBeLessThan(3350 / 16);
  expect(plan("Llama 3 8B", "H100", { precision: "fp16", batch: 64, input: 4096, output: 16 }).bound).toBe("compute");
});

test("a published row is answered by about what was published", () => {
  const known = plan("BERT-large", "H100", { precision: "int8" });
  expect(known.basis).toBe("published");
  expect(known.throughput).toBe(8824.25);
  expect(plan("ResNet-50", "V100", { precision: "fp16", batch: 64 }).basis).toBe("known");
  // What nobody measured has the wider range.
  const unknown = plan("13B", "A100", { precision: "fp16", batch: 1 });
  expect(unknown.basis).toBe("formula");
  expect(unknown.range[1] / unknown.range[0]).toBeGreaterThan(known.range[1] / known.range[0]);
});

test("a vendor's chip that nobody ran so has the wider range", () => {
  const width = ({ range: [low, high] }: ReturnType<typeof plan>) => high / low;
  expect(width(plan("BERT-large", "TPU v5e"))).toBeGreaterThan(width(plan("BERT-large", "Jetson Orin NX 16GB")));
});

test("a rate that the catalogue does not print is derived and said, or refused", () => {
  expect(peakOf(acceleratorOf("A10"), "fp16")).toMatchObject({ value: 125 });
  expect(plan("ResNet-50", "A10", { precision: "fp16", batch: 8 }).assumed.join("; ")).toContain("from its 8-bit rate");
  const nobody = { ...acceleratorOf("A10"), peak: { fp32: null, tf32: null, fp16: null, fp8: null, int8: null } };
  expect(() => peakOf(nobody, "fp16")).toThrow("knows no fp16 rate");
});

test("kriging returns what it knows where it knows it, and nothing far away", () => {
  const near = (a: number, b: number) => Math.exp(-((a - b) ** 2) / 2);
  const foretell = kriging([0, 1, 3], [1, 2, -1], near, 1e-9);
  expect(foretell(1).mean).toBeCloseTo(2, 6);
  expect(foretell(100)).toMatchObject({ mean: 0 });
  expect(foretell(100).deviation).toBeCloseTo(1, 6);
});

test("the command answers as JSON", () => {
  const args = ["--model", "BERT-base", "--accelerator", "T4", "--precision", "fp16", "--batch", "8", "--sequence", "128", "--json"];
  const answer = JSON.parse(execFileSync(process.execPath, [main, "plan", "inference", ...args], { encoding: "utf8" }));
  expect(answer).toMatchObject({ model: "BERT-base", batch: 8, unit: "samples/s" });
  expect(["compute", "memory", "overhead"]).toContain(answer.bound);
  expect(answer.range[0]).toBeLessThan(answer.throughput);
});

test.each([
  [["--model", "Lama", "--accelerator", "A100"], "there is no model 'Lama'"],
  [["--model", "7B", "--accelerator", "A100", "--precision", "fp7"], "--precision takes fp32"],
  [["--model", "70B", "--accelerator", "T4", "--precision", "fp16", "--batch", "1"], "take 140 GB, more than 1 x T4 have"],
  [["--model", "none.onnx", "--accelerator", "T4"], "there is no file 'none.onnx'"],
  [["--accelerator", "T4"], "--model is missing"],
])("%j is refused in a sentence", (args, sentence) => {
  expect(() => execFileSync(process.execPath, [main, "plan", "inference", ...args], { stdio: "pipe" })).toThrow(sentence);
});
