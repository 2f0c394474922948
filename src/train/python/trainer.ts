import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ModelNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import { evaluate } from "../evaluate.ts";
import { refuseOneLabel } from "../lightgbm/booster.ts";
import { modelInput } from "../onnx/inputs.ts";
import { joinPreparation } from "../onnx/join.ts";
import { largestDifference } from "../onnx/parity.ts";
import { fitPreparation } from "../preparation.ts";
import { profileFeatures, profileNumbers } from "../profile.ts";
import type { Fitted, Trainer, TrainRequest } from "../trainer.ts";
import { checkScriptModel } from "./check.ts";
import { pythonEnvironment, type PythonEnvironment } from "./environment.ts";
import { runScript } from "./job.ts";
import { preparedWidth } from "./matrix.ts";
import { predictionFiles, readPredictions } from "./predictions.ts";
import { layOutTask, type PythonNode, type ScriptTask } from "./task.ts";

/** A user's script in an isolated environment, run by the launcher. */
export const pythonTrainer: Trainer = { train };

/** What a version has besides the trainer's files, under names that a script may not take. */
const reserved: ReadonlySet<string> = new Set([
  "model.json",
  "metrics.json",
  "profile.json",
  "search.json",
  "card.md",
  "training.log",
  "requirements.txt",
  "model.trained.onnx",
]);

/**
 * Prepares the rows, lets the script learn from them, puts the preparation before its model, and compares the whole with the script's own
 * prediction on every test row.
 *
 * @throws MillwrightError `no-python`, `python-requirements`, `no-script`, `python-script`, `script-files`, `script-model`, `script-predictions`,
 * `onnx-parity`, `one-label`.
 */
async function train(request: TrainRequest): Promise<Fitted> {
  const { data, directory, metadata, signal } = request;
  const node = pythonNode(request.node);
  refuseOneLabel(data.labels.subarray(0, data.trainingRows), node);
  const environment = await pythonEnvironment({ requirements: node.train.requirements, where: node.origin, signal });
  const preparation = fitPreparation(node, data.features, data.labels, data.trainingRows);
  const task = await layOutTask(request, node, preparation, environment);
  const said = await runScript(request, node, task, environment);

  const left = await filesLeft(task, node);
  const own = await readPredictions(task.out, data.rows - data.trainingRows, node);
  const { model, output } = await checkScriptModel(await readFile(join(task.out, "model.onnx")), preparedWidth(preparation), node);
  const onnx = joinPreparation(node.name, preparation, model, output, metadata);
  const parity = await largestDifference(onnx, data, own);
  if (!(parity.maximumDifference <= node.train.parity)) throw differs(node, parity);

  const files = left.filter((name) => name !== "model.onnx" && predictionFiles[name] === undefined);
  for (const name of files) await copyFile(join(task.out, name), join(directory, name));
  await writeFile(join(directory, "model.onnx"), onnx);
  await writeFile(join(directory, "requirements.txt"), environment.packages.map((line) => `${line}\n`).join(""));
  return {
    files: ["model.onnx", "requirements.txt", ...files],
    trainer: trainerName(node, environment),
    parameters: node.train.parameters,
    inputs: preparation.map(({ name, type }) => modelInput(name, type)),
    preparation,
    metrics: {
      ...evaluate(data.labels.subarray(data.trainingRows), own, data.slices, data.trainingRows),
      trees: null,
      validationLoss: [],
      history: said.history,
      parity: { rows: own.length, maximumDifference: parity.maximumDifference },
    },
    environment: { python: environment.python, packages: environment.packages },
    log: said.log,
    profile: {
      ...profileFeatures(data.features, data.trainingRows),
      predictions: profileNumbers(Float64Array.from(parity.probabilities)),
    },
  };
}

function pythonNode(node: ModelNode): PythonNode {
  const { train: trainer } = node;
  if (trainer.trainer !== "python") throw new Error(`model ${node.name} is not trained by Python`);
  return { ...node, train: trainer };
}

/** Where more packages were asked for, their number is told. */
const namedPackages = 6;

/** `train.py, Python 3.11.7, scikit-learn 1.7.2`: the packages that were asked for, as they were resolved. */
function trainerName({ train: { script, requirements } }: PythonNode, { python, packages }: PythonEnvironment): string {
  const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, "-");
  const asked = new Set(requirements.map((requirement) => normal(/^[\w.-]+/.exec(requirement)?.[0] ?? "")));
  const used = packages.map((line) => line.split("==")).filter(([name = ""]) => asked.has(normal(name)));
  const named = used.length > namedPackages ? [`${packages.length} packages`] : used.map((parts) => parts.join(" "));
  return [basename(script), `Python ${python}`, ...named].join(", ");
}

async function filesLeft({ out }: ScriptTask, node: PythonNode): Promise<string[]> {
  const entries = await readdir(out, { withFileTypes: true });
  const refuse = (what: string, fix: string): MillwrightError =>
    new MillwrightError({ code: "script-files", what: `${node.train.script} of model '${node.name}' ${what}`, where: node.origin, fix });
  const strange = entries.find((entry) => !entry.isFile());
  if (strange !== undefined) throw refuse(`left '${strange.name}', which is no file`, "leave plain files in the out folder");
  const names = entries.map(({ name }) => name).toSorted();
  const taken = names.find((name) => reserved.has(name));
  if (taken !== undefined) throw refuse(`left '${taken}', a name that Millwright uses itself`, "give it another name");
  if (!names.includes("model.onnx"))
    throw refuse(
      `left no model.onnx${names.length === 0 ? "" : `, only ${names.join(", ")}`}`,
      "write model.onnx into the task's out folder",
    );
  return names;
}

function differs(
  node: PythonNode,
  { maximumDifference, row }: { readonly maximumDifference: number; readonly row: number },
): MillwrightError {
  return new MillwrightError({
    code: "onnx-parity",
    what: `the ONNX file of model '${node.name}' differs by ${maximumDifference} from the script's own prediction in test row ${row + 1}, more than ${node.train.parity}`,
    where: node.origin,
    fix: "see that the script predicts with the model that it exports, in the order of test.parquet; where the library itself rounds so, state a parity",
  });
}
