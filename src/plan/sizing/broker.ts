import { systemFacts } from "../../systems/catalogue/index.ts";
import { demandOf, roundedUp, stated } from "../demand.ts";
import { computed, type Figure } from "../figure.ts";
import type { Part, PlanInput, SizedPart } from "../vocabulary.ts";
import { usualReplicas } from "./redundancy.ts";

/** Bytes a second that a partition takes in and gives out: the low end of what is measured (10 to 50 MB/s). */
const ofPartition = 10e6;
/** Bytes a second of one broker: a gigabit for what comes in, its copies and what is read. */
const ofBroker = 125e6;
const copies = 3;
/** Kafka's default, log.retention.hours=168. */
const keptSeconds = 168 * 3600;

/**
 * Partitions by `max(t / p, t / c)` (J. Rao, "How to choose the number of topics/partitions in a Kafka cluster", 2015) with 10 MB/s for writing and for
 * reading, in the busiest time; brokers by their network: what comes in, is copied twice and is read once.
 */
export function sizeBroker(input: PlanInput, part: Part): SizedPart {
  const { volume, peak } = demandOf(input.definition);
  const facts = systemFacts.get(part.system);
  const instance = facts?.instance ?? null;
  const busiest = computed(
    "data that arrives in the busiest time",
    "bytes/second",
    "volume x peak",
    [volume, peak],
    (rate = 0, times = 1) => rate * times,
  );
  const partitions = computed("partitions", "count", "busiest rate / 10 MB/s, rounded up", [busiest], (rate = 0) =>
    Math.max(1, roundedUp(rate / ofPartition)),
  );
  const traffic = computed(
    "network of the brokers",
    "bytes/second",
    "busiest rate x (3 copies + 1 reader)",
    [busiest],
    (rate = 0) => rate * (copies + 1),
  );
  const usual = usualReplicas(input, part);
  const brokers: Figure =
    instance === null
      ? stated("replicas", "count", 0, "its provider runs it")
      : traffic.value === null
        ? usual
        : computed("replicas", "count", "network / 125 MB/s of a broker, rounded up", [traffic, usual], (bytes = 0, least = 1) =>
            Math.max(least, roundedUp(bytes / ofBroker)),
          );
  return Object.freeze<SizedPart>({
    part: part.id,
    replicas: brokers,
    cores: stated("cores", "count", instance?.cores ?? 0, instance === null ? "its provider runs it" : "the usual size"),
    memory: stated("memory", "bytes", (instance?.memory ?? 0) * 2 ** 30, instance === null ? "its provider runs it" : "the usual size"),
    accelerator: null,
    storage: computed("storage", "bytes", "volume x 7 days x 3 copies", [volume], (rate = 0) => rate * keptSeconds * copies),
    hours: stated("hours", "hours", 730, "it is always there"),
    figures: [busiest, partitions, traffic],
  });
}
