import type { RequirementNode } from "../define/node.ts";
import { systemFacts } from "../systems/catalogue/index.ts";
import { partsOf } from "./parts.ts";
import { computed, unknown, whyUnknown, type Figure } from "./figure.ts";
import { figureText } from "./figure-text.ts";
import { jurisdictionOf } from "./cost/site.ts";
import { engineFigures } from "./sizing/engine.ts";
import { isBatch, serverFigures } from "./sizing/server.ts";
import type { ComplianceReport, Cost, PlanInput, ServiceLevels, Sizing, Verdict } from "./vocabulary.ts";

/** What has been found out of a platform. */
export interface Known {
  readonly sizing: Sizing;
  readonly service: ServiceLevels;
  readonly cost: Cost;
  readonly compliance: readonly ComplianceReport[];
}

type Answer = Omit<Verdict, "requirement">;

/**
 * Each requirement held against what was measured, or where nothing was against what was computed: met, missed, or unknown with the reason. What is no bound but
 * to be reckoned with is `given`, unless a bound system cannot take it: then it is missed.
 */
export function verdictsOf(input: PlanInput, known: Known): readonly Verdict[] {
  return input.definition.requirements.map((requirement) =>
    Object.freeze<Verdict>({ requirement, ...answerTo(requirement, input, known) }),
  );
}

function answerTo(requirement: RequirementNode, input: PlanInput, known: Known): Answer {
  const { name } = requirement;
  const { cost, service } = known;
  const [group, metric = ""] = name.split(".");
  switch (group) {
    case "latency":
      return latency(requirement, input, known, metric === "p50" ? "p50" : "p99");
    case "quality":
      return quality(requirement, input, metric);
    case "recovery":
      return recovery(requirement, metric === "time" ? service.recoveryTime : service.recoveryPoint);
    default:
  }
  switch (name) {
    case "uptime":
      return held(
        requirement,
        service.uptime,
        `computed from what providers promise for ${service.parts.map(({ part }) => part).join(" and ")}`,
      );
    case "throughput":
      return isBatch(input)
        ? held(requirement, throughputOf(known), "the rate of one replica x replicas")
        : held(requirement, rateOf(known), "the rate of one replica, with room to spare");
    case "costPerInference":
      return held(requirement, cost.chosen.perInference, `computed for ${cost.chosen.name}`);
    case "budget":
      return budget(requirement, cost);
    case "compliance":
      return compliance(requirement, known.compliance);
    case "volume":
      return volume(requirement, input, known.sizing);
    case "region":
      return region(requirement, input);
    case "privacy":
      return privacy(requirement, input);
    default:
      return given(requirement);
  }
}

function given(requirement: RequirementNode): Answer {
  return { outcome: "given", figure: null, reason: `reckoned with: ${requirement.text}` };
}

/** A bound against a figure. */
function held(requirement: RequirementNode, figure: Figure, how: string): Answer {
  if (figure.value === null) return { outcome: "unknown", figure, reason: whyUnknown(figure) ?? "nothing is known" };
  const keeps = isWithin(requirement, figure.value);
  return {
    outcome: keeps ? "met" : "missed",
    figure,
    reason: `${figureText(figure)} ${keeps ? "keeps" : "misses"} ${boundText(requirement)}: ${how}`,
  };
}

function recovery(requirement: RequirementNode, figure: Figure): Answer {
  return held(requirement, figure, figure.origin.kind === "computed" ? figure.origin.formula : "computed from the topology");
}

function isWithin({ bound, value }: RequirementNode, figure: number): boolean {
  return bound === "atMost" ? figure <= Number(value) : figure >= Number(value);
}

function boundText(requirement: RequirementNode): string {
  const word = requirement.bound === "atMost" ? "at most" : "at least";
  return `${word} ${requirement.text.replace(/^(?:>=|<=)\s*/, "")}`;
}

