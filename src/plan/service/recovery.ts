import { systemFacts } from "../../systems/catalogue/index.ts";
import { demandOf, stated } from "../demand.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import { engineFigures } from "../sizing/engine.ts";
import { runsPerDay } from "../sizing/often.ts";
import { volumeFigures } from "../sizing/volume.ts";
import type { Part, PlanInput, Sizing } from "../vocabulary.ts";
import { replaced } from "./failures.ts";

/** Whether what a part keeps outlives the machine that everything else runs on. */
function outlives({ system, role, embedded }: Part): boolean {
  return (
    !embedded &&
    (role !== "lake" || (system !== "local" && system !== "hybrid")) &&
    (systemFacts.get(system)?.managed === true || systemFacts.get(system)?.instance !== null)
  );
}

/**
 * Seconds after the loss of the machine until predictions and tables are there again: a new machine, and what it has to make anew. Tables in a lake and catalog
 * of their own stay; the models lie beside the platform file and are trained again.
 */
export function recoveryTimeOf(input: PlanInput, parts: readonly Part[], sizing: Sizing): Figure {
  const { definition, measurements } = input;
  const survive = tablesSurvive(parts);
  if (!survive && demandOf(definition).volume.value !== null) return madeAgain(sizing);
  const machine = stated("a new machine", "seconds", replaced, "five minutes until a machine of a cloud runs (assumption)");
  const made = definition.assets.flatMap((asset): Figure[] => {
    if (asset.kind === "source" || asset.kind === "table")
      return survive ? [] : [measurements.tables[asset.name]?.seconds ?? unknown("seconds", "seconds", `${asset.name} was never made`)];
    if (asset.kind !== "model") return [];
    return [measurements.models[asset.name]?.seconds ?? unknown("seconds", "seconds", `${asset.name} was never trained`)];
  });
  const what = survive ? "training as measured" : "all tables and models made again, as measured with as much data as was there then";
  return computed("recovery time", "seconds", `a new machine + ${what}`, [machine, ...made], (...all) =>
    all.reduce((sum, one) => sum + one, 0),
  );
}

/** All that a year has brought, through all tables again. */
function madeAgain({ parts, figures }: Sizing): Figure {
  const name = "recovery time";
  const engine = parts.find(({ part }) => part === "engine");
  const raw = figures.find((figure) => figure.name === volumeFigures.rawKept);
  const rate = engine?.figures.find((figure) => figure.name === engineFigures.rate);
  if (engine === undefined || raw === undefined || rate === undefined) return unknown(name, "seconds", "nothing computes tables here");
  const factor = engine.figures.find((figure) => figure.name === engineFigures.factor);
  const formula =
    "lake or catalog go with the machine, and all that a year has brought is made again from the sources: bytes / (rate of a core x cores)";
  return computed(
    name,
    "seconds",
    formula,
    [raw, rate, engine.cores, engine.replicas, ...(factor === undefined ? [] : [factor])],
    (bytes = 0, each = 1, cores = 1, count = 1, times = 1) => replaced + (bytes * times) / (each * cores * count),
  );
}

/** How much of the newest data is lost with the machine, in seconds of its arrival. What the sources still have is read again, and not lost. */
export function recoveryPointOf({ definition }: PlanInput, parts: readonly Part[]): Figure {
  const name = "recovery point";
  if (!tablesSurvive(parts))
    return unknown(
      name,
      "seconds",
      "lake or catalog lie on the machine itself, and no copy elsewhere is declared: what the sources no longer have is lost",
    );
  if (definition.schedule === null) return unknown(name, "seconds", "no schedule is declared: nobody knows how long ago the last run was");
  return computed(
    name,
    "seconds",
    "the time between two runs: what came since the last one is read again where the source still has it",
    [runsPerDay(definition.schedule)],
    (runs = 1) => 86_400 / runs,
  );
}

function tablesSurvive(parts: readonly Part[]): boolean {
  const of = (role: Part["role"]) => parts.find((part) => part.role === role);
  const [lake, catalog] = [of("lake"), of("catalog")];
  return lake !== undefined && catalog !== undefined && outlives(lake) && outlives(catalog);
}
