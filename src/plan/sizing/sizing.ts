import { systemFacts } from "../../systems/catalogue/index.ts";
import { demandOf, roundedUp, stated } from "../demand.ts";
import { computed, type Figure } from "../figure.ts";
import type { Part, PlanInput, SizedPart, Sizing } from "../vocabulary.ts";
import { sizeBroker } from "./broker.ts";
import { sizeEngine } from "./engine.ts";
import { sizeLauncher } from "./launcher.ts";
import { usualReplicas } from "./redundancy.ts";
import { sizeServer } from "./server.ts";
import { volumeOf, type Volume } from "./volume.ts";

const gibibyte = 2 ** 30;

/** What each part needs: replicas, cores, memory, accelerators, storage, hours. What runs inside of another part's process has no replicas of its own. */
export function sizePlatform(input: PlanInput, parts: readonly Part[]): Sizing {
  const volume = volumeOf(input);
  const sized = parts.map((part) => sizePart(input, part, volume));
  return Object.freeze<Sizing>({ parts: sized, figures: platformFigures(input, volume, sized) });
}

function sizePart(input: PlanInput, part: Part, volume: Volume): SizedPart {
  switch (part.role) {
    case "engine":
      return sizeEngine(input, part, volume);
    case "server":
      return sizeServer(input, part);
    case "launcher":
      return sizeLauncher(input, part);
    case "broker":
      return sizeBroker(input, part);
    case "lake":
      return sizeLake(input, part, volume);
    case "warehouse":
      return { ...ordinary(input, part), storage: volume.warehouse, hours: warehouseHours(part) };
    case "source":
      return without(part, "it is there already, and somebody else's");
    default:
      return ordinary(input, part);
  }
}

/** A part of its usual size; one that is embedded or that a provider runs has no machines of its own. */
function ordinary(input: PlanInput, part: Part): SizedPart {
  const facts = systemFacts.get(part.system);
  if (part.embedded) return without(part, "it runs inside of another part's process");
  if (facts?.managed === true) return without(part, "its provider runs it");
  const instance = facts?.instance ?? null;
  if (instance === null) return without(part, "it is a library or a file, no process");
  return Object.freeze<SizedPart>({
    part: part.id,
    replicas: usualReplicas(input, part),
    cores: stated("cores", "count", instance.cores, "the usual size of one instance"),
    memory: stated("memory", "bytes", instance.memory * gibibyte, "the usual size of one instance"),
    accelerator: null,
    storage: null,
    hours: stated("hours", "hours", 730, "it is always there"),
    figures: [],
  });
}

function without({ id }: Part, why: string): SizedPart {
  return Object.freeze<SizedPart>({
    part: id,
    replicas: stated("replicas", "count", 0, why),
    cores: stated("cores", "count", 0, why),
    memory: stated("memory", "bytes", 0, why),
    accelerator: null,
    storage: null,
    hours: stated("hours", "hours", 730, "it is always there"),
    figures: [],
  });
}

/** Bytes that a data node of HDFS keeps, and copies of each block. */
const dataNode = 48e12;
const blockCopies = 3;

function sizeLake(input: PlanInput, part: Part, volume: Volume): SizedPart {
  const base = ordinary(input, part);
  const { lake, sources, computed: derived, snapshots, compression } = volume;
  const figures = [volume.rawKept, compression, sources, derived, snapshots];
  if (part.system !== "hdfs") return { ...base, storage: lake, figures };
  const storage = computed("storage", "bytes", "lake after a year x 3 copies of each block", [lake], (bytes = 0) => bytes * blockCopies);
  const replicas: Figure =
    storage.value === null
      ? base.replicas
      : computed("replicas", "count", "storage / 48 TB of a data node, rounded up", [storage, base.replicas], (bytes = 0, least = 1) =>
          Math.max(least, roundedUp(bytes / dataNode)),
        );
  return { ...base, replicas, storage, figures };
}

/** Hours in which people ask: a warehouse that others run is paid for while it works. */
function warehouseHours({ system }: Part): Figure {
  return systemFacts.get(system)?.managed === true
    ? stated("hours", "hours", 176, "8 hours on 22 days of a month (assumption): while people ask")
    : stated("hours", "hours", 730, "it is always there");
}

function platformFigures({ definition }: PlanInput, volume: Volume, parts: readonly SizedPart[]): readonly Figure[] {
  const { volume: rate, peak, requests, peakRequests } = demandOf(definition);
  const kept = parts.flatMap(({ storage }) => storage ?? []);
  return [
    rate,
    computed(
      "data that arrives in the busiest time",
      "bytes/second",
      "volume x peak",
      [rate, peak],
      (bytes = 0, times = 1) => bytes * times,
    ),
    volume.perDay,
    volume.rawKept,
    volume.compression,
    volume.lake,
    computed("stored after a year", "bytes", "sum over the parts", kept, (...all) => all.reduce((sum, one) => sum + one, 0)),
    computed(
      "network of the data",
      "bytes/second",
      "what arrives + what is written of it, compressed, with the tables that are computed from it",
      [rate, volume.compression, volume.derived],
      (bytes = 0, share = 0, more = 0) => bytes * (1 + share * (1 + more)),
    ),
    requests,
    peakRequests,
  ];
}
