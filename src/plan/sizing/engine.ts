import { systemFacts } from "../../systems/catalogue/index.ts";
import { roundedUp, stated } from "../demand.ts";
import { comparisonSource, engineComparisons } from "../catalogue/engine-comparison.ts";
import { expectedSeconds } from "../engine-advice.ts";
import { engineRates } from "../engine-rates.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import { median } from "../utilisation.ts";
import type { Part, PlanInput, SizedPart } from "../vocabulary.ts";
import { usualReplicas } from "./redundancy.ts";
import { rawBytes, type Volume } from "./volume.ts";

/** By these names other modules find the figures of an engine's sizing. */
export const engineFigures: Readonly<Record<"rate" | "cores" | "most" | "factor", string>> = Object.freeze({
  rate: "raw bytes that a core takes through all tables",
  cores: "cores for what arrives",
  most: "cores of the largest machine",
  factor: "cores against the measured engine",
});

/** No engine is to be busy for more of the day: late data, repeated runs and maintenance need room. */
const headroom = 0.7;
const daySeconds = 86_400;
const monthDays = 730 / 24;
const gibibyte = 2 ** 30;
/** DuckDB's own advice for joins and aggregations: 3 to 4 GB for each thread (duckdb.org/docs, guides/performance/environment). */
const memoryOfCore = 4 * gibibyte;
/** Of one machine that the clouds rent: m7i.48xlarge. */
const largest = 192;

/** What computing the tables needs: cores by the measured rate of their last making against what arrives. */
export function sizeEngine(input: PlanInput, part: Part, volume: Volume): SizedPart {
  const work = workOf(input, volume);
  return part.system === "duckdb" ? oneMachine(part, work, volume) : cluster(input, part, work);
}

interface Work {
  /** Raw bytes a second of one core. */
  readonly rate: Figure;
  readonly cores: Figure;
  readonly steps: readonly Figure[];
}

/**
 * Cores that are busy for at most 0.7 of the day with what arrives on one. The rate is that of the tables as they were last made, all together, in the time in
 * which any of them was being made: an under-estimate where they are small, because each step has a start of its own.
 */
function workOf(input: PlanInput, volume: Volume): Work {
  const { definition, measurements } = input;
  const names = definition.assets.filter(({ kind }) => kind === "source" || kind === "table").map(({ name }) => name);
  const sources = definition.assets.filter(({ kind }) => kind === "source").map(({ name }) => name);
  const seconds = names.flatMap((name) => measurements.tables[name]?.seconds ?? []);
  const machine = measurements.machine?.cores ?? unknown("cores", "count", "no run told on how many cores it ran: run millwright run");
  const busy = computed(
    "seconds in which tables were made",
    "seconds",
    "of all tables; what was made side by side counts once",
    seconds,
    (...times) =>
      together(
        seconds.map(({ origin }, index) => [origin.kind === "measured" ? Date.parse(origin.time) / 1000 : Number.NaN, times[index] ?? 0]),
      ),
  );
  const rate = computed(
    engineFigures.rate,
    "bytes/second",
    "raw bytes / seconds in which tables were made / cores of the machine",
    [rawBytes(input, sources), machine, busy],
    (raw = 0, count = 1, time = 1) => raw / Math.max(1e-3, time) / count,
  );
  const cores = computed(
    engineFigures.cores,
    "count",
    `data a day / rate of a core / (${headroom} x 86,400 s)`,
    [volume.perDay, rate],
    (bytes = 0, each = 1) => bytes / each / (headroom * daySeconds),
  );
  return { rate, cores, steps: [rate, cores] };
}

/** Length of a union of spans, each by its end and its length. Spans whose end is not known count by themselves. */
export function together(spans: readonly (readonly [end: number, length: number])[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [end, length] of spans.toSorted(([a, b], [c, d]) => a - b - (c - d))) {
    if (Number.isNaN(end)) total += length;
    else {
      total += Math.max(0, end - Math.max(reached, end - length));
      reached = Math.max(reached, end);
    }
  }
  return total;
}

