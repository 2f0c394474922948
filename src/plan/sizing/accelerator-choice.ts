import type { Place } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import { acceleratorOf } from "../accelerator.ts";
import { instances } from "../catalogue/instances/index.ts";
import { demandOf, type Demand } from "../demand.ts";
import { unknown, type Figure } from "../figure.ts";
import { planInference, type InferencePlan } from "../inference/plan.ts";
import type { PlanInput } from "../vocabulary.ts";
import { largeModelOf, servedModels, type LargeModel } from "./large-model.ts";

/** What answers the requests. */
export interface AcceleratorChoice {
  /** As the catalogue calls it; null when processors do it. */
  readonly type: string | null;
  /** Of each replica. */
  readonly count: number;
  readonly because: string;
  /** Requests a second of one replica; unknown for processors, whose rate is measured. */
  readonly rate: Figure;
  /** What else was looked at, and why not. */
  readonly runnersUp: readonly { readonly type: string; readonly because: string }[];
}

/** What is looked at for a model that processors are too slow for, by name in the catalogue. */
const servers = ["L4", "T4", "A10G", "L40S", "A100 SXM4 80GB", "H100 SXM5 80GB", "TPU v5e"] as const;
const devices = ["Jetson AGX Orin 64GB", "Jetson Orin NX 16GB", "Jetson Orin Nano 8GB"] as const;
const all: readonly string[] = [...servers, ...devices];
const batches = [1, 2, 4, 8, 16, 32, 64] as const;
/** Tokens that a language model writes for a request, where nothing says it. */
const answerTokens = 128;

/**
 * Processors where they were measured to suffice; else, of a model whose size is said, the accelerator that costs least for the rate that is asked for,
 * among those that keep the latency and hold the model. On a device (`privacy: "on device"`) only what is made for one is looked at.
 */
export function acceleratorFor(input: PlanInput): AcceleratorChoice {
  const demand = demandOf(input.definition);
  const large = servedModels(input)
    .flatMap(({ train }) => largeModelOf(train) ?? [])
    .toSorted((a, b) => b.totalParameters - a.totalParameters)[0];
  return large === undefined || processorsSuffice(input, demand) ? processors(input, demand) : compared(input, demand, large);
}

/** So many replicas on processors are still less trouble than accelerators. */
const fewReplicas = 4;

/** Whether an endpoint that was measured on processors keeps the latency there, and the rate with few replicas. */
function processorsSuffice({ measurements }: PlanInput, { p99, peakRequests }: Demand): boolean {
  const endpoints = Object.values(measurements.endpoints);
  return (
    endpoints.length > 0 &&
    endpoints.every(({ rate, p99: latency }) => {
      if (rate.value === null || latency.value === null) return false;
      return latency.value <= (p99.value ?? Number.POSITIVE_INFINITY) && (peakRequests.value ?? 0) <= fewReplicas * 0.7 * rate.value;
    })
  );
}

function processors(input: PlanInput, demand: Demand): AcceleratorChoice {
  const models = servedModels(input);
  const trees = models.length > 0 && models.every(({ train }) => train.trainer === "boosted-trees");
  const measured = Object.values(input.measurements.endpoints).find(({ rate }) => rate.value !== null);
  const told =
    measured === undefined
      ? "nothing was measured yet, and the trainer does not say how large the model is"
      : `processors were measured: ${whole(measured.rate.value)} predictions a second on ${whole(measured.cores.value)} cores${demand.peakRequests.value === null ? "" : `, against ${whole(demand.peakRequests.value)} that are asked for`}`;
  const because = trees ? "ONNX Runtime evaluates trees on processors only" : "processors do it by their measured rate";
  return {
    type: null,
    count: 0,
    because: told,
    rate: unknown("rate of one replica", "1/second", "processors are measured"),
    runnersUp: all.map((type) => ({ type, because })),
  };
}

interface Candidate {
  readonly type: string;
  readonly count: number;
  readonly plan: InferencePlan | null;
  /** Dollars an hour of one replica; null where no source says. */
  readonly price: number | null;
  /** Requests a second. */
  readonly rate: number;
  /** Why it is out; null when it is not. */
  readonly out: string | null;
}

