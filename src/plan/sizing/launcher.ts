import type { ModelNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import { acceleratorOf } from "../accelerator.ts";
import { stated } from "../demand.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import { planTraining } from "../training.ts";
import type { Part, PlanInput, SizedAccelerator, SizedPart } from "../vocabulary.ts";
import { largeModelOf } from "./large-model.ts";
import { runsPerDay, timesAWeek } from "./often.ts";

/** By these names other modules find the figures of training. */
export const launcherFigures: Readonly<Record<"runs" | "seconds" | "hours", string>> = Object.freeze({
  runs: "trainings a month",
  seconds: "seconds of a training",
  hours: "accelerator hours of a training",
});

const monthDays = 730 / 24;
const gibibyte = 2 ** 30;

/** What one training needs. */
interface Training {
  readonly model: string;
  readonly replicas: Figure;
  readonly cores: Figure;
  readonly memory: Figure;
  readonly accelerator: SizedAccelerator | null;
  readonly seconds: Figure;
  readonly often: Figure;
  readonly figures: readonly Figure[];
}

/** What training needs: the machines of the largest, for as long as all of them take in a month. */
export function sizeLauncher(input: PlanInput, part: Part): SizedPart {
  const models = input.definition.assets.filter((asset): asset is ModelNode => asset.kind === "model");
  const trainings = models.map((model) => trainingOf(input, model));
  const largest = trainings.toSorted((a, b) => size(b) - size(a))[0];
  const hours = trainings.map(({ model, seconds, often }) =>
    computed(
      `hours of training ${model}`,
      "hours",
      "seconds x trainings a month / 3600",
      [seconds, often],
      (time = 0, count = 0) => (time * count) / 3600,
    ),
  );
  const nothing = (name: string, unit: Figure["unit"]) => stated(name, unit, 0, "there is nothing to train");
  return Object.freeze<SizedPart>({
    part: part.id,
    replicas: largest?.replicas ?? nothing("replicas", "count"),
    cores: largest?.cores ?? nothing("cores", "count"),
    memory: largest?.memory ?? nothing("memory", "bytes"),
    accelerator: largest?.accelerator ?? null,
    storage: null,
    hours: computed("hours", "hours", "sum over the models", hours, (...all) => all.reduce((sum, one) => sum + one, 0)),
    figures: [
      ...(trainings.length === 0 ? [] : [together(trainings.map(({ often }) => often))]),
      ...trainings.flatMap(({ model, seconds, often, figures }) => [
        ...(trainings.length === 1 ? [] : [{ ...often, name: `of ${model} a month` }]),
        { ...seconds, name: `${launcherFigures.seconds} of ${model}` },
        ...figures,
      ]),
    ],
  });
}

function together(often: readonly Figure[]): Figure {
  const [one] = often;
  if (often.length === 1 && one !== undefined) return one;
  return computed(launcherFigures.runs, "count", "sum over the models", often, (...all) => all.reduce((sum, count) => sum + count, 0));
}

function size({ accelerator, replicas, cores }: Training): number {
  return (accelerator?.count.value ?? 0) * 1000 * (replicas.value ?? 1) + (cores.value ?? 0) * (replicas.value ?? 1);
}

function trainingOf(input: PlanInput, model: ModelNode): Training {
  const large = largeModelOf(model.train);
  const often = oftenOf(input, model);
  const resources = model.train.trainer === "python" ? model.train.resources : null;
  const measured = input.measurements.models[model.name];
  const seconds = measured?.seconds ?? unknown(launcherFigures.seconds, "seconds", `${model.name} was never trained: run millwright run`);
  if (large !== null && large.tokens !== null) return transformer(model, large.tokens, often, resources?.accelerators?.type ?? null);
  const accelerators = resources?.accelerators ?? null;
  const processes = resources?.processesPerNode ?? 1;
  const threads = resources?.threads ?? null;
  return {
    model: model.name,
    replicas: stated("replicas", "count", resources?.nodes ?? 1, resources === null ? "one process" : "nodes, as its resources say"),
    cores:
      threads === null
        ? (input.measurements.machine?.cores ?? stated("cores", "count", 4, "four: nothing says how many threads it takes"))
        : stated("cores", "count", processes * threads, "processes of a node x threads, as its resources say"),
    memory:
      resources?.memory == null ? memoryOf(input, model) : stated("memory", "bytes", processes * resources.memory, "as its resources say"),
    accelerator: accelerators === null ? null : declaredAccelerator(accelerators),
    seconds: { ...seconds, name: launcherFigures.seconds },
    often,
    figures: [],
  };
}

function declaredAccelerator({ type, count }: { readonly type: string; readonly count: number }): SizedAccelerator {
  return {
    type: acceleratorOf(type).name,
    count: stated("accelerators", "count", count, "of a node, as its resources say"),
    runnersUp: [],
  };
}

/** What is read at once: rows as typed arrays, with two copies and the library's own. */
function memoryOf({ measurements, columns }: PlanInput, { name, from }: ModelNode): Figure {
  const rows = measurements.models[name]?.rows ?? measurements.tables[from]?.rows ?? unknown("rows", "count", `${from} was never made`);
  const width = (columns[from] ?? []).length;
  if (rows.value === null || width === 0) return stated("memory", "bytes", 4 * gibibyte, "4 GiB: the rows are not known yet");
  return computed("memory", "bytes", "rows x columns x 8 bytes x 4 copies + 1 GiB, at least 2 GiB", [rows], (count = 0) =>
    Math.max(2 * gibibyte, gibibyte + count * width * 8 * 4),
  );
}

/** Trainings of a month: by its own schedule, by the platform's, or one. */
function oftenOf({ definition }: PlanInput, { retrain }: ModelNode): Figure {
  const name = launcherFigures.runs;
  const schedule = retrain?.schedule ?? null;
  if (schedule !== null)
    return computed(name, "count", `by its schedule '${schedule.text}'`, [], () => (timesAWeek(schedule) / 7) * monthDays);
  if (retrain !== null) return stated(name, "count", 1, "one: it is trained when drift or performance asks for it");
  if (definition.schedule === null) return stated(name, "count", 1, "one: no schedule is declared");
  return computed(name, "count", "each run that has new rows trains it", [runsPerDay(definition.schedule)], (runs = 0) => runs * monthDays);
}

/** Accelerators to compare a training on, the smallest first. */
const candidates = ["L4", "A10G", "L40S", "A100 SXM4 80GB", "H100 SXM5 80GB", "H200 SXM 141GB", "B200 SXM"] as const;
const perNode = 8;

/** A transformer by src/plan/training.ts: the fewest accelerators whose memory holds it; of the type that is asked for, else of the one that takes the fewest. */
function transformer(model: ModelNode, tokens: number, often: Figure, asked: string | null): Training {
  const large = largeModelOf(model.train);
  if (large === null) throw new Error(`${model.name} is no transformer`);
  const planned = (type: string) => {
    try {
      const plan = planTraining({
        parameters: large.parameters,
        totalParameters: large.totalParameters,
        tokens,
        accelerator: acceleratorOf(type),
        ...(large.sequence === null ? {} : { layout: { sequence: large.sequence } }),
      });
      return { type: acceleratorOf(type).name, plan, out: plan.fits ? null : "no layout holds it" };
    } catch (error) {
      if (!(error instanceof MillwrightError)) throw error;
      return { type, plan: null, out: error.problem.what };
    }
  };
  const all = [...new Set([...(asked === null ? [] : [asked]), ...candidates].map((type) => acceleratorOf(type).name))].map(planned);
  const fitting = all
    .filter(({ out }) => out === null)
    .toSorted(
      (a, b) =>
        (a.plan?.layout.accelerators ?? 0) - (b.plan?.layout.accelerators ?? 0) || (a.plan?.wallHours ?? 0) - (b.plan?.wallHours ?? 0),
    );
  const best = asked === null ? fitting[0] : all[0];
  if (best?.plan == null)
    throw new MillwrightError({
      code: "unknown-peak",
      what: best?.out ?? `no accelerator holds ${model.name}`,
      where: model.origin,
      fix: "ask for another accelerator",
    });
  const { plan } = best;
  const nodes = Math.ceil(plan.layout.accelerators / perNode);
  const each = Math.min(perNode, plan.layout.accelerators);
  const formula = `6 x parameters x tokens at ${(100 * plan.utilisation).toFixed(0)} % of the peak (docs/plan.md)`;
  const ranged = (figure: Figure, factor: number): Figure => ({ ...figure, range: [plan.range[0] * factor, plan.range[1] * factor] });
  return {
    model: model.name,
    replicas: stated(
      "replicas",
      "count",
      nodes,
      `nodes of ${each}: the fewest accelerators whose memory holds it, ${plan.layout.accelerators}`,
    ),
    cores: stated("cores", "count", each * 8, "8 for each accelerator (assumption)"),
    memory: stated("memory", "bytes", each * 64 * gibibyte, "64 GiB for each accelerator (assumption)"),
    accelerator: {
      type: best.type,
      count: stated("accelerators", "count", each, "of a node"),
      runnersUp: all
        .filter((one) => one !== best)
        .map(({ type, plan: other, out }) => ({
          type,
          because: out ?? `needs ${other?.layout.accelerators ?? 0} for ${Math.round(other?.wallHours ?? 0).toLocaleString("en-US")} hours`,
        })),
    },
    seconds: ranged(
      computed(launcherFigures.seconds, "seconds", formula, [], () => plan.wallHours * 3600),
      3600 / plan.layout.accelerators,
    ),
    often,
    figures: [
      ranged(
        computed(launcherFigures.hours, "hours", formula, [], () => plan.acceleratorHours),
        1,
      ),
    ],
  };
}
