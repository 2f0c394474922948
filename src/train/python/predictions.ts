import { existsSync } from "node:fs";
import { join } from "node:path";
import { MillwrightError } from "../../error.ts";
import { connect, openDuckDB, quoteLiteral } from "../../systems/duckdb/connection.ts";
import type { PythonNode } from "./task.ts";

/** The files in which a script may leave its own predictions, and DuckDB's readers of them. */
export const predictionFiles: Readonly<Record<string, string>> = { "predictions.parquet": "read_parquet", "predictions.csv": "read_csv" };

/**
 * The script's own probability of 1 for every test row, in the order of test.parquet.
 *
 * @throws MillwrightError `script-predictions` when they are missing, are not one a row, or are no probabilities.
 */
export async function readPredictions(out: string, rows: number, node: PythonNode): Promise<Float64Array<ArrayBuffer>> {
  const refuse = (what: string, fix: string): MillwrightError =>
    new MillwrightError({
      code: "script-predictions",
      what: `${node.train.script} of model '${node.name}' ${what}`,
      where: node.origin,
      fix,
    });
  const name = Object.keys(predictionFiles).find((file) => existsSync(join(out, file)));
  const wanted =
    "write predictions.parquet or predictions.csv with the column probability: of 1, one for each row of test.parquet, in its order";
  if (name === undefined) throw refuse("left no predictions", wanted);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const from = `${predictionFiles[name]}(${quoteLiteral(join(out, name))})`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`).catch(() => null);
    const columns = described?.getRows().map(([column]) => String(column)) ?? [];
    if (!columns.includes("probability"))
      throw refuse(`left ${name} with ${columns.length === 0 ? "nothing readable" : `the columns ${columns.join(", ")}`}`, wanted);
    const result = await connection.runAndReadAll(`SELECT TRY_CAST(probability AS DOUBLE) FROM ${from}`);
    const values = Float64Array.from(result.getColumns()[0] ?? [], (value) => (value === null ? Number.NaN : Number(value)));
    if (values.length !== rows) throw refuse(`left ${values.length} predictions for ${rows} test rows`, wanted);
    const strange = values.findIndex((value) => !(value >= 0 && value <= 1));
    if (strange >= 0) throw refuse(`predicts ${values[strange]} in test row ${strange + 1}, which is no probability`, wanted);
    return values;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
