import type { Parameters, SearchNode } from "../../define/node.ts";
import type { History } from "../trainer.ts";

/** What the rows that a fold held back gave: figure by name, null where it does not exist. */
export type FoldFigures = Readonly<Record<string, number | null>>;

/** A trial as it ended. */
export interface TrialOutcome {
  readonly folds: readonly FoldFigures[];
  /** What each fold's training reported as it went, thinned out. */
  readonly histories: readonly History[];
  /** Wall time of its trainings, one after the other. */
  readonly seconds: number;
  /** When the last of them ended, ISO 8601 in UTC. */
  readonly ended: string;
}

/** One set of parameters in one round of a search. */
export interface Trial extends TrialOutcome {
  /** From 1, in the order of the trials; the same set has the same number in every round. */
  readonly trial: number;
  /** From 1; more than one only in successive halving. */
  readonly round: number;
  /** What the search set; other parameters are the model's. */
  readonly parameters: Parameters;
  /** The share of each fold's rows that was trained on, the newest. */
  readonly share: number;
  /** Mean of the deciding figure over the folds; null where one of them does not have it. */
  readonly value: number | null;
}

/** Spans of the split column, both ends included, ISO 8601 in UTC. */
interface Span {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

/** What a search tried, and what came of it. */
export interface SearchReport extends Pick<SearchNode, "method" | "metric" | "better" | "seed"> {
  /** Of the last round. */
  readonly folds: readonly { readonly training: Span; readonly judged: Span }[];
  /** By round, then in the order of the trials. */
  readonly trials: readonly Trial[];
  /** The number of the best trial of the last round. */
  readonly best: number;
  readonly parameters: Parameters;
}

/** Steps of a figure that are kept of each fold: a search has many trainings. */
const keptSteps = 50;

/** About every so-manieth step of each figure, and always the last. */
export function thinned(history: History): History {
  return Object.fromEntries(
    Object.entries(history).map(([name, points]) => {
      const stride = Math.ceil(points.length / keptSteps);
      return [name, points.filter((_, index) => (points.length - 1 - index) % stride === 0)];
    }),
  );
}

/** The mean of a figure over folds, each counting the same; null where a fold does not have it. */
export function meanOf(metric: string, folds: readonly FoldFigures[]): number | null {
  const values = folds.map((figures) => figures[metric] ?? null).filter((value) => value !== null);
  return values.length < folds.length || folds.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Trials from the best to the worst; of equal ones the earlier is better, and those without a figure come last. */
export function ranked<T extends Pick<Trial, "trial" | "value">>(trials: readonly T[], better: SearchNode["better"]): T[] {
  const sign = better === "more" ? -1 : 1;
  return trials.toSorted((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null) || a.trial - b.trial;
    return sign * (a.value - b.value) || a.trial - b.trial;
  });
}

/** The report without what changes from run to run. */
export function lastingReport({ trials, ...report }: SearchReport): object {
  const lasting = trials.map(({ trial, round, parameters, share, value, folds }) => ({ trial, round, parameters, share, value, folds }));
  return { ...report, trials: lasting };
}