/** The measured latency of the slowest endpoint; where the rate of requests is known also what it becomes in the busiest time, and the worse of the two counts. */
function latency(requirement: RequirementNode, input: PlanInput, { sizing }: Known, which: "p50" | "p99"): Answer {
  const endpoints = input.definition.assets.filter(({ kind }) => kind === "endpoint");
  if (endpoints.length === 0) return { outcome: "unknown", figure: null, reason: "there is no endpoint" };
  const missing = endpoints.find(({ name }) => input.measurements.endpoints[name] === undefined);
  const accelerated = sizing.parts.find(({ part }) => part === "server")?.accelerator ?? null;
  if (missing !== undefined) {
    const reason = accelerated === null ? "" : "; the accelerator was chosen by what is computed";
    return { outcome: "unknown", figure: null, reason: `${missing.name} was never measured: run millwright run${reason}` };
  }
  const slowest = endpoints
    .flatMap(({ name }) => input.measurements.endpoints[name]?.[which] ?? [])
    .toSorted((a, b) => (b.value ?? Number.POSITIVE_INFINITY) - (a.value ?? Number.POSITIVE_INFINITY))[0];
  if (slowest === undefined) return { outcome: "unknown", figure: null, reason: "it was never measured" };
  const alone = held(requirement, slowest, "measured, one request at a time");
  const busiest = sizing.parts.flatMap(({ figures }) => figures).find(({ name }) => name === serverFigures.p99);
  if (alone.outcome !== "met" || which === "p50" || busiest === undefined || busiest.value === null) return alone;
  if (isWithin(requirement, busiest.value))
    return { ...alone, reason: `${alone.reason}; ${figureText(busiest)} in the busiest time, computed` };
  return { ...held(requirement, busiest, "computed for the busiest time from the measured rate"), outcome: "missed" };
}

function quality(requirement: RequirementNode, { definition, measurements }: PlanInput, metric: string): Answer {
  const trained = definition.assets.flatMap(({ kind, name }) => (kind === "model" || kind === "imported-model" ? [name] : []));
  const figures = trained.flatMap((name) => measurements.models[name]?.quality[metric] ?? []);
  if (trained.length === 0) return { outcome: "unknown", figure: null, reason: "there is no model" };
  // Of several models the worst counts.
  const [worst] = figures.toSorted((a, b) =>
    requirement.bound === "atMost" ? (b.value ?? 0) - (a.value ?? 0) : (a.value ?? 0) - (b.value ?? 0),
  );
  if (worst === undefined || figures.length < trained.length)
    return { outcome: "unknown", figure: null, reason: `not every model was measured by ${metric}: run millwright run` };
  return held(requirement, worst, "measured on the test rows");
}

function rateOf({ sizing }: Known): Figure {
  const rate = sizing.parts.find(({ part }) => part === "server")?.figures.find(({ name }) => name === serverFigures.rate);
  return rate ?? unknown("throughput", "1/second", "there is no endpoint");
}

function throughputOf(known: Known): Figure {
  const replicas =
    known.sizing.parts.find(({ part }) => part === "server")?.replicas ?? unknown("replicas", "count", "there is no endpoint");
  return computed(
    "throughput",
    "1/second",
    "rate of one replica within the bound x replicas",
    [rateOf(known), replicas],
    (each = 0, count = 0) => each * count,
  );
}

function budget(requirement: RequirementNode, { chosen }: Cost): Answer {
  const { monthly, known, name } = chosen;
  if (monthly.value !== null) return held(requirement, monthly, `computed for ${name}`);
  // What is known may already be too much.
  if (known.value !== null && !isWithin(requirement, known.value))
    return held(requirement, known, `computed for ${name}, without what has no price`);
  return { outcome: "unknown", figure: known, reason: `${figureText(known)} are known; ${whyUnknown(monthly) ?? "a price is missing"}` };
}

