import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { contentHash } from "../../define/canonical.ts";
import type { ModelNode, Parameters, SearchNode, TrainerNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import { gateFigures } from "../accept.ts";
import { codeHash } from "../code.ts";
import type { TrainingData } from "../columns.ts";
import type { History, ModelMetrics, Trainer, TrainRequest } from "../trainer.ts";
import { checkSearch, withParameters } from "./check.ts";
import { bytesOf, cutFold, foldsOf, type Fold } from "./folds.ts";
import { inParallel } from "./parallel.ts";
import { meanOf, ranked, thinned, type FoldFigures, type SearchReport, type Trial, type TrialOutcome } from "./report.ts";
import { roundsOf, trialsOf, type Round } from "./trials.ts";

/** Where a search finds the trials that an earlier one finished, and keeps its own; by a key of all that decides what a trial gives. */
export interface TrialBook {
  recall(key: string): TrialOutcome | null;
  /** Kept for good when it returns. */
  keep(key: string, trial: Trial): void;
}

export interface SearchRequest extends Omit<TrainRequest, "node"> {
  readonly node: ModelNode & { readonly search: SearchNode };
  readonly trainer: Trainer;
  readonly book: TrialBook;
}

interface Work extends SearchRequest {
  readonly parallel: number;
  readonly threadsEach: number;
  /** Trials of all rounds. */
  readonly total: number;
  done: number;
}

/** One set of parameters in a round. */
interface Candidate {
  readonly trial: number;
  readonly parameters: Parameters;
}

/**
 * Tries sets of parameters by cross-validation on the training rows, several at once, and says which is best. The test rows take no part.
 * The same rows, definition and seed come to the same report but for the times, whatever the threads, the load or how often the
 * search was ended and begun again. The data is left as it is.
 *
 * @throws MillwrightError where the search cannot be carried out, or a trial fails by what is the user's to mend.
 * @throws `signal.reason` when cancelled.
 */
export async function searchParameters(request: SearchRequest): Promise<SearchReport> {
  const { node, data } = request;
  checkSearch(node);
  const { search } = node;
  let candidates = trialsOf(search).map((parameters, index): Candidate => ({ trial: index + 1, parameters }));
  const rounds = roundsOf(search, candidates.length);
  const folds = rounds.map(({ share }) => foldsOf(node, data, search.folds, share)); // what cannot be learnt from is said before anything is tried
  const threadsEach = threadsOfOne(node.train);
  const parallel = search.parallel ?? measure(request, threadsEach ?? 1);
  const total = rounds.reduce((sum, round) => sum + round.trials, 0);
  const work: Work = {
    ...request,
    parallel,
    threadsEach: threadsEach ?? Math.max(1, Math.floor(request.threads / parallel)),
    total,
    done: 0,
  };
  const trials: Trial[] = [];
  let best: Trial | undefined;
  for (const [index, round] of rounds.entries()) {
    const tried = await tryRound(work, { ...round, number: index + 1, folds: folds[index] ?? [] }, candidates);
    trials.push(...tried);
    const order = ranked(tried, search.better);
    best = order[0];
    const kept = new Set(order.slice(0, rounds[index + 1]?.trials ?? 0).map(({ trial }) => trial));
    candidates = candidates.filter(({ trial }) => kept.has(trial));
  }
  if (best === undefined || best.value === null) throw noFigure(node);
  return {
    method: search.method,
    metric: search.metric,
    better: search.better,
    seed: search.seed,
    folds: (folds.at(-1) ?? []).map(({ from, start, end }) => ({ training: span(data, from, start), judged: span(data, start, end) })),
    trials,
    best: best.trial,
    parameters: best.parameters,
  };
}

async function tryRound(
  work: Work,
  round: Round & { readonly number: number; readonly folds: readonly Fold[] },
  candidates: readonly Candidate[],
): Promise<Trial[]> {
  const { node, book, progress } = work;
  const outcomes = new Map<number, TrialOutcome>();
  const report = (): void => progress.report({ done: work.done, total: work.total, unit: "trials" });
  const trialOf = ({ trial, parameters }: Candidate, outcome: TrialOutcome): Trial => ({
    trial,
    round: round.number,
    parameters,
    share: round.share,
    value: meanOf(node.search.metric, outcome.folds),
    ...outcome,
  });
  const tasks = candidates.flatMap((candidate) => {
    const key = keyOf(work, candidate, round.share);
    const known = book.recall(key);
    if (known !== null && known.folds.length === round.folds.length) {
      outcomes.set(candidate.trial, known);
      work.done++;
      return [];
    }
    const figures: FoldFigures[] = [];
    const histories: History[] = [];
    let left = round.folds.length;
    let seconds = 0;
    return round.folds.map((fold, index) => async (signal: AbortSignal) => {
      const began = performance.now();
      const metrics = await judge(work, candidate, fold, `${candidate.trial}-${round.number}-${index + 1}`, key, signal);
      figures[index] = gateFigures(metrics);
      histories[index] = thinned(metrics.history);
      seconds += (performance.now() - began) / 1000;
      left--;
      if (left > 0) return;
      const outcome = { folds: figures, histories, seconds, ended: new Date().toISOString() };
      book.keep(key, trialOf(candidate, outcome));
      outcomes.set(candidate.trial, outcome);
      work.done++;
      report();
    });
  });
  report();
  await inParallel(tasks, work.parallel, work.signal);
  return candidates.map((candidate) => {
    const outcome = outcomes.get(candidate.trial);
    if (outcome === undefined) throw new Error(`trial ${candidate.trial} of model ${node.name} came to nothing`);
    return trialOf(candidate, outcome);
  });
}

/** Trains one set of parameters on a fold, as the model itself is trained, and gives its figures on the rows held back. */
async function judge(work: Work, candidate: Candidate, fold: Fold, name: string, key: string, signal: AbortSignal): Promise<ModelMetrics> {
  const { node, data, trainer, workshop, metadata, threadsEach } = work;
  const directory = join(work.directory, "trials", name);
  const kept = join(workshop.kept, "trials", key, name);
  await mkdir(directory, { recursive: true });
  try {
    const fitted = await trainer.train({
      node: withParameters(node, candidate.parameters),
      data: cutFold(data, fold),
      directory,
      metadata: { ...metadata, "millwright.trial": key, "millwright.fold": `${fold.from}-${fold.start}-${fold.end}` },
      threads: threadsEach,
      workshop: { ...workshop, kept },
      progress: { report: () => undefined },
      signal,
    });
    await rm(kept, { recursive: true, force: true });
    return fitted.metrics;
  } catch (error) {
    if (!(error instanceof MillwrightError)) throw error;
    const parameters = Object.entries(candidate.parameters).map(([parameter, value]) => `${parameter} ${String(value)}`);
    const { what, ...rest } = error.problem;
    throw new MillwrightError(
      { ...rest, what: `trial ${candidate.trial} of the search (${parameters.join(", ")}): ${what}` },
      { cause: error },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A hash of all that decides what a trial gives: not the figure that the search goes by, nor how many other trials there are. */
function keyOf({ node, metadata }: Work, { parameters }: Candidate, share: number): string {
  const { name, from, target, features, ignore, split, prepare, search } = node;
  const { train } = withParameters(node, parameters);
  const definition = { name, from, target, features, ignore, split, prepare, train, folds: search.folds, share };
  return contentHash({ definition, metadata, code: codeHash() });
}

/** Threads that one training asks for by itself; null where it takes what it is given. */
function threadsOfOne(train: TrainerNode): number | null {
  return train.trainer === "python" ? train.resources.threads : null;
}

/** As many trainings as there are processors for, and as half of the free memory holds: each has its rows about three times. */
function measure({ node, data, threads }: SearchRequest, threadsEach: number): number {
  const { train } = node;
  if (train.trainer === "python" && (train.resources.nodes > 1 || train.resources.accelerators !== null)) return 1; // what the launcher's machines hold is not known here
  const processes = train.trainer === "python" ? train.resources.processesPerNode : 1;
  const memory = Math.floor(process.availableMemory() / 2 / (3 * Math.max(1, bytesOf(data))));
  return Math.max(1, Math.min(memory, Math.floor(threads / (threadsEach * processes))));
}

function span({ times }: TrainingData, from: number, to: number): { from: string; to: string; rows: number } {
  const instant = (row: number): string => new Date((times[row] ?? 0) / 1000).toISOString();
  return { from: instant(from), to: instant(to - 1), rows: to - from };
}

function noFigure(node: ModelNode & { readonly search: SearchNode }): MillwrightError {
  return new MillwrightError({
    code: "search-figure",
    what: `no trial of the search of model '${node.name}' has the figure '${node.search.metric}' in every fold`,
    where: node.origin,
    fix: "go by another metric, logLoss for one, which every trial has",
  });
}
