// The PyTorch example, which is too large for the tests of every change: node scripts/check-gru.ts
// Trains it undisturbed; then again, killing the script at random epochs; and holds the two against
// each other. On a machine with a GPU the script takes it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import example from "../examples/trainers/platform.ts";
import { connect, openDuckDB } from "../src/systems/duckdb/connection.ts";
import { openProcessLauncher } from "../src/systems/process/launcher.ts";
import { trainModel, type TrainedModel } from "../src/train/train.ts";

const folder = fileURLToPath(new URL("../examples/trainers/", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "millwright-gru-"));
const node = example.assets.find(({ name }) => name === "rain_gru");
const table = example.assets.find(({ name }) => name === "rain");
if (node?.kind !== "model" || table?.kind !== "table") throw new Error("the example has no rain_gru");
const connection = await connect(await openDuckDB());
await connection.run(`CREATE VIEW weather AS FROM read_csv('${join(folder, "../flights/data/weather.csv.gz")}')`);
await connection.run(`CREATE TABLE rain AS ${table.sql?.text["duckdb"] ?? ""}`);
const launcher = await openProcessLauncher();
const epochs = Number(node.train.parameters["epochs"]);

async function train(kept: string, epoch: (done: number) => void): Promise<{ readonly model: TrainedModel; readonly sha256: string }> {
  if (node?.kind !== "model") throw new Error("the example has no rain_gru");
  const directory = mkdtempSync(join(root, "model-"));
  const workshop = { directory: folder, kept, launcher: async () => launcher };
  const progress = { report: ({ done }: { readonly done: number }) => epoch(done) };
  const model = await trainModel({
    node,
    connection,
    relation: "rain",
    directory,
    workshop,
    progress,
    signal: new AbortController().signal,
  });
  const bytes = readFileSync(join(directory, "model.onnx"));
  return { model, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The processes of a training's script: those that name its task. */
async function scripts(kept: string): Promise<readonly number[]> {
  const tasks = readdirSync(kept).map((key) => join(kept, key, "task.json"));
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="]);
  return stdout.split("\n").flatMap((line) => (tasks.some((task) => line.includes(`gru.py ${task}`)) ? [Number.parseInt(line, 10)] : []));
}

const undisturbed = await train(mkdtempSync(join(root, "kept-")), (done) => console.log(`epoch ${done} of ${epochs}`));
const { auc, parity } = undisturbed.model.metrics;
console.log(`${undisturbed.model.trainer}: AUC ${auc}, ONNX within ${parity.maximumDifference} of PyTorch`);

const kept = mkdtempSync(join(root, "kept-"));
let kills = 0;
for (;;) {
  const at = 1 + Math.floor(Math.random() * (epochs - 1));
  let killing: Promise<void> | null = null;
  const kill = async (): Promise<void> => {
    for (const pid of await scripts(kept)) if (existsSync(`/proc/${pid}`)) process.kill(pid, "SIGKILL");
  };
  const outcome = await train(kept, (done) => {
    if (done < epochs && done >= at && kills < 3) killing ??= kill();
  }).catch((error: unknown) => error);
  await killing;
  if (outcome instanceof Error) {
    console.log(`killed: ${outcome.message.split("\n")[0]}`);
    kills++;
    continue;
  }
  const same = typeof outcome === "object" && outcome !== null && "sha256" in outcome && outcome.sha256 === undisturbed.sha256;
  console.log(`after ${kills} kills the model is ${same ? "the same, byte for byte" : "ANOTHER"}`);
  process.exitCode = same && kills > 0 ? 0 : 1;
  break;
}
await launcher.close();
connection.closeSync();
rmSync(root, { recursive: true, force: true });
