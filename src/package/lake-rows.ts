import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ModelNode } from "../define/node.ts";
import { readModelFile } from "../registry/files.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { Session } from "../run/session.ts";
import { connect, openDuckDB, quoteLiteral } from "../systems/duckdb/connection.ts";
import { readTrainingData } from "../train/read.ts";
import { refuseImported, type CheckRows } from "./rows.ts";

/** Rows of the test period that a package is compared on, at most: the newest. */
const most = 10_000;

/**
 * A version's own test rows, read again from the lake at the snapshot that it was trained on.
 *
 * @throws MillwrightError `no-rows` for an imported model; what the engine throws where that snapshot is there no more.
 */
export async function testRows(session: Session, version: ModelVersion): Promise<CheckRows> {
  refuseImported(version);
  const { description, provenance } = version;
  const [[table, snapshot] = []] = Object.entries(provenance.inputs);
  if (table === undefined) throw new Error(`version ${version.version} of ${version.model} names no table`);
  const { split }: { split: ModelNode["split"] } = JSON.parse((await readModelFile(version, "model.json")).toString("utf8"));
  const engine = await session.engine();
  await mkdir(session.paths.staging, { recursive: true });
  const file = join(session.paths.staging, `package-${randomBytes(6).toString("hex")}.parquet`);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    await engine.exportParquet(`SELECT * FROM ${engine.relation(table, snapshot ?? null)}`, file);
    const relation = `SELECT * FROM read_parquet(${quoteLiteral(file)})`;
    const node = nodeOf(version, table, split);
    const { features, trainingRows, rows } = await readTrainingData(connection, relation, node, session.signal);
    return { columns: features, from: Math.max(trainingRows, rows - most), to: rows, origin: "test rows" };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(file, { force: true });
  }
  function nodeOf({ model }: ModelVersion, from: string, by: ModelNode["split"]): ModelNode {
    const origin = { file: version.directory, line: 1 };
    const features = description.inputs.map(({ name }) => name);
    return {
      kind: "model",
      name: model,
      origin,
      from,
      target: description.target,
      features,
      ignore: [],
      split: by,
      prepare: {},
      train: { trainer: "boosted-trees", parameters: {} },
      search: null,
      packaging: null,
      slices: [],
      accept: {},
      approval: null,
      retrain: null,
    };
  }
}
