import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MillwrightError, type Origin } from "../error.ts";
import { deepFreeze } from "./freeze.ts";
import type { TrainerNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { parseResources, type ResourcesOptions } from "./resources.ts";
import { scriptHash } from "./script.ts";

export interface PythonOptions {
  /**
   * Packages of PyPI as pip writes them, best with their versions: `scikit-learn==1.7.2`; or a file with one on each line, from the folder of
   * the file that declares it, such as the requirements.txt of an earlier version of the model, which names every package.
   */
  readonly requirements?: readonly string[] | string;
  /** Given to the script as they are. */
  readonly parameters?: Readonly<Record<string, number | string | boolean>>;
  /** Given to the script for its random choices: the same seed and rows should give the same model. @default 1 */
  readonly seed?: number;
  readonly resources?: ResourcesOptions;
  /** How far the ONNX file's probability may lie from the script's own, on any test row. @default 0.00001 */
  readonly parity?: number;
}

/**
 * A model trained by your own Python script, in an environment of its own that holds the required packages. The script gets prepared
 * rows as Parquet and leaves `model.onnx`; docs/training.md tells the contract.
 *
 * @param script - From the folder of the file that declares it, which is platform.ts's own.
 * @throws MillwrightError `python-option`, `bad-resources`.
 * @example
 * const delay = model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: python("train.py", { requirements: ["scikit-learn==1.7.2", "skl2onnx==1.19.1", "pyarrow==21.0.0"], parameters: { C: 0.5 } }),
 *   accept: { auc: ">= 0.70" } });
 */
export function python(script: string, options: PythonOptions = {}): TrainerNode {
  const where = callerOrigin();
  const folder = dirname(where.file);
  const requirements =
    typeof options.requirements === "string" ? requirementsOf(options.requirements, folder, where) : options.requirements;
  const { parameters = {}, seed = 1, resources = {}, parity = 1e-5 } = options;
  refuseRequirements(requirements ?? [], where);
  if (!Number.isSafeInteger(seed) || seed < 0) throw unfit(`the seed ${seed} is no whole number from 0`, "write seed: 1", where);
  if (!(parity > 0 && parity < 1)) throw unfit(`the parity ${parity} is no difference of probabilities`, "write parity: 0.00001", where);
  return deepFreeze({
    trainer: "python",
    script,
    code: scriptHash(script, folder),
    requirements: [...(requirements ?? [])],
    parameters: { ...parameters, seed },
    parity,
    resources: parseResources(resources, where),
  });
}

/** The lines of a requirements file that are no comments. */
function requirementsOf(file: string, folder: string, where: Origin): string[] {
  const path = resolve(folder, file);
  if (!existsSync(path)) throw unfit(`there is no file of requirements ${path}`, "write one requirement on each line", where);
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** One requirement a text, and no option of pip's among them: what is installed must follow from the list alone. */
function refuseRequirements(requirements: readonly string[], where: Origin): void {
  const strange = requirements.find((requirement) => !/^[A-Za-z0-9][^\n#]*$/.test(requirement) || requirement.includes("://"));
  if (strange !== undefined)
    throw unfit(`'${strange}' is no requirement`, "write each as pip does, with its version: scikit-learn==1.7.2", where);
}

function unfit(what: string, fix: string, where: Origin): MillwrightError {
  return new MillwrightError({ code: "python-option", what, where, fix });
}
