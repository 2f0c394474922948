import { systemFacts } from "../../systems/catalogue/index.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import { serverFigures } from "../sizing/server.ts";
import type { Part, PlanInput, SizedPart } from "../vocabulary.ts";
import { machinePromises, promised } from "./promises.ts";

/**
 * The probability that at least `needed` of `count` independent machines work, each with `share`: sum over i of C(count, i) share^i (1 - share)^(count - i).
 * One of several is 1 - (1 - share)^count.
 */
export function atLeast(needed: number, count: number, share: number): number {
  let sum = 0;
  let combinations = 1;
  for (let working = count; working >= needed; working--) {
    sum += combinations * share ** working * (1 - share) ** (count - working);
    combinations = (combinations * working) / (count - working + 1);
  }
  return Math.min(1, sum);
}

/** The share of a month in which a part answers, by what its provider or that of its machines promises; unknown where nobody promises anything. */
export function availabilityOf({ environment }: PlanInput, part: Part, sized: SizedPart | undefined): Figure {
  const name = `availability of ${part.title}`;
  const facts = systemFacts.get(part.system);
  if (facts?.promised != null) {
    return promised(name, facts.promised.availability, `systems/${part.system}`, facts.promised);
  }
  if (facts?.managed === true) return unknown(name, "share", `no source says what the provider of ${part.title} promises`);
  const { place } = environment;
  if (place === null)
    return unknown(
      name,
      "share",
      `environment '${environment.name}' does not say where it stands (place), and nobody promises anything of this machine`,
    );
  const promise = machinePromises[place.provider];
  if (promise === null)
    return unknown(
      name,
      "share",
      place.provider === "owned"
        ? "nobody promises anything of one's own machines"
        : `no source says what ${place.provider} promises of its machines`,
    );
  const single = promised("availability of one machine", promise.single, `${place.provider}/machine`, promise);
  const zones = promised("availability of machines in several zones", promise.zones, `${place.provider}/zones`, promise);
  const balancer = promised("availability of a load balancer", promise.balancer, `${place.provider}/load balancer`, promise);
  const replicas = sized?.replicas ?? unknown("replicas", "count", "it was not sized");
  const needed =
    sized?.figures.find((figure) => figure.name === serverFigures.needed) ??
    computed("replicas that are needed", "count", "one", [], () => 1);
  return computed(
    name,
    "share",
    `at least as many of the replicas as are needed work (binomial, independent machines), at most what is promised ${place.zones > 1 ? `of ${place.zones} zones` : "of one machine: they share their zone"}; several replicas behind their provider's load balancer`,
    [single, zones, balancer, replicas, needed],
    (one = 0, several = 0, balance = 1, count = 1, least = 1) => {
      const machines = Math.max(1, count);
      // With a zone goes its share of the replicas.
      const survives = place.zones > 1 && machines - Math.ceil(machines / place.zones) >= least;
      return Math.min(atLeast(Math.min(least, machines), machines, one), survives ? several : one) * (machines > 1 ? balance : 1);
    },
  );
}
