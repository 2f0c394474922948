import type { Option } from "../../define/option.ts";

/** What a system does in a platform: a source, or what an environment binds. */
export type PartRole =
  | "source"
  | "broker"
  | "engine"
  | "orchestrator"
  | "lake"
  | "catalog"
  | "warehouse"
  | "launcher"
  | "tracker"
  | "registry"
  | "server"
  | "proxy"
  | "cache"
  | "bi"
  | "monitor"
  | "alerts"
  | "dashboard"
  | "identity"
  | "journal";

/** The options of a binding as the platform file gives them: secrets are references. */
export type GivenOptions = Readonly<Record<string, Option>>;

/** What must be bought to have a system in a role. */
export type PriceComponent =
  /** A provider's service by the quantity of it that the sizing gives. */
  | {
      readonly provider: string;
      /** As plan/catalogue/services calls them. */
      readonly service: string;
      readonly item: string;
      readonly quantity: PricedQuantity;
    }
  /** The machines that the sizing asks for, of whichever provider. */
  | { readonly machines: true };

/** What is counted, by the month. */
export type PricedQuantity =
  | "stored gigabytes"
  | "hours"
  | "hours of the month"
  | "replica hours"
  | "gigabytes in"
  | "gigabytes out"
  | "thousand writes"
  | "thousand reads"
  | "terabytes scanned";

/** What a system does for a control of NIST SP 800-53 rev. 5. */
export interface ControlClaim {
  /** `SC-28`. */
  readonly control: string;
  readonly what: string;
  /** The vendor's page or our own that says so. */
  readonly source: string;
  /** Whether it holds with these options; absent: always. */
  readonly when?: (options: GivenOptions) => boolean;
}

/** What plan and present know of a system, whether it runs here or not. */
export interface SystemFacts {
  /** As it is bound: `mysql`. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  readonly roles: readonly PartRole[];
  /** What it is and what it is good at, in a sentence. */
  readonly what: string;
  /** Whose icon: `simple-icons:mysql`, `logos:aws-s3`, or a shape of our own: `shape:gpu`. */
  readonly icon: string;
  /** Whether somebody else runs it. */
  readonly managed: boolean;
  /** What one instance of its own is usually given: cores, GiB, and how many make it survive the loss of one; null where it is no process or is managed. */
  readonly instance: { readonly cores: number; readonly memory: number; readonly redundant: number } | null;
  /** What its provider promises, as a share of the month, and when the source was made; null where nobody does, or no source was found. */
  readonly promised: { readonly availability: number; readonly source: string; readonly date: string } | null;
  readonly prices: readonly PriceComponent[];
  readonly controls: readonly ControlClaim[];
  /** What to know before one chooses it. */
  readonly limits: readonly string[];
}

type Given = Pick<SystemFacts, "name" | "title" | "roles" | "what" | "icon"> & Partial<SystemFacts>;

/** A row: what is left out is null or nothing. */
export function facts(given: Given): SystemFacts {
  return Object.freeze({ managed: false, instance: null, promised: null, prices: [], controls: [], limits: [], ...given });
}

/** A process of its own on machines that one rents or owns. */
export function ownProcess(cores: number, memory: number, redundant: number): Pick<SystemFacts, "instance" | "prices"> {
  return { instance: { cores, memory, redundant }, prices: [{ machines: true }] };
}
