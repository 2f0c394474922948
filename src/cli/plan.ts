import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { acceleratorOf } from "../plan/accelerator.ts";
import { planTraining, type TrainingPlan } from "../plan/training.ts";
import { exitCodes } from "./exit.ts";
import { parsing, required, wholeNumber } from "./options.ts";
import { runDiff } from "./plan-diff.ts";
import { runInference } from "./plan-inference.ts";
import { runPlatform } from "./plan-platform.ts";
import { labelled, rounded } from "./text.ts";

/** `millwright plan` of a platform; `millwright plan training` and `millwright plan inference` answer for one alone, without a platform file. */
export async function run(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  if (args.includes("--diff")) return runDiff(args);
  if (word === "inference") return runInference(rest);
  return word === "training" || (word !== undefined && !word.startsWith("-")) ? runTraining(args) : runPlatform(args);
}

function runTraining(args: readonly string[]): number {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        parameters: { type: "string" },
        "total-parameters": { type: "string" },
        tokens: { type: "string" },
        accelerator: { type: "string" },
        accelerators: { type: "string" },
        tensor: { type: "string" },
        pipeline: { type: "string" },
        data: { type: "string" },
        "micro-batch": { type: "string" },
        sequence: { type: "string" },
      },
    }),
  );
  if (positionals[0] !== "training" || positionals.length > 1)
    throw new MillwrightError({
      code: "bad-option",
      what: "plan takes nothing, to plan a platform, or one word, first: training or inference",
      fix: "see millwright plan --help",
    });
  const count = (name: "accelerators" | "tensor" | "pipeline" | "data" | "micro-batch" | "sequence") =>
    wholeNumber(values[name], `--${name}`, 1);
  const total = values["total-parameters"];
  const plan = planTraining({
    parameters: quantity(values.parameters, "--parameters"),
    ...(total === undefined ? {} : { totalParameters: quantity(total, "--total-parameters") }),
    tokens: quantity(values.tokens, "--tokens"),
    accelerator: acceleratorOf(required(values.accelerator, "--accelerator", "plan")),
    layout: Object.fromEntries(
      Object.entries({
        accelerators: count("accelerators"),
        tensor: count("tensor"),
        pipeline: count("pipeline"),
        data: count("data"),
        microBatch: count("micro-batch"),
        sequence: count("sequence"),
      }).filter(([, value]) => value !== undefined),
    ),
  });
  stdout.write(values.json ? `${JSON.stringify(plan)}\n` : planText(plan));
  return exitCodes.done;
}

const units: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** `70B` to 70e9. @throws MillwrightError `bad-option` */
function quantity(value: string | undefined, option: string): number {
  const text = required(value, option, "plan");
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?(?:e\d+)?)\s*([KMBT]?)$/i.exec(text.trim()) ?? [];
  const number = Number(digits) * (units[unit.toUpperCase()] ?? Number.NaN);
  if (digits !== "" && number > 0) return number;
  throw new MillwrightError({
    code: "bad-option",
    what: `${option} takes a number such as 70B or 2T, not '${text}'`,
    fix: "see millwright plan --help",
  });
}

function planText(plan: TrainingPlan): string {
  const { layout } = plan;
  return labelled([
    ["accelerator", plan.accelerator],
    ["accelerator hours", `${rounded(plan.acceleratorHours)} (${rounded(plan.range[0])} to ${rounded(plan.range[1])})`],
    ["wall hours", `${rounded(plan.wallHours)} on ${layout.accelerators.toLocaleString("en")}`],
    ["rate", `${rounded(plan.teraflopsPerAccelerator)} teraflops each, ${rounded(plan.utilisation * 100)} % of the peak`],
    ["memory", `${rounded(plan.memoryGiB)} GiB each${plan.fits ? "" : ": more than it has"}`],
    [
      "layout",
      `tensor ${layout.tensor}, pipeline ${layout.pipeline}, data ${layout.data}, ZeRO ${layout.zero}${layout.recomputation ? ", activations computed again" : ""}`,
    ],
  ]);
}