function oneMachine(part: Part, { cores, steps }: Work, volume: Volume): SizedPart {
  const needed: Figure =
    volume.perDay.value === null
      ? stated("cores", "count", 2, "two: no requirement says how much data arrives")
      : computed("cores", "count", "rounded up, at least 2", [cores], (count = 0) => Math.max(2, roundedUp(count)));
  return Object.freeze<SizedPart>({
    part: part.id,
    replicas: stated("replicas", "count", 1, "one: DuckDB computes on one machine"),
    cores: needed,
    memory: computed("memory", "bytes", "4 GiB for each core", [needed], (count = 0) => count * memoryOfCore),
    accelerator: null,
    storage: null,
    hours: stated("hours", "hours", 730, "it is always there: it starts the runs"),
    figures: [...steps, stated(engineFigures.most, "count", largest, "m7i.48xlarge and the like")],
  });
}

function cluster(input: PlanInput, part: Part, { cores, steps }: Work): SizedPart {
  const instance = systemFacts.get(part.system)?.instance ?? { cores: 4, memory: 16, redundant: 2 };
  const asMeasured = input.measurements.machine?.engine === part.system;
  const factor = asMeasured ? stated(engineFigures.factor, "count", 1, "it was measured itself") : againstDuckDB(part);
  const needed = computed(
    "cores of the cluster",
    "count",
    "cores for what arrives x cores against the measured engine",
    [cores, factor],
    (count = 0, times = 1) => count * times,
  );
  const least = usualReplicas(input, part);
  const executors: Figure =
    needed.value === null
      ? needed
      : computed(
          "replicas",
          "count",
          `cores of the cluster / ${instance.cores} of an executor, rounded up`,
          [needed, least],
          (count = 0, few = 1) => Math.max(few, roundedUp(count / instance.cores)),
        );
  const streaming = input.definition.requirements.some(({ name, value }) => name === "data" && value === "streaming");
  return Object.freeze<SizedPart>({
    part: part.id,
    replicas: executors.value === null ? { ...executors, name: "replicas" } : executors,
    cores: stated("cores", "count", instance.cores, "of an executor: the usual size"),
    memory: stated("memory", "bytes", instance.memory * gibibyte, "of an executor: the usual size"),
    accelerator: null,
    storage: null,
    hours: streaming
      ? stated("hours", "hours", 730, "data arrives all the time")
      : computed(
          "hours",
          "hours",
          `${headroom} of the day x days of a month: it is stopped when a run is over`,
          [],
          () => headroom * 24 * monthDays,
        ),
    figures: [...steps, factor, needed],
  });
}

/**
 * Cores that an engine needs for each of DuckDB's: Spark's by the benchmark `scale` at its largest size, or where that was not kept by the median of published results,
 * which lie 4.0 to 5.1 apart by machine, and 2.2 to 11.5 by query.
 */
function againstDuckDB({ system, title }: Part): Figure {
  const name = engineFigures.factor;
  if (system !== "spark") return unknown(name, "count", `${title} was never measured against DuckDB here`);
  const rows = Math.max(
    0,
    ...engineRates.points.filter(({ engine, state }) => engine === "spark" && state === "warm").map((point) => point.rows),
  );
  const [alone, spark] = [expectedSeconds(rows, "duckdb", engineRates), expectedSeconds(rows, "spark", engineRates)];
  if (alone !== null && spark !== null) {
    const formula = `seconds of Spark / seconds of DuckDB for ${rows.toLocaleString("en-US")} rows on ${engineRates.machine.cores} cores, measured ${engineRates.date}`;
    return computed(name, "count", formula, [], () => Math.max(1, spark / alone));
  }
  const ratios = engineComparisons.map((one) => one.spark / one.duckdb).toSorted((a, b) => a - b);
  return Object.freeze<Figure>({
    name,
    value: median(ratios),
    unit: "count",
    range: [ratios[0] ?? Number.NaN, ratios.at(-1) ?? Number.NaN],
    origin: {
      kind: "catalogue",
      row: `engine-comparison: ${engineComparisons.map(({ machine }) => machine).join(", ")}`,
      ...comparisonSource,
    },
  });
}
