import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import example from "../../../examples/trainers/platform.ts";
import type { ModelNode } from "../../../src/define/node.ts";
import { scores } from "../../../src/train/metrics.ts";
import { pythonEnvironment } from "../../../src/train/python/environment.ts";
import { fetchOpenMP } from "../../../src/train/lightgbm/openmp.ts";
import { here, openWorkbench, type Workbench } from "./workbench.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 }); // a first run downloads the libraries

const execute = promisify(execFile);
const folder = fileURLToPath(new URL("../../../examples/trainers/", import.meta.url));

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
  const table = example.assets.find(({ name }) => name === "rain");
  if (table?.kind !== "table") throw new Error("the example has no table rain");
  const weather = join(folder, "../flights/data/weather.csv.gz");
  await bench.connection.run(`CREATE VIEW weather AS FROM read_csv('${weather}')`);
  await bench.connection.run(`CREATE TABLE rain AS ${table.sql?.text["duckdb"] ?? ""}`);
});
afterAll(() => bench.close());

/** A model of the example; without `origin` where the preparation of a text is Millwright's own way. */
function nodeOf(name: string): ModelNode {
  const node = example.assets.find((asset) => asset.name === name);
  if (node?.kind !== "model") throw new Error(`the example has no model ${name}`);
  return name === "rain_logistic" ? node : { ...node, ignore: ["origin"] };
}

/** Where LightGBM's package finds OpenMP, which it leaves to the system. */
async function withOpenMP(program: string): Promise<NodeJS.ProcessEnv> {
  if (process.platform !== "linux") return process.env;
  const there = await execute(program, ["-c", "import ctypes; ctypes.CDLL('libgomp.so.1')"]).then(
    () => true,
    () => false,
  );
  return there ? process.env : { ...process.env, LD_LIBRARY_PATH: dirname(await fetchOpenMP()) };
}

test.each(["rain_logistic", "rain_xgboost", "rain_lightgbm"])(
  "%s has, to the last digit, the figures of the same library called by hand",
  async (name) => {
    const node = nodeOf(name);
    if (node.train.trainer !== "python") throw new Error(`${name} is not trained by Python`);
    const { requirements } = node.train;
    const { program } = await pythonEnvironment({ requirements, where: node.origin, signal: new AbortController().signal });
    process.env = await withOpenMP(program);
    const trained = await bench.train(node, { relation: "rain", from: folder });
    expect(trained.gate.accepted).toBe(true);

    // In the order of Millwright's own rows: sums of floats depend on it.
    const columns = node.ignore.includes("origin") ? "* EXCLUDE (time_hour, rain, origin), origin" : "* EXCLUDE (time_hour, rain)";
    const [rows, predictions] = [join(bench.folder(), "rows.parquet"), join(bench.folder(), "predictions.parquet")];
    await bench.connection.run(
      `COPY (SELECT time_hour, rain, ${columns} FROM rain WHERE rain IS NOT NULL ORDER BY ALL) TO '${rows}' (FORMAT parquet)`,
    );
    const { stdout } = await execute(program, [join(here, "by_hand.py"), name, rows, predictions], {
      env: { ...process.env, OMP_WAIT_POLICY: "PASSIVE" },
    });
    const found = (await bench.connection.runAndReadAll(`SELECT label, probability FROM '${predictions}'`)).getColumns();
    const [labels = [], probabilities = []] = found.map((column) => column.map(Number));
    const byHand = scores(labels, probabilities);
    expect(trained.metrics).toMatchObject(byHand);
    expect(byHand.auc).toBeCloseTo(Number(JSON.parse(stdout).auc), 12);
    expect(trained.metrics.parity.maximumDifference).toBeLessThan(1e-6);
  },
);
