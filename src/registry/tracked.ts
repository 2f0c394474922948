import type { JournalEvent } from "../run/journal.ts";
import type { PublishedModel, TrackedRun } from "../systems/roles.ts";
import { gateFigures } from "../train/accept.ts";
import type { Trial } from "../train/search/report.ts";
import type { ModelVersion } from "./version.ts";

/** The id of a training of a run, as trackers know it: a run may train several models. */
function trainingId(run: string, model: string): string {
  return `${run}-${model}`;
}

/** A version's training and the trials of its search, as trackers keep them. */
export function trackedRuns({
  model,
  version,
  status,
  files,
  directory,
  created,
  description,
  provenance,
  content,
}: ModelVersion): TrackedRun[] {
  const { metrics, parameters, trainer, target, periods, search, environment } = description;
  const id = trainingId(provenance.run, model);
  const history = metrics.history ?? { validationLoss: (metrics.validationLoss ?? []).map((value, step) => ({ step: step + 1, value })) };
  const series = Object.entries(history)
    .filter(([, points]) => points.length > 0)
    .map(([name, points]) => [name, points.map((point) => ({ ...point, time: created }))] as const);
  const training: TrackedRun = {
    id,
    experiment: model,
    name: `${model} version ${version}`,
    parent: null,
    outcome: "succeeded",
    started: before(created, provenance.seconds ?? 0),
    ended: created,
    parameters,
    metrics: { ...Object.fromEntries(series), ...single(gateFigures(metrics), created) },
    tags: {
      "millwright.version": String(version),
      "millwright.status": status,
      "millwright.content": content,
      "millwright.definition": provenance.definitionHash,
      "millwright.code": provenance.codeHash,
      "millwright.environment": provenance.environment,
      "millwright.trainer": trainer,
      "millwright.target": target,
      "millwright.training": `${periods.training.rows} rows, ${periods.training.from} to ${periods.training.to}`,
      "millwright.test": `${periods.test.rows} rows, ${periods.test.from} to ${periods.test.to}`,
      ...Object.fromEntries(Object.entries(provenance.inputs).map(([table, snapshot]) => [`millwright.snapshot.${table}`, snapshot])),
      ...(environment == null ? {} : { "millwright.python": environment.python, "millwright.packages": environment.packages.join(" ") }),
    },
    files: { directory, names: [...Object.keys(files), "card.md"] },
  };
  const trials = (search?.trials ?? []).map((trial) => trackedTrial(model, id, search?.metric ?? "", trial));
  return [training, ...trials];
}

function trackedTrial(experiment: string, parent: string, metric: string, trial: Trial): TrackedRun {
  const name = `trial ${trial.trial}${trial.round > 1 || trial.share < 1 ? `, round ${trial.round}` : ""}`;
  const names = [...new Set(trial.folds.flatMap((figures) => Object.keys(figures)))];
  const folds = names.map((figure) => [
    `fold.${figure}`,
    trial.folds.flatMap((figures, index) => {
      const value = figures[figure] ?? null;
      return value === null ? [] : [{ step: index + 1, value, time: trial.ended }];
    }),
  ]);
  const steps = trial.histories.flatMap((history, index) =>
    Object.entries(history).map(([figure, points]) => [
      `fold${index + 1}.${figure}`,
      points.map((point) => ({ ...point, time: trial.ended })),
    ]),
  );
  return {
    id: `${parent}-trial-${trial.trial}-${trial.round}`,
    experiment,
    name,
    parent,
    outcome: "succeeded",
    started: before(trial.ended, trial.seconds),
    ended: trial.ended,
    parameters: trial.parameters,
    metrics: { ...Object.fromEntries(steps), ...Object.fromEntries(folds), ...single({ [metric]: trial.value }, trial.ended) },
    tags: { "millwright.trial": String(trial.trial), "millwright.round": String(trial.round), "millwright.share": String(trial.share) },
    files: null,
  };
}

/** A training that came to nothing, as the journal has it; null where its event is of something else. */
export function failedRun({ asset, run, time, body }: JournalEvent): TrackedRun | null {
  if (asset === null || run === null) return null;
  const seconds = typeof body["seconds"] === "number" ? body["seconds"] : 0;
  const reason = typeof body["reason"] === "string" ? body["reason"].slice(0, 1000) : "unknown";
  return {
    id: trainingId(run, asset),
    experiment: asset,
    name: `${asset}, failed`,
    parent: null,
    outcome: "failed",
    started: before(time, seconds),
    ended: time,
    parameters: {},
    metrics: {},
    tags: { "millwright.reason": reason },
    files: null,
  };
}

/** A version as it goes to another registry. */
export function publishedModel({
  model,
  version,
  status,
  files,
  directory,
  aliases,
  description,
  provenance,
  content,
}: ModelVersion): PublishedModel {
  return {
    model,
    version,
    run: trainingId(provenance.run, model),
    directory,
    files: Object.keys(files),
    description: `The probability that ${description.target} is 1 (or true), trained by ${description.trainer}.`,
    tags: { "millwright.version": String(version), "millwright.status": status, "millwright.content": content },
    aliases,
  };
}

function single(figures: Readonly<Record<string, number | null>>, time: string): TrackedRun["metrics"] {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) => (value === null ? [] : [[name, [{ step: 0, value, time }]]])),
  );
}

function before(time: string, seconds: number): string {
  return new Date(Date.parse(time) - seconds * 1000).toISOString();
}
