import type { Journal, NewEvent } from "../run/journal.ts";
import { champion, type AliasChange } from "./aliases.ts";
import type { Registry } from "./registry.ts";
import type { ModelVersion } from "./version.ts";

/** The journal's words for a registered version; the same whether told at once or rebuilt from the registry later. */
export function modelEvent({
  model,
  version,
  status,
  description,
  provenance,
  content,
  created,
}: ModelVersion): NewEvent & { readonly time: string } {
  const { auc, logLoss, brier, calibrationError } = description.metrics;
  return {
    type: status === "accepted" ? "model.registered" : "model.rejected",
    asset: model,
    run: provenance.run,
    time: created,
    body: {
      version,
      definition: provenance.definitionHash,
      code: provenance.codeHash,
      inputs: provenance.inputs,
      content,
      trainer: description.trainer,
      parameters: description.parameters,
      environment: description.environment ?? null,
      // Nobody here knows on how many rows an imported one was trained.
      rows: description.imported == null ? description.periods.training.rows : null,
      metrics: { auc, logLoss, brier, calibrationError },
      ...(description.against == null ? {} : { against: description.against }),
      seconds: provenance.seconds,
    },
  };
}

/**
 * Tells the journal of every move of an alias that it does not know: what a process that was killed did not tell, or all when the journal
 * was lost. Several processes may do so at once; each move is told once.
 */
export function tellAliases(registry: Registry, journal: Journal): void {
  registry.exclusively(() => {
    const told = new Set(
      [...journal.events({ type: "model.aliased" }), ...journal.events({ type: "model.approved" })].map(
        ({ body, time }) => `${String(body["change"])} ${time}`,
      ),
    );
    const changes = registry.changes();
    const untold = changes.filter(({ change, time }) => !told.has(`${change} ${time}`));
    journal.appendAll(untold.map((change) => aliasEvent(registry, changes, change)));
  });
}

/** The journal's words for a move of an alias, with the champion and its content as they were after it. */
function aliasEvent(registry: Registry, changes: readonly AliasChange[], change: AliasChange): NewEvent {
  const { time, model, run, ...body } = change;
  const version = championAfter(changes, change);
  const content = version === null ? null : (registry.get(model, version)?.content ?? null);
  return {
    type: change.cause === "approved" && change.version !== null ? "model.approved" : "model.aliased",
    asset: model,
    time,
    ...(run === null ? {} : { run }),
    body: { ...body, champion: version, content },
  };
}

function championAfter(changes: readonly AliasChange[], { model, change }: AliasChange): number | null {
  const moves = changes.filter((one) => one.model === model && one.alias === champion);
  const last = moves.findLast((one) => one.change <= change);
  return last === undefined ? (moves[0]?.previous ?? null) : last.version;
}
