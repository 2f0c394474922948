import { computed, unknown, type Figure, type FigureUnit } from "../figure.ts";
import type { Part, PlanInput, SizedPart, Sizing } from "../vocabulary.ts";
import type { Entry } from "./bill.ts";
import { sharedPart } from "./owned.ts";
import { brief } from "./money.ts";
import { demandOf } from "./quantity.ts";

/** What is asked of each thing that a platform makes: money, energy or carbon, by the month. */
export interface Shares {
  readonly perInference: Figure;
  readonly perTrainingRun: Figure;
}

/** Reads what a line of a bill takes: its cost, or its energy. */
export type Reading = (entry: Entry) => Figure | null;

const serving: readonly Part["role"][] = ["server", "proxy", "cache"];
const flowing: readonly Part["role"][] = ["broker", "orchestrator", "engine", "lake", "catalog", "warehouse"];

/** The sum of what the lines of parts in these roles take: unknown when one is. */
export function sumOf(name: string, unit: FigureUnit, entries: readonly Entry[], parts: readonly Part[] | null, reading: Reading): Figure {
  const ids = parts?.map(({ id }) => id);
  const figures = entries.flatMap((one) => {
    const figure = ids === undefined || ids.includes(one.line.part) ? reading(one) : null;
    return figure === null ? [] : [brief(figure)];
  });
  return computed(name, unit, "sum of the lines", figures, (...values) => values.reduce((sum, value) => sum + value, 0));
}

/** What parts in these roles take, with their share of the lines that belong to no part (people, electricity): as their own lines are to all parts' lines. */
function withShare(what: string, unit: FigureUnit, entries: readonly Entry[], parts: readonly Part[], reading: Reading): Figure {
  const common = entries.filter(({ line }) => line.part === sharedPart);
  const own = sumOf(what, unit, entries, parts, reading);
  if (!common.some((one) => reading(one) !== null)) return own;
  const others = entries.filter(({ line }) => line.part !== sharedPart);
  const figures = [own, sumOf("of all parts", unit, others, null, reading), sumOf("of what they share", unit, common, null, reading)];
  return computed(what, unit, "own x (1 + shared / all parts')", figures, (mine = 0, all = 1, shared = 0) =>
    all === 0 ? 0 : mine * (1 + shared / all),
  );
}

/** Of an inference: what serving takes (server, proxy, cache), by the inferences of a month. Of a training run: what the launcher takes, by its runs. */
export function sharesOf(
  what: string,
  unit: FigureUnit,
  input: PlanInput,
  parts: readonly Part[],
  sizing: Sizing,
  entries: readonly Entry[],
  reading: Reading,
): Shares {
  const of = (...roles: readonly Part["role"][]) => parts.filter(({ role }) => roles.includes(role));
  const servers = of("server");
  const launchers = of("launcher");
  const { inferences } = demandOf(input, sizing);
  const runs = runsOf(input, sizing, launchers);
  const perInference =
    servers.length === 0
      ? unknown(`${what} of an inference`, unit, "there is no endpoint")
      : computed(
          `${what} of an inference`,
          unit,
          "serving (server, proxy, cache) / inferences in a month",
          [withShare(`${what} of serving`, unit, entries, of(...serving), reading), inferences],
          (all = 0, count = 1) => all / count,
        );
  const perTrainingRun =
    launchers.length === 0
      ? unknown(`${what} of a training run`, unit, "nothing is trained")
      : computed(
          `${what} of a training run`,
          unit,
          "training / training runs in a month",
          [withShare(`${what} of training`, unit, entries, launchers, reading), runs],
          (all = 0, count = 1) => all / count,
        );
  return Object.freeze<Shares>({ perInference, perTrainingRun });
}

/** What the way of the data takes (broker, orchestrator, engine, lake, catalog, warehouse), by the terabytes that arrive. */
export function perTerabyteOf(
  input: PlanInput,
  parts: readonly Part[],
  sizing: Sizing,
  entries: readonly Entry[],
  reading: Reading,
): Figure {
  const way = parts.filter(({ role }) => flowing.includes(role));
  return computed(
    "cost of a terabyte that arrives",
    "USD",
    "data's way (broker, orchestrator, engine, lake, catalog, warehouse) / terabytes that arrive in a month",
    [withShare("cost of the data's way", "USD", entries, way, reading), demandOf(input, sizing).arriving],
    (all = 0, bytes = 1) => all / (bytes / 1e12),
  );
}

/** Trainings in a month: as the sizing says, else the launcher's hours by what the trainings took together when they were measured. */
function runsOf({ measurements }: PlanInput, sizing: Sizing, launchers: readonly Part[]): Figure {
  const sized: SizedPart | undefined = sizing.parts.find(({ part }) => launchers.some(({ id }) => id === part));
  const name = "training runs in a month";
  const said = [...(sized?.figures ?? []), ...sizing.figures].find(
    (figure) => /(training )?runs|trainings/i.test(figure.name) && figure.unit === "count",
  );
  if (said !== undefined) return said;
  const seconds = Object.values(measurements.models).map((model) => model.seconds);
  if (sized === undefined || seconds.length === 0) return unknown(name, "count", "nothing says how often or how long is trained");
  return computed(
    name,
    "count",
    "hours of training / hours that the trainings took when they were measured",
    [sized.hours, ...seconds],
    (hours = 0, ...each) => {
      const run = each.reduce((sum, value) => sum + value, 0) / 3600;
      return hours / run;
    },
  );
}
