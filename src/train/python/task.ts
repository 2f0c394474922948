import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { contentHash } from "../../define/canonical.ts";
import type { ModelNode, TrainerNode } from "../../define/node.ts";
import { scriptHash } from "../../define/script.ts";
import { MillwrightError } from "../../error.ts";
import { connect, openDuckDB } from "../../systems/duckdb/connection.ts";
import { prepare, type PreparedFeature } from "../preparation.ts";
import type { TrainRequest } from "../trainer.ts";
import type { PythonEnvironment } from "./environment.ts";
import { preparedNames, writeMatrix } from "./matrix.ts";

/** A model that a script trains. */
export type PythonNode = ModelNode & { readonly train: Extract<TrainerNode, { readonly trainer: "python" }> };

/** What a script is asked to do, in its folder of the workshop. */
export interface ScriptTask {
  /** Of all that decides what comes out: script, packages, parameters, rows. A training that was broken off is found again by it. */
  readonly key: string;
  readonly script: string;
  readonly folder: string;
  readonly file: string;
  readonly out: string;
  readonly checkpoint: string;
}

/**
 * Lays out what a script gets: `task.json`, `training.parquet`, `test.parquet`, an empty folder `out`, and the folder `checkpoint` as an
 * earlier run of the same task left it.
 *
 * @throws MillwrightError `no-script`.
 */
export async function layOutTask(
  { data, workshop }: Pick<TrainRequest, "data" | "workshop">,
  node: PythonNode,
  preparation: readonly PreparedFeature[],
  environment: PythonEnvironment,
): Promise<ScriptTask> {
  const folder = [dirname(node.origin.file), workshop.directory].find((each) => existsSync(resolve(each, node.train.script)));
  const script = resolve(folder ?? workshop.directory, node.train.script);
  const code = scriptHash(script, dirname(script));
  if (code === null) {
    throw new MillwrightError({
      code: "no-script",
      what: `the script ${node.train.script} of model '${node.name}' is not there`,
      where: node.origin,
      fix: `write it, or name it from the folder of the file that declares it: ${script}`,
    });
  }
  const { seed = 1, ...parameters } = node.train.parameters;
  const { resources } = node.train;
  const features = preparedNames(preparation);
  const training = prepare(preparation, data.features, 0, data.trainingRows);
  const test = prepare(preparation, data.features, data.trainingRows, data.rows);
  const rows = createHash("sha256").update(training).update(test).update(data.labels).digest("hex");
  const { python, packages } = environment;
  const contract = { features, target: node.target, parameters, seed };
  const key = contentHash({ code, python, packages, contract, rows, model: node.name }).slice(0, 16);
  const own = join(workshop.kept, key);
  const task = {
    key,
    script,
    folder: own,
    file: join(own, "task.json"),
    out: join(own, "out"),
    checkpoint: join(own, "checkpoint"),
  };
  await mkdir(task.checkpoint, { recursive: true });
  if (existsSync(task.file)) return task; // written last: the rest is there, and the same
  const paths = { training: join(own, "training.parquet"), test: join(own, "test.parquet") };
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    await writeMatrix(connection, paths.training, features, training, node.target, data.labels.subarray(0, data.trainingRows));
    await writeMatrix(connection, paths.test, features, test, node.target, data.labels.subarray(data.trainingRows));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  const content = {
    version: 1,
    model: node.name,
    ...paths,
    rows: { training: data.trainingRows, test: data.rows - data.trainingRows },
    ...contract,
    accelerators: resources.accelerators,
    out: task.out,
    checkpoint: task.checkpoint,
  };
  await writeFile(`${task.file}.partial`, `${JSON.stringify(content, null, 1)}\n`);
  await rename(`${task.file}.partial`, task.file);
  return task;
}

/** An empty folder for what the script is to leave. */
export async function emptyOut({ out }: ScriptTask): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
}
