import type { Place } from "../../define/node.ts";
import type { Figure } from "../figure.ts";

/** What a provider promises of its machines, as a share of the month. */
export interface MachinePromise {
  /** Of one machine. */
  readonly single: number;
  /** That of machines in two zones or more at least one can be reached. */
  readonly zones: number;
  /** Of its load balancer. */
  readonly balancer: number;
  readonly source: string;
  /** When the source was made. */
  readonly date: string;
}

/** Null where no source was found: nobody promises anything of one's own machines. */
export const machinePromises: Readonly<Record<Place["provider"], MachinePromise | null>> = Object.freeze({
  aws: {
    single: 0.995,
    zones: 0.9999,
    balancer: 0.9999,
    source:
      "Amazon Compute Service Level Agreement, aws.amazon.com/compute/sla; Elastic Load Balancing: dev-toolbox.tech/tools/uptime-calculator/examples/aws-ec2-sla",
    date: "2022-05-25",
  },
  google: {
    single: 0.999,
    zones: 0.9999,
    balancer: 0.9999,
    source: "Compute Engine Service Level Agreement, premium tier, cloud.google.com/compute/sla",
    date: "2026-11-22",
  },
  azure: {
    single: 0.999,
    zones: 0.9999,
    balancer: 0.9999,
    source:
      "SLA for Virtual Machines (premium disks), as quoted by 2azure.nl/2019/04/25/azure-virtual-machines-sla-explained; load balancer: dev-toolbox.tech/tools/uptime-calculator/examples/azure-vm-sla",
    date: "2019-04-25",
  },
  lambda: null,
  nebius: null,
  owned: null,
});

/** A promise as a figure. */
export function promised(
  name: string,
  value: number,
  row: string,
  { source, date }: { readonly source: string; readonly date: string },
): Figure {
  return Object.freeze<Figure>({ name, value, unit: "share", range: null, origin: { kind: "catalogue", row, source, date } });
}
