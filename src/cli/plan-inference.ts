import { existsSync, readFileSync } from "node:fs";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { acceleratorOf } from "../plan/accelerator.ts";
import type { InferenceModel } from "../plan/catalogue/inference-models.ts";
import type { Precision } from "../plan/catalogue/inference-results.ts";
import { modelNamed } from "../plan/inference/model.ts";
import { modelOfFile } from "../plan/inference/onnx.ts";
import { planInference, type InferencePlan, type InferenceRequest } from "../plan/inference/plan.ts";
import { exitCodes } from "./exit.ts";
import { parsing, required, wholeNumber } from "./options.ts";
import { labelled, rounded } from "./text.ts";

/** What people write for a precision. */
const precisions: Readonly<Record<string, Precision>> = {
  fp32: "fp32",
  float32: "fp32",
  tf32: "tf32",
  fp16: "fp16",
  float16: "fp16",
  bf16: "fp16",
  bfloat16: "fp16",
  amp: "fp16",
  "amp fp16": "fp16",
  mixed: "fp16",
  fp8: "fp8",
  int8: "int8",
  fp4: "fp4",
  nvfp4: "fp4",
  int4: "int4",
};

/** `millwright plan inference`: answers for one model on one accelerator. */
export function runInference(args: readonly string[]): number {
  const { values } = parsing(() =>
    parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        model: { type: "string" },
        accelerator: { type: "string" },
        accelerators: { type: "string" },
        precision: { type: "string" },
        batch: { type: "string" },
        sequence: { type: "string" },
        input: { type: "string" },
        output: { type: "string" },
        runtime: { type: "string" },
      },
    }),
  );
  const count = (name: "accelerators" | "batch" | "sequence" | "input" | "output") => wholeNumber(values[name], `--${name}`, 1);
  const sequence = count("sequence");
  const settled: Partial<InferenceRequest> = Object.fromEntries(
    Object.entries({
      accelerators: count("accelerators"),
      batch: count("batch"),
      sequence,
      input: count("input"),
      output: count("output"),
      precision: precisionOf(values.precision),
      runtime: runtimeOf(values.runtime),
    }).filter(([, value]) => value !== undefined),
  );
  const accelerator = acceleratorOf(required(values.accelerator, "--accelerator", "plan"));
  const plan = planInference({ ...settled, model: modelOf(required(values.model, "--model", "plan"), sequence), accelerator });
  stdout.write(values.json ? `${JSON.stringify(plan)}\n` : planText(plan));
  return exitCodes.done;
}

function badOption(what: string): MillwrightError {
  return new MillwrightError({ code: "bad-option", what, fix: "see millwright plan --help" });
}

function precisionOf(text: string | undefined): Precision | undefined {
  if (text === undefined) return undefined;
  const precision = precisions[text.toLowerCase()];
  if (precision === undefined) throw badOption(`--precision takes fp32, tf32, fp16, bf16, fp8, int8, fp4 or int4, not '${text}'`);
  return precision;
}

function runtimeOf(text: string | undefined): "framework" | "compiled" | undefined {
  if (text === undefined || text === "framework" || text === "compiled") return text;
  throw badOption(`--runtime takes framework or compiled, not '${text}'`);
}

function modelOf(name: string, sequence: number | undefined): InferenceModel {
  if (!name.toLowerCase().endsWith(".onnx")) return modelNamed(name);
  if (!existsSync(name)) throw badOption(`there is no file '${name}'`);
  return modelOfFile(readFileSync(name), name, sequence);
}

const origins: Readonly<Record<InferencePlan["basis"], string>> = {
  published: "published results of exactly this",
  known: "the formula beside published results of this model on this chip",
  formula: "the formula, as published results of others correct it",
};

function planText(plan: InferencePlan): string {
  const [low, high] = plan.range;
  return labelled([
    ["model", `${plan.model} in ${plan.precision}`],
    ["accelerator", plan.accelerators === 1 ? plan.accelerator : `${plan.accelerators} x ${plan.accelerator}`],
    ["throughput", `${rounded(plan.throughput)} ${plan.unit} (${rounded(low)} to ${rounded(high)})`],
    ["latency", `${rounded(plan.latencyMs)} ms of ${rounded(plan.batch)} at once`],
    ["bound by", plan.bound],
    ["from", origins[plan.basis]],
    ...plan.assumed.map((sentence): readonly [string, string] => ["assumed", sentence]),
  ]);
}
