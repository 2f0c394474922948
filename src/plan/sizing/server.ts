import type { EndpointNode } from "../../define/node.ts";
import { demandOf, roundedUp, stated, type Demand } from "../demand.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import type { Part, PlanInput, SizedPart } from "../vocabulary.ts";
import { acceleratorFor, type AcceleratorChoice } from "./accelerator-choice.ts";
import { answeredWithin, mostArrivals, type Alone, type Station } from "./queue.ts";
import { redundantReplicas } from "./redundancy.ts";
import { simulate } from "./simulate.ts";

/** By these names other modules find the figures of a server's sizing. */
export const serverFigures: Readonly<Record<"rate" | "needed" | "average" | "p99" | "share", string>> = Object.freeze({
  /** Requests a second that a replica takes. */
  rate: "rate of one replica within the bound",
  /** Replicas without those that may fail. */
  needed: "replicas for the load",
  average: "replicas for the average load",
  p99: "latency in the busiest time",
  share: "use of a replica in the busiest time",
});

/** No replica is loaded more: what the formulas do not see (pauses, bursts, an uneven balance) needs room. The peak is reckoned with besides. */
const headroom = 0.7;
const gibibyte = 2 ** 30;
const month = 730;

/** What serving needs: replicas by rate and latency, each like the machine that the endpoint was measured on. */
export function sizeServer(input: PlanInput, part: Part): SizedPart {
  const { definition, measurements } = input;
  const demand = demandOf(definition);
  const endpoints = definition.assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint");
  const known = endpoints.flatMap(({ name }) => measurements.endpoints[name] ?? []);
  // The slowest endpoint decides: how the requests divide nobody says.
  const slowest = known.toSorted((a, b) => (a.rate.value ?? 0) - (b.rate.value ?? 0))[0];
  const choice = acceleratorFor(input);
  const why = `${endpoints.map(({ name }) => name).join(", ")} was never measured: run millwright run`;
  const measuredRate = slowest?.rate ?? unknown("rate of one replica", "1/second", why);
  const [rate, alone] = choice.type === null ? [measuredRate, aloneOf(slowest?.p50, slowest?.p99)] : [choice.rate, null];
  const within = rateWithin(rate, alone, demand, slowest?.p99);
  const batch = isBatch(input);
  const needed = replicasFor(serverFigures.needed, batch ? demand.throughput : demand.peakRequests, within);
  const average = replicasFor(serverFigures.average, demand.requests, within);
  const replicas = redundantReplicas(input, needed);
  const arrivals = computed(
    "requests of one replica in the busiest time",
    "1/second",
    "rate of requests x peak / replicas",
    [demand.peakRequests, replicas],
    (all = 0, count = 1) => all / count,
  );
  const cores = slowest?.cores.value == null ? stated("cores", "count", 2, "the least that serves beside its own work") : slowest.cores;
  const models = endpoints.flatMap(({ model }) => measurements.models[model]?.bytes ?? []);
  return Object.freeze<SizedPart>({
    part: part.id,
    replicas,
    cores,
    memory: memoryOf(cores, models),
    accelerator: sizedAccelerator(choice),
    storage: null,
    hours: batch ? batchHours(demand, within, replicas) : stated("hours", "hours", month, "it is always there"),
    figures: [
      within,
      average,
      needed,
      computed(
        serverFigures.share,
        "share",
        "requests of one replica / its measured rate",
        [arrivals, rate],
        (asked = 0, given = 1) => asked / given,
      ),
      ...(alone === null || slowest === undefined ? [] : latencyFigures(arrivals, rate, alone, [slowest.p50, slowest.p99])),
      trafficOf(demand),
    ],
  });
}

function sizedAccelerator({ type, count, runnersUp }: AcceleratorChoice): SizedPart["accelerator"] {
  return type === null ? null : { type, count: stated("accelerators", "count", count, "of one replica"), runnersUp };
}

/** Of the time alone, when both figures are known. */
function aloneOf(p50: Figure | undefined, p99: Figure | undefined): Alone | null {
  return p50?.value == null || p99?.value == null ? null : { p50: p50.value, p99: p99.value };
}

