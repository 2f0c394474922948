import { systemFacts } from "../../systems/catalogue/index.ts";
import { demandOf, stated } from "../demand.ts";
import type { Figure } from "../figure.ts";
import type { Part, PlanInput } from "../vocabulary.ts";

/** From this uptime on a part that answers requests must survive the loss of one of its replicas: one machine promises 99.5 % to 99.9 %. */
const redundantFrom = 0.999;

/** How many replicas there are beyond what the load needs. */
export interface Redundancy {
  readonly spare: Figure;
  /** However little there is to do. */
  readonly least: number;
  readonly formula: string;
}

/** Whether parts are to survive the loss of a machine: where uptime or zones ask for it, and there is more than one machine. */
export function isRedundant({ definition, environment }: PlanInput): boolean {
  const { place } = environment;
  if (place === null) return false;
  return place.zones > 1 || (demandOf(definition).uptime.value ?? 0) >= redundantFrom;
}

/** One replica more than the load needs, so that the loss of one leaves enough. */
export function redundancy(input: PlanInput): Redundancy {
  const name = "replicas that may fail";
  if (isRedundant(input)) {
    const why = (input.environment.place?.zones ?? 1) > 1 ? "it stands in several zones" : "of the uptime that is asked for";
    return { spare: stated(name, "count", 1, `one, because ${why}`), least: 2, formula: "replicas for the load + 1 that may fail" };
  }
  const none =
    input.environment.place === null
      ? "none: this is one machine"
      : "none: no uptime of 99.9 % or more is asked for, and it stands in one zone";
  return { spare: stated(name, "count", 0, none), least: 1, formula: "replicas for the load" };
}

/** Instances of a system that is not sized by its load: as many as make it survive the loss of one, where that is asked for. */
export function usualReplicas(input: PlanInput, { system }: Part): Figure {
  const instance = systemFacts.get(system)?.instance ?? null;
  if (instance === null || !isRedundant(input)) return stated("replicas", "count", 1, "one: nothing asks for more");
  return stated("replicas", "count", instance.redundant, "as many as make it survive the loss of one");
}
