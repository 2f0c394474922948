import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { ModelNode } from "../define/node.ts";
import { openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { definedEvents, type StepResult } from "../run/commit.ts";
import { crashPoint } from "../run/crash.ts";
import { inputSnapshots } from "../run/inputs.ts";
import type { Session } from "../run/session.ts";
import { connect, openDuckDB, quoteLiteral } from "../systems/duckdb/connection.ts";
import { describeCriterion } from "./accept.ts";
import { codeHash } from "./code.ts";
import { trainModel, type TrainedModel } from "./train.ts";

/**
 * Trains a model on its table's newest snapshot and registers it, unless that was done already. A model that misses
 * its gate is registered as rejected: the champion, and what it serves, stay as they are.
 */
export async function makeModel(session: Session, node: ModelNode): Promise<StepResult> {
  const began = performance.now();
  const definitionHash = contentHash(node);
  const inputs = inputSnapshots(session, [node.from], node);
  const registry = openRegistry(session.paths.models);
  try {
    const same = registry.list(node.name).find(({ provenance }) => provenance.definitionHash === definitionHash && contentHash(provenance.inputs) === contentHash(inputs));
    if (same !== undefined && !session.full) {
      // Registered by a run that was killed before it could tell the journal.
      if (!told(session, same)) tell(session, node, same, began);
      return { outcome: "unchanged", rows: null, detail: describe(same) };
    }
    const directory = join(session.paths.staging, `${node.name}-${session.run}`);
    await mkdir(directory, { recursive: true });
    const trained = await trainFromLake(session, node, inputs, directory);
    const { version, created } = registry.register({
      directory,
      files: trained.files,
      description: {
        model: node.name,
        target: node.target,
        trainer: trained.trainer,
        parameters: trained.parameters,
        inputs: trained.inputs,
        preparation: trained.preparation,
        periods: trained.periods,
        leftOut: trained.leftOut,
        metrics: trained.metrics,
        gate: trained.gate,
      },
      provenance: { inputs, definitionHash, codeHash: codeHash(), run: session.run, environment: session.environment.name },
    });
    tell(session, node, version, began);
    crashPoint("journal-written");
    await rm(directory, { recursive: true, force: true });
    return { outcome: version.version === 1 && created ? "created" : "updated", rows: null, detail: describe(version) };
  } finally {
    registry.close();
  }
}

/** The trainer's contract is Parquet in, files out: it knows neither engine nor lake. */
async function trainFromLake(session: Session, node: ModelNode, inputs: Readonly<Record<string, string>>, directory: string): Promise<TrainedModel> {
  const engine = await session.engine();
  const file = join(session.paths.staging, `${node.name}-${session.run}.parquet`);
  await engine.exportParquet(`SELECT * FROM ${engine.relation(node.from, inputs[node.from] ?? null)}`, file);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    return await trainModel({
      node,
      connection,
      relation: `SELECT * FROM read_parquet(${quoteLiteral(file)})`,
      directory,
      metadata: Object.fromEntries(Object.entries(inputs).map(([table, snapshot]) => [`millwright.snapshot.${table}`, snapshot])),
      progress: session.progress(node.name),
      signal: session.signal,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(file, { force: true });
  }
}

function eventType(status: ModelVersion["status"]): "model.registered" | "model.rejected" {
  return status === "accepted" ? "model.registered" : "model.rejected";
}

function told(session: Session, version: ModelVersion): boolean {
  return session.latest(eventType(version.status)).get(version.model)?.body["version"] === version.version;
}

function tell(session: Session, node: ModelNode, { model, version, status, description, provenance, content }: ModelVersion, began: number): void {
  const { auc, logLoss, brier, calibrationError } = description.metrics;
  session.journal.appendAll([
    ...definedEvents(session, node),
    {
      type: eventType(status),
      asset: model,
      run: session.run,
      body: {
        version,
        definition: provenance.definitionHash,
        inputs: provenance.inputs,
        content,
        rows: description.periods.training.rows,
        metrics: { auc, logLoss, brier, calibrationError },
        seconds: Math.round(performance.now() - began) / 1000,
      },
    },
  ]);
}

function describe({ version, status, description }: ModelVersion): string {
  const { auc } = description.metrics;
  const missed = description.gate.criteria.filter((criterion) => !criterion.met).map(describeCriterion);
  return `version ${version}, AUC ${auc === null ? "unknown" : auc.toFixed(3)}${status === "rejected" ? `, REJECTED: ${missed.join("; ")}; the champion stays` : ""}`;
}
