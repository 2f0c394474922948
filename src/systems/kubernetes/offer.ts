import { bytesInWords } from "../../train/launch/refusal.ts";
import { isOfType } from "../process/devices.ts";
import type { Job } from "../roles.ts";
import { parseQuantity } from "./quantity.ts";

/** A node as the API server has it. */
export interface ClusterNode {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly allocatable?: Readonly<Record<string, string>> };
}

/** What a node can give. */
export interface Offer {
  readonly node: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly devices: readonly OfferedDevice[];
}

export interface OfferedDevice {
  /** `nvidia.com/gpu`: as pods ask for it. */
  readonly resource: string;
  readonly kind: "gpu" | "tpu";
  readonly count: number;
  /** The label that says which one it is, and what it says; null where none does. */
  readonly label: { readonly name: string; readonly value: string } | null;
}

/** How to ask for accelerators: a resource, and the labels of the nodes that have the right ones, each with its values. */
export interface DeviceRequest {
  readonly resource: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** The extended resources of the vendors' device plugins, and the labels by which their own discovery and the clouds say what a node has. */
const plugins: readonly { readonly resource: string; readonly kind: "gpu" | "tpu"; readonly labels: readonly string[] }[] = [
  {
    resource: "nvidia.com/gpu",
    kind: "gpu",
    labels: [
      "nvidia.com/gpu.product",
      "cloud.google.com/gke-accelerator",
      "k8s.amazonaws.com/accelerator",
      "karpenter.k8s.aws/instance-gpu-name",
    ],
  },
  { resource: "amd.com/gpu", kind: "gpu", labels: ["amd.com/gpu.product-name", "beta.amd.com/gpu.product-name"] },
  { resource: "gpu.intel.com/i915", kind: "gpu", labels: ["gpu.intel.com/product"] },
  { resource: "google.com/tpu", kind: "tpu", labels: ["cloud.google.com/gke-tpu-accelerator"] },
];

/** What the nodes that a job may go to can give: those that have all the labels of the selector. */
export function offersOf(nodes: readonly ClusterNode[], selector: Readonly<Record<string, string>>): readonly Offer[] {
  return nodes
    .filter(({ metadata }) => Object.entries(selector).every(([name, value]) => metadata.labels?.[name] === value))
    .map(({ metadata, status }) => {
      const has = status?.allocatable ?? {};
      const devices = plugins.flatMap(({ resource, kind, labels }): OfferedDevice[] => {
        const count = parseQuantity(has[resource]);
        const name = labels.find((each) => metadata.labels?.[each] !== undefined);
        const label = name === undefined ? null : { name, value: metadata.labels?.[name] ?? "" };
        return count < 1 ? [] : [{ resource, kind, count, label }];
      });
      return { node: metadata.name, cores: parseQuantity(has["cpu"]), memory: parseQuantity(has["memory"]), devices };
    });
}

/** How to ask for accelerators of a type, as this cluster names them; null when no node has so many. */
export function deviceRequest(offers: readonly Offer[], wanted: NonNullable<Job["resources"]["accelerators"]>): DeviceRequest | null {
  const fitting = offers
    .flatMap(({ devices }) => devices)
    .filter(({ kind, count, label }) => count >= wanted.count && isOfType({ kind, index: "", type: label?.value ?? "" }, wanted.type));
  const [first] = fitting;
  if (first === undefined) return null;
  // Any of the kind: no label is asked for.
  if (isOfType({ kind: first.kind, index: "", type: "" }, wanted.type)) return { resource: first.resource, labels: {} };
  const same = fitting.filter(({ resource, label }) => resource === first.resource && label?.name === first.label?.name);
  const values = [...new Set(same.flatMap(({ label }) => label?.value ?? []))].toSorted();
  return { resource: first.resource, labels: first.label === null ? {} : { [first.label.name]: values } };
}

/** What of a job's resources the nodes cannot give, each as half a sentence. */
export function refusals({ resources, tasks }: Job, offers: readonly Offer[], device: DeviceRequest | null): string[] {
  const { nodes, processesPerNode, threads, memory, accelerators } = resources;
  const most = (value: (offer: Offer) => number): number => Math.max(0, ...offers.map(value));
  const cores = processesPerNode * (threads ?? 1);
  const bytes = processesPerNode * (memory ?? 0);
  const reasons = arrayOfMany(nodes, tasks.length);
  if (nodes > offers.length) reasons.push(`it asks for ${nodes} nodes, and the cluster has ${offers.length} for it`);
  if (cores > most((offer) => offer.cores))
    reasons.push(`it asks for ${cores} cores of a node, and the largest has ${most((offer) => offer.cores)}`);
  if (bytes > most((offer) => offer.memory))
    reasons.push(
      `it asks for ${bytesInWords(bytes)} of memory of a node, and the largest has ${bytesInWords(most((offer) => offer.memory))}`,
    );
  if (accelerators !== null && device === null)
    reasons.push(`it asks for ${accelerators.count} x ${accelerators.type} of a node, and the cluster has ${present(offers)}`);
  return reasons;
}

/** What no Job can be, whatever the nodes have. */
export function arrayOfMany(nodes: number, tasks: number): string[] {
  return nodes > 1 && tasks > 1
    ? [`it asks for ${tasks} tasks of ${nodes} nodes each, which one Job cannot be: submit them one by one`]
    : [];
}

function present(offers: readonly Offer[]): string {
  const all = offers.flatMap(({ node, devices }) =>
    devices.map(({ count, label, resource }) => `${count} x ${label?.value ?? resource} on ${node}`),
  );
  return all.length === 0 ? "no accelerator" : all.slice(0, 8).join(", ");
}
