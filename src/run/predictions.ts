import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import { createStage } from "../extract/stage.ts";
import { readHead } from "../lake/catalog/heads.ts";
import type { PredictionWrite } from "../monitor/prediction-log.ts";
import { connect, openDuckDB } from "../systems/duckdb/connection.ts";
import type { Engine } from "../systems/roles.ts";
import type { StatePaths } from "./state.ts";

export interface PredictionStore {
  readonly engine: Engine;
  readonly paths: StatePaths;
  readonly namespace: string;
  /** Of the serving process. */
  readonly run: string;
}

/**
 * Stores a micro-batch of predictions in the lake's table `<endpoint>_predictions`. A batch that comes again, because the
 * reply to its first commit was lost, is merged by `prediction_id` and so stored once.
 */
export async function appendPredictions(
  { engine, paths, namespace, run }: PredictionStore,
  { endpoint, columns, rows, repeated }: PredictionWrite,
): Promise<void> {
  const table = `${endpoint}_predictions`;
  const began = performance.now();
  // Not under `staging`: a run empties that when it begins.
  const directory = join(paths.state, "predictions", `${table}-${run}-${Math.round(began)}`);
  await mkdir(directory, { recursive: true });
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const stage = await createStage({ connection, directory, columns, signal: new AbortController().signal });
    await stage.rows(rows);
    const { files } = await stage.finish();
    const first = readHead(paths.state, namespace, table) === null;
    const staged = await engine.staged(files);
    await engine.write({
      table,
      columns,
      mode: first ? "replace" : repeated ? "merge" : "append",
      key: ["prediction_id"],
      query: `SELECT * FROM ${staged.relation}`,
      rejected: null,
      note: { run, definition: contentHash({ endpoint, columns }), inputs: {}, position: null, fingerprint: null, fitted: null },
      began,
    });
    await staged.drop();
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true, force: true });
  }
}
