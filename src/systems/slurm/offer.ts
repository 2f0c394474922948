import { bytesInWords } from "../../train/launch/refusal.ts";
import type { Job } from "../roles.ts";

/** A node as the partition offers it. */
export interface Offer {
  readonly node: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** `{ name: "gpu", type: "a100", count: 4 }`. */
  readonly devices: readonly { readonly name: string; readonly type: string; readonly count: number }[];
}

/** What `sinfo --Node --format='%N|%c|%m|%G'` says. */
export function parseOffers(text: string): readonly Offer[] {
  const lines = new Set(text.split("\n").filter((line) => line.includes("|")));
  return [...lines].map((line) => {
    const [node = "", cores = "", memory = "", devices = ""] = line.split("|");
    return { node, cores: Number.parseInt(cores, 10), memory: Number.parseInt(memory, 10) * 2 ** 20, devices: parseDevices(devices) };
  });
}

/** `gpu:a100:2(S:0-1),shard:8`. */
function parseDevices(text: string): Offer["devices"] {
  return text
    .replaceAll(/\([^)]*\)/g, "")
    .split(",")
    .flatMap((each) => {
      const parts = each.trim().split(":");
      const count = Number(parts.at(-1));
      return parts.length < 2 || !Number.isInteger(count) ? [] : { name: parts[0] ?? "", type: parts.slice(1, -1).join(":"), count };
    });
}

/** The generic resource to ask for, as this cluster names it: `gpu:a100:2`; null when no node has so many of the type. */
export function deviceRequest(offers: readonly Offer[], wanted: NonNullable<Job["resources"]["accelerators"]>): string | null {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  for (const { name, type, count } of offers.flatMap(({ devices }) => devices)) {
    if (count < wanted.count) continue;
    if (same(name, wanted.type)) return `${name}:${wanted.count}`;
    if (type.split(/[_:-]/).some((word) => same(word, wanted.type)) || same(type, wanted.type)) return `${name}:${type}:${wanted.count}`;
  }
  return null;
}

/** What of a job's resources the nodes cannot give, each as half a sentence. */
export function refusals({ resources }: Job, offers: readonly Offer[], partition: string | null): string[] {
  const { nodes, processesPerNode, threads, memory, accelerators } = resources;
  const where = partition === null ? "the cluster" : `the partition ${partition}`;
  const most = (value: (offer: Offer) => number): number => Math.max(0, ...offers.map(value));
  const cores = processesPerNode * (threads ?? 1);
  const bytes = processesPerNode * (memory ?? 0);
  const reasons: string[] = [];
  if (nodes > offers.length) reasons.push(`it asks for ${nodes} nodes, and ${where} has ${offers.length}`);
  if (cores > most((offer) => offer.cores))
    reasons.push(`it asks for ${cores} cores of a node, and the largest has ${most((offer) => offer.cores)}`);
  if (bytes > most((offer) => offer.memory))
    reasons.push(
      `it asks for ${bytesInWords(bytes)} of memory of a node, and the largest has ${bytesInWords(most((offer) => offer.memory))}`,
    );
  if (accelerators !== null && deviceRequest(offers, accelerators) === null)
    reasons.push(`it asks for ${accelerators.count} x ${accelerators.type} of a node, and ${where} has ${present(offers)}`);
  return reasons;
}

function present(offers: readonly Offer[]): string {
  const all = offers.flatMap(({ node, devices }) => devices.map(({ name, type, count }) => `${count} x ${type || name} on ${node}`));
  return all.length === 0 ? "no accelerator" : all.slice(0, 8).join(", ");
}
