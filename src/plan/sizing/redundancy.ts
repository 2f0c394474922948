import { systemFacts } from "../../systems/catalogue/index.ts";
import { demandOf, stated } from "../demand.ts";
import { computed, type Figure } from "../figure.ts";
import type { Part, PlanInput } from "../vocabulary.ts";

/** From this uptime on a part that answers requests must survive the loss of one of its replicas: one machine promises 99.5 % to 99.9 %. */
const redundantFrom = 0.999;

/** Whether parts are to survive the loss of a machine: where uptime or zones ask for it, and there is more than one machine. */
export function isRedundant({ definition, environment }: PlanInput): boolean {
  const { place } = environment;
  if (place === null) return false;
  return place.zones > 1 || (demandOf(definition).uptime.value ?? 0) >= redundantFrom;
}

/** Replicas by what the load needs: one more where the loss of a machine must leave enough, and in several zones as many as leave enough when one of them is lost. */
export function redundantReplicas(input: PlanInput, needed: Figure): Figure {
  const { place } = input.environment;
  if (!isRedundant(input)) {
    const why = place === null ? "this is one machine" : "no uptime of 99.9 % or more is asked for, and it stands in one zone";
    return computed("replicas", "count", `replicas for the load; none that may fail: ${why}`, [needed], (count = 0) => Math.max(1, count));
  }
  const zones = place?.zones ?? 1;
  if (zones === 1)
    return computed(
      "replicas",
      "count",
      "replicas for the load + 1 that may fail, of the uptime that is asked for",
      [needed],
      (count = 0) => Math.max(2, count + 1),
    );
  return computed("replicas", "count", `the fewest of which enough are left when one of ${zones} zones is lost`, [needed], (count = 0) => {
    let replicas = Math.max(2, count + 1);
    while (replicas - Math.ceil(replicas / zones) < count) replicas += 1;
    return replicas;
  });
}

/** Instances of a system that is not sized by its load: as many as make it survive the loss of one, where that is asked for. */
export function usualReplicas(input: PlanInput, { system }: Part): Figure {
  const instance = systemFacts.get(system)?.instance ?? null;
  if (instance === null || !isRedundant(input)) return stated("replicas", "count", 1, "one: nothing asks for more");
  return stated("replicas", "count", instance.redundant, "as many as make it survive the loss of one");
}
