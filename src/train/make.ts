import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { trainingHash } from "../define/made.ts";
import type { ModelNode } from "../define/node.ts";
import { describeOutcome } from "../package/outcome.ts";
import { challenger } from "../registry/aliases.ts";
import { modelEvent, tellAliases } from "../registry/event.ts";
import { champion, openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { definedEvents, type StepResult } from "../run/commit.ts";
import { crashPoint } from "../run/crash.ts";
import { inputSnapshots, sameInputs } from "../run/inputs.ts";
import type { Session } from "../run/session.ts";
import { newestModel } from "../run/standing.ts";
import { connect, openDuckDB, quoteLiteral } from "../systems/duckdb/connection.ts";
import { describeCriterion } from "./accept.ts";
import { compareWithChampion, describeAgainst, type Against } from "./against.ts";
import { codeHash } from "./code.ts";
import { journalBook } from "./search/book.ts";
import { trainModel, type TrainedModel } from "./train.ts";
import { openWorkshop } from "./workshop.ts";
import { secondsSince } from "../run/seconds.ts";

/**
 * Trains a model on its table's newest snapshot and registers it, unless that was done already. A model that misses
 * its gate, or is worse than the champion where `retrain` says when it is trained anew, is registered as rejected: the champion, and what it
 * serves, stay as they are.
 */
export async function makeModel(session: Session, node: ModelNode): Promise<StepResult> {
  const began = performance.now();
  const definitionHash = trainingHash(node);
  const inputs = inputSnapshots(session, [node.from], node);
  const registry = openRegistry(session.paths.models);
  try {
    const same = registry
      .list(node.name)
      .find(({ provenance }) => provenance.definitionHash === definitionHash && sameInputs(session, provenance.inputs, [node.from]));
    if (same !== undefined && !session.full) {
      if (told(session, same)) return { outcome: "unchanged", rows: null, detail: describe(same) };
      // The declaration is an earlier one's again: so is the model that serves.
      registry.restore(node.name, same.version, session.run);
      session.journal.appendAll([
        ...definedEvents(session, node),
        { ...modelEvent(same), run: session.run, time: new Date().toISOString() },
      ]);
      tellAliases(registry, session.journal);
      return { outcome: "updated", rows: null, detail: describe(same) };
    }
    const directory = join(session.paths.staging, `${node.name}-${session.run}`);
    await mkdir(directory, { recursive: true });
    const { trained, against } = await trainFromLake(session, node, inputs, directory, registry.get(node.name, champion));
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
        ...(against === null ? {} : { against }),
        approval: node.approval,
        search: trained.search,
        environment: trained.environment,
        packaging: trained.packaging,
      },
      ...(trained.log === null ? {} : { extra: { "training.log": trained.log } }),
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
    tellAliases(registry, session.journal);
    crashPoint("journal-written");
    // What a broken-off training goes on from is of use until here, and no longer.
    for (const done of [directory, keptOf(session, node)]) await rm(done, { recursive: true, force: true });
    return { outcome: version.version === 1 && created ? "created" : "updated", rows: null, detail: describe(version) };
  } finally {
    registry.close();
  }
}

/** Where what a training has reached is kept through a kill; staging is emptied by each run. */
function keptOf({ paths }: Session, node: ModelNode): string {
  return join(paths.state, "training", node.name);
}

/** The trainer's contract is Parquet in, files out: it knows neither engine nor lake. */
async function trainFromLake(
  session: Session,
  node: ModelNode,
  inputs: Readonly<Record<string, string>>,
  directory: string,
  best: ModelVersion | null,
): Promise<{ readonly trained: TrainedModel; readonly against: Against | null }> {
  const engine = await session.engine();
  const file = join(session.paths.staging, `${node.name}-${session.run}.parquet`);
  await engine.exportParquet(`SELECT * FROM ${engine.relation(node.from, inputs[node.from] ?? null)}`, file);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  const relation = `SELECT * FROM read_parquet(${quoteLiteral(file)})`;
  const workshop = openWorkshop(session.environment, session.paths.directory, keptOf(session, node));
  try {
    const trained = await trainModel({
      node,
      connection,
      relation,
      directory,
      metadata: Object.fromEntries(Object.entries(inputs).map(([table, snapshot]) => [`millwright.snapshot.${table}`, snapshot])),
      workshop,
      book: journalBook(session, node, inputs),
      progress: session.progress(node.name),
      signal: session.signal,
    });
    if (node.retrain === null || best === null) return { trained, against: null };
    const candidate = { onnx: new Uint8Array(await readFile(join(directory, "model.onnx"))), inputs: trained.inputs };
    const { margin } = node.retrain;
    return {
      trained,
      against: await compareWithChampion({ node, margin, champion: best, candidate, connection, relation, signal: session.signal }),
    };
  } finally {
    await workshop.close();
    connection.closeSync();
    instance.closeSync();
    await rm(file, { force: true });
  }
}

/** Whether the journal's newest word on the model is of this version. */
function told(session: Session, { model, version }: ModelVersion): boolean {
  return newestModel(model, session.latest)?.body["version"] === version;
}

function describe({ model, version, status, description, aliases }: ModelVersion): string {
  const { auc } = description.metrics;
  const { gate, against } = description;
  const missed = [
    ...gate.criteria.filter((criterion) => !criterion.met).map(describeCriterion),
    ...(against == null || against.lost === null ? [] : [describeAgainst(against)]),
  ];
  const waits = aliases.includes(challenger) && description.approval === "required";
  const more =
    status === "rejected"
      ? `, REJECTED: ${missed.join("; ")}; the champion stays`
      : waits
        ? `, waits for its approval: millwright model approve ${model}@${version} --because "..."`
        : "";
  const packaged = description.packaging ? `, ${describeOutcome(description.packaging)}` : "";
  return `version ${version}, AUC ${auc === null ? "unknown" : auc.toFixed(3)}${packaged}${more}`;
}
