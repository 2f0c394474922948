import { trainingRuns, type TrainingRun } from "./catalogue/training-runs.ts";
import { trainingThroughput } from "./catalogue/training-throughput.ts";
import { fitUtilisation, median, tunedUtilisation, utilisationOf } from "./utilisation.ts";

/** How far off an estimate was: 1.3 means 30 % too high or too low. */
export interface Judged {
  readonly model: string;
  readonly estimate: number;
  readonly published: number;
  readonly factor: number;
}

/** Some estimates and how far off they were. */
export interface Accuracy {
  readonly rows: readonly Judged[];
  readonly median: number;
  /** Four of five lie within it. */
  readonly fourOfFive: number;
  readonly worst: number;
}

/** Each published run's utilisation, estimated from the runs of all other families. */
export function judgeTraining(): { readonly ours: Accuracy; readonly constant: Accuracy } {
  const judged = (estimate: (others: readonly TrainingRun[], run: TrainingRun) => number): Accuracy =>
    accuracyOf(
      trainingRuns.map((run) => {
        const others = trainingRuns.filter(({ family }) => family !== run.family);
        return { model: run.model, estimate: estimate(others, run), published: utilisationOf(run) };
      }),
    );
  return {
    ours: judged((others, run) => fitUtilisation(others).of(run.generation, run.parameters)),
    constant: judged((others) => Math.exp(median(others.map((run) => Math.log(utilisationOf(run)))))),
  };
}

/** The tables of tuned layouts against the fit that was made on them, and against one constant for each accelerator. */
export function judgeThroughput(): { readonly ours: Accuracy; readonly constant: Accuracy } {
  const rows = trainingThroughput.filter(({ generation }) => generation === "A100");
  const constant = median(rows.map((row) => row.utilisation));
  const judged = (estimate: (row: (typeof rows)[number]) => number) =>
    accuracyOf(rows.map((row) => ({ model: row.model, estimate: estimate(row), published: row.utilisation })));
  return { ours: judged((row) => tunedUtilisation(row.generation, row.parameters)), constant: judged(() => constant) };
}

/** How far off some estimates were. */
export function accuracyOf(rows: readonly Omit<Judged, "factor">[]): Accuracy {
  const judged = rows.map(({ model, estimate, published }) => ({
    model,
    estimate,
    published,
    factor: Math.max(estimate / published, published / estimate),
  }));
  const factors = judged.map(({ factor }) => factor).toSorted((a, b) => a - b);
  return {
    rows: judged,
    median: median(factors),
    fourOfFive: factors[Math.ceil(0.8 * factors.length) - 1] ?? Number.NaN,
    worst: factors.at(-1) ?? Number.NaN,
  };
}
