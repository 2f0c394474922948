import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { ModelNode } from "../define/node.ts";
import { modelEvent } from "../registry/event.ts";
import { champion, openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { definedEvents, type StepResult } from "../run/commit.ts";
import { crashPoint } from "../run/crash.ts";
import { inputSnapshots, sameInputs } from "../run/inputs.ts";
import type { Session } from "../run/session.ts";
import { newestModel } from "../run/standing.ts";
import { connect, openDuckDB, quoteLiteral } from "../systems/duckdb/connection.ts";
import { describeCriterion } from "./accept.ts";
import { codeHash } from "./code.ts";
import { trainModel, type TrainedModel } from "./train.ts";
import { secondsSince } from "../run/seconds.ts";

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
    const same = registry
      .list(node.name)
      .find(({ provenance }) => provenance.definitionHash === definitionHash && sameInputs(session, provenance.inputs, [node.from]));
    if (same !== undefined && !session.full) {
      if (told(session, same)) return { outcome: "unchanged", rows: null, detail: describe(same) };
      // The declaration is an earlier one's again: so is the model that serves.
      if (same.status === "accepted" && !same.aliases.includes(champion)) registry.alias(node.name, champion, same.version);
      session.journal.appendAll([
        ...definedEvents(session, node),
        { ...modelEvent(same), run: session.run, time: new Date().toISOString() },
      ]);
      return { outcome: "updated", rows: null, detail: describe(same) };
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
      provenance: {
        inputs,
        definitionHash,
        codeHash: codeHash(),
        run: session.run,
        environment: session.environment.name,
        seconds: secondsSince(began),
      },
    });
    session.journal.appendAll([
      ...definedEvents(session, node),
      created ? modelEvent(version) : { ...modelEvent(version), run: session.run, time: new Date().toISOString() },
    ]);
    crashPoint("journal-written");
    await rm(directory, { recursive: true, force: true });
    return { outcome: version.version === 1 && created ? "created" : "updated", rows: null, detail: describe(version) };
  } finally {
    registry.close();
  }
}

/** The trainer's contract is Parquet in, files out: it knows neither engine nor lake. */
async function trainFromLake(
  session: Session,
  node: ModelNode,
  inputs: Readonly<Record<string, string>>,
  directory: string,
): Promise<TrainedModel> {
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

/** Whether the journal's newest word on the model is of this version. */
function told(session: Session, { model, version }: ModelVersion): boolean {
  return newestModel(model, session.latest)?.body["version"] === version;
}

function describe({ version, status, description }: ModelVersion): string {
  const { auc } = description.metrics;
  const missed = description.gate.criteria.filter((criterion) => !criterion.met).map(describeCriterion);
  return `version ${version}, AUC ${auc === null ? "unknown" : auc.toFixed(3)}${status === "rejected" ? `, REJECTED: ${missed.join("; ")}; the champion stays` : ""}`;
}