/** A replica as a queue: one server that gives out answers at the measured rate, at irregular times. */
function stationOf(arrivals: number, rate: number): Station {
  return { arrivals, rate, servers: 1, variation: 1 };
}

/** Requests a second that one replica answers within the latency that is asked for, and with room to spare. */
function rateWithin(rate: Figure, alone: Alone | null, { p99 }: Demand, measured: Figure | undefined): Figure {
  const name = serverFigures.rate;
  if (alone === null || p99.value === null)
    return computed(name, "1/second", `${headroom} x measured rate`, [rate], (given = 0) => headroom * given);
  const bound = p99.value;
  const figure = computed(
    name,
    "1/second",
    `the most at which 99 of 100 requests keep the bound by M/M/1 on top of the time alone, at most ${headroom} x measured rate`,
    [rate, p99, ...(measured === undefined ? [] : [measured])],
    (given = 0) => Math.min(headroom * given, mostArrivals({ rate: given, servers: 1, variation: 1 }, alone, 0.99, bound)),
  );
  return figure.value === 0
    ? unknown(name, "1/second", "a request alone takes longer than the bound: no number of replicas helps")
    : figure;
}

function replicasFor(name: string, requests: Figure, within: Figure): Figure {
  if (requests.value === null) return stated(name, "count", 1, "one: no requirement says how many requests come");
  return computed(name, "count", "rate of requests / rate of one replica, rounded up", [requests, within], (asked = 0, given = 1) =>
    Math.max(1, roundedUp(asked / given)),
  );
}

function latencyFigures(arrivals: Figure, rate: Figure, alone: Alone, measured: readonly Figure[]): Figure[] {
  const from = [arrivals, rate, ...measured];
  const bounded = (value: number) => (Number.isFinite(value) ? value : Number.MAX_VALUE);
  return [
    computed(
      serverFigures.p99,
      "seconds",
      "99th percentile of the time alone and the wait by M/M/1 (Kleinrock 1975)",
      from,
      (asked = 0, given = 1) => bounded(answeredWithin(stationOf(asked, given), alone, 0.99)),
    ),
    computed(`${serverFigures.p99}, simulated`, "seconds", "the same by 20,000 random requests (seed 1)", from, (asked = 0, given = 1) =>
      asked >= given ? Number.MAX_VALUE : simulate(stationOf(asked, given), alone, 0.99),
    ),
  ];
}

/** The process, and each model in every thread that serves it. */
function memoryOf(cores: Figure, models: readonly Figure[]): Figure {
  const from = [cores, ...models.filter(({ value }) => value !== null)];
  return computed(
    "memory",
    "bytes",
    "1 GiB + 4 x the models' files for each core, at least 2 GiB (assumption)",
    from,
    (threads = 2, ...files) => Math.max(2 * gibibyte, gibibyte + 4 * threads * files.reduce((sum, bytes) => sum + bytes, 0)),
  );
}

/** Whether predictions are made many together, and nobody waits for one. */
export function isBatch({ definition }: PlanInput): boolean {
  return definition.requirements.some(({ name, value }) => name === "serving" && value === "batch");
}

/** As long as the predictions of a month take. */
function batchHours({ requests }: Demand, within: Figure, replicas: Figure): Figure {
  if (requests.value === null) return stated("hours", "hours", month, "all the month: no requirement says how many predictions there are");
  return computed(
    "hours",
    "hours",
    "predictions of a month / rate of all replicas / 3600",
    [requests, within, replicas],
    (rate = 0, each = 1, count = 1) => Math.min(month, (rate * month) / (each * count)),
  );
}

/** Of a request and its answer in JSON by the Open Inference Protocol, with some twenty features. */
const exchangeBytes = 2500;

function trafficOf({ peakRequests }: Demand): Figure {
  const formula = `rate x ${exchangeBytes} bytes of a request and its answer (assumption)`;
  return computed("network of requests in the busiest time", "bytes/second", formula, [peakRequests], (rate = 0) => rate * exchangeBytes);
}