function compared(input: PlanInput, demand: Demand, large: LargeModel): AcceleratorChoice {
  const onDevice = demand.privacy === "on device";
  const candidates = all.map((type) => candidate(type, large, demand, input.environment.place));
  const suited = candidates.map((one): Candidate =>
    onDevice === devices.some((device) => device === one.type)
      ? one
      : { ...one, out: onDevice ? "it is no part of a device" : "it is made for devices: no provider rents it" },
  );
  const ranked = suited.filter(({ out }) => out === null).toSorted((a, b) => hourly(a, demand) - hourly(b, demand) || b.rate - a.rate);
  const [best, ...others] = ranked;
  const refused = suited.filter(({ out }) => out !== null).map(({ type, out }) => ({ type, because: out ?? "" }));
  if (best === undefined || best.plan === null) {
    return {
      type: null,
      count: 0,
      because: `no accelerator of the catalogue holds ${large.model.name} and keeps the latency`,
      rate: unknown("rate of one replica", "1/second", "no accelerator suits"),
      runnersUp: refused,
    };
  }
  return {
    type: best.type,
    count: best.count,
    because: `the cheapest that keeps the latency: ${words(best, demand)}`,
    rate: rateFigure(best, best.plan),
    runnersUp: [...others.map((one) => ({ type: one.type, because: `dearer for the same: ${words(one, demand)}` })), ...refused],
  };
}

function candidate(type: string, { model }: LargeModel, demand: Demand, place: Place | null): Candidate {
  const accelerator = acceleratorOf(type);
  const none = (out: string): Candidate => ({ type, count: 1, plan: null, price: null, rate: 0, out });
  const bound = demand.p99.value ?? Number.POSITIVE_INFINITY;
  let out = "eight of it have too little memory";
  // More of them hold a larger model, and answer sooner because they share each layer.
  for (const count of [1, 2, 4, 8]) {
    try {
      const plans = batches.map((batch) => planInference({ model, accelerator, accelerators: count, batch }));
      const plan = plans.findLast(({ latencyMs }) => latencyMs / 1000 <= bound);
      if (plan !== undefined) {
        const rate = plan.unit === "samples/s" ? plan.throughput : plan.throughput / answerTokens;
        return { type, count, plan, rate, price: priceOf(type, place), out: null };
      }
      out = `a request alone takes ${whole(plans[0]?.latencyMs ?? null)} ms with ${count === 1 ? "one" : count}`;
      if (model.kind !== "decoder") return none(out);
    } catch (error) {
      if (!(error instanceof MillwrightError)) throw error;
      if (error.problem.code !== "too-little-memory") return none(error.problem.what);
    }
  }
  return none(out);
}

/** Dollars an hour of one accelerator: the least that the provider asks on demand, or any where the provider has none. */
function priceOf(type: string, place: Place | null): number | null {
  const offers = instances.filter((one) => one.accelerator === type && one.onDemand !== null);
  const own = offers.filter(({ provider }) => provider === place?.provider);
  const prices = (own.length > 0 ? own : offers).map(({ onDemand, accelerators }) => (onDemand ?? 0) / accelerators);
  return prices.length === 0 ? null : Math.min(...prices);
}

/** Of all replicas that the busiest time needs; one where nothing says how much is asked for: then what a request costs decides. */
function hourly({ price, count, rate }: Candidate, { peakRequests }: Demand): number {
  if (price === null) return Number.POSITIVE_INFINITY;
  return peakRequests.value === null ? (price * count) / rate : price * count * Math.max(1, Math.ceil(peakRequests.value / (0.7 * rate)));
}

function words(one: Candidate, demand: Demand): string {
  const rate = `${whole(one.rate)} requests a second with ${one.count === 1 ? "one" : one.count} at ${whole(one.plan?.latencyMs ?? null)} ms`;
  const cost = hourly(one, demand);
  if (!Number.isFinite(cost)) return `${rate}; no source gives its price`;
  return demand.peakRequests.value === null
    ? `${rate}, $${((cost / 3600) * 1e6).toPrecision(3)} a million`
    : `${rate}, $${cost.toPrecision(3)} an hour for the busiest time`;
}

function rateFigure({ type, count, rate }: Candidate, plan: InferencePlan): Figure {
  const factor = rate / plan.throughput;
  return Object.freeze<Figure>({
    name: "rate of one replica",
    value: rate,
    unit: "1/second",
    range: [plan.range[0] * factor, plan.range[1] * factor],
    origin: {
      kind: "computed",
      formula: `${plan.model} on ${count} x ${type} in ${plan.precision}, ${plan.batch} at once: the roofline, corrected by published results (docs/plan.md)`,
      from: [],
    },
  });
}

function whole(value: number | null): string {
  return value === null ? "unknown" : Number(value.toPrecision(3)).toLocaleString("en-US");
}