function compliance({ value }: RequirementNode, reports: readonly ComplianceReport[]): Answer {
  const report = reports.find(({ standard }) => standard === value);
  if (report === undefined) return { outcome: "unknown", figure: null, reason: "nothing is known of this standard" };
  const { controls } = report;
  const count = (...wanted: readonly string[]) => controls.filter(({ status }) => wanted.includes(status)).length;
  const figure = computed(
    `of ${report.controls.length} controls of ${report.standard} need nobody to act`,
    "count",
    "shown or claimed",
    [],
    () => count("shown", "claimed"),
  );
  const [left, all] = [count("open", "partial"), controls.length];
  const counted = `${count("shown")} shown by a check, ${count("claimed")} claimed, ${count("partial")} in part, ${count("open")} open, of ${all}`;
  if (left === 0) return { outcome: "met", figure, reason: counted };
  return { outcome: "unknown", figure, reason: `${counted}: whether people have done what is left, nobody has said` };
}

/** What arrives is given; an engine of one machine may be too small for it. */
function volume(requirement: RequirementNode, input: PlanInput, sizing: Sizing): Answer {
  const engine = sizing.parts.find(({ part }) => part === "engine");
  const part = partsOf(input.definition, input.environment).find(({ id }) => id === "engine");
  const most = engine?.figures.find(({ name }) => name === engineFigures.most);
  const cores = engine?.figures.find(({ name }) => name === engineFigures.cores);
  if (engine === undefined || part === undefined || cores === undefined || cores.value === null) return given(requirement);
  if (most === undefined || most.value === null) {
    const { replicas } = engine;
    const reason =
      replicas.value === null ? whyUnknown(replicas) : `${figureText(replicas)} executors of ${figureText(engine.cores)} cores`;
    return { outcome: "given", figure: cores, reason: `reckoned with: ${reason ?? "nothing is known"}` };
  }
  if (cores.value <= most.value)
    return {
      outcome: "given",
      figure: cores,
      reason: `reckoned with: ${part.title} needs ${figureText(engine.cores)} cores for it, by its measured rate`,
    };
  return {
    outcome: "missed",
    figure: cores,
    reason: `${part.title} computes on one machine, and it would need ${figureText(engine.cores)} cores where the largest has ${figureText(most)}: bind a cluster`,
  };
}

function region(requirement: RequirementNode, { environment }: PlanInput): Answer {
  const { place, name } = environment;
  const asked = requirement.text;
  if (place === null) return { outcome: "unknown", figure: null, reason: `environment '${name}' does not say where it stands (place)` };
  if (place.region === null) return { outcome: "met", figure: null, reason: `environment '${name}' stands where this says` };
  const same = place.region === asked || jurisdictionOf(place.region) === asked;
  return { outcome: same ? "met" : "missed", figure: null, reason: `environment '${name}' stands in ${place.region}` };
}

function privacy(requirement: RequirementNode, { definition, environment }: PlanInput): Answer {
  const { place, name } = environment;
  const away = partsOf(definition, environment).find(({ system, role }) => role !== "source" && systemFacts.get(system)?.managed === true);
  if (away !== undefined)
    return {
      outcome: "missed",
      figure: null,
      reason: `${away.title} is run by its provider: data leaves the ${requirement.text === "on device" ? "device" : "site"}`,
    };
  if (place === null) return { outcome: "unknown", figure: null, reason: `environment '${name}' does not say where it stands (place)` };
  if (place.provider !== "owned") return { outcome: "missed", figure: null, reason: `environment '${name}' stands at ${place.provider}` };
  if (requirement.text === "on site")
    return { outcome: "met", figure: null, reason: "its machines are one's own, and nothing is bound that others run" };
  const separate = partsOf(definition, environment).find(({ role, embedded }) => role === "server" && !embedded);
  return separate === undefined
    ? { outcome: "met", figure: null, reason: "the server is embedded on one's own device, and nothing is bound that others run" }
    : { outcome: "unknown", figure: null, reason: `whether ${separate.title} runs on the device nobody has said` };
}
