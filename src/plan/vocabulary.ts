import type { DecisionTopic } from "../define/decision.ts";
import type { Column } from "../define/column.ts";
import type { Compliance } from "../define/requirement.ts";
import type { Definition, EnvironmentNode, RequirementNode } from "../define/node.ts";
import type { Origin } from "../error.ts";
import type { PartRole } from "../systems/catalogue/facts.ts";
import type { Figure } from "./figure.ts";

/** What the plan of a platform is computed from: nothing else goes in, so that the same input gives the same plan. */
export interface PlanInput {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly measurements: Measurements;
  /** Columns by table, as schema.lock.json has them. */
  readonly columns: Readonly<Record<string, readonly Column[]>>;
  /** Prices of the user's own, which take the place of the catalogue's: `aws/s3/Standard / Storage` to dollars for the unit, `aws/m7i.large` to dollars an hour. */
  readonly prices: Readonly<Record<string, OwnPrice>>;
}

/** A price that a person gave, and the line on which it stands. */
export interface OwnPrice {
  readonly price: number;
  readonly where: Origin;
}

/** What has been measured of an environment: from its journal and its lake, each figure with its run and time; absent is never measured. */
export interface Measurements {
  readonly tables: Readonly<Record<string, TableMeasurements>>;
  readonly models: Readonly<Record<string, ModelMeasurements>>;
  readonly endpoints: Readonly<Record<string, EndpointMeasurements>>;
  /** On what the tables were made; null when no run told. */
  readonly machine: MachineMeasurements | null;
  /** The newest event of each type that may be evidence for a control, with its place in the journal. */
  readonly evidence: readonly Evidence[];
}

export interface TableMeasurements {
  readonly rows: Figure;
  /** Of the data files of its current snapshot, compressed as they lie. */
  readonly bytes: Figure;
  /** Of the work that made it last. */
  readonly seconds: Figure;
}

/** The machine that a run ran on. */
export interface MachineMeasurements {
  /** `duckdb`, `spark`. */
  readonly engine: string;
  readonly cores: Figure;
  /** As the machine names it. */
  readonly processor: string;
}

export interface ModelMeasurements {
  readonly version: string;
  /** By the gate's names: `auc`. */
  readonly quality: Readonly<Record<string, Figure>>;
  /** Of its training, wall time. */
  readonly seconds: Figure;
  readonly rows: Figure;
  /** Of one prediction, as its ONNX file says: two for each multiplication with its addition. */
  readonly operations: Figure;
  /** Of its ONNX file. */
  readonly bytes: Figure;
}

export interface EndpointMeasurements {
  readonly version: string;
  /** Of the machine that it was measured on. */
  readonly cores: Figure;
  /** Processor seconds that one prediction takes, all in. */
  readonly processorSeconds: Figure;
  readonly p50: Figure;
  readonly p99: Figure;
  /** Predictions in a second that one replica of `cores` gave while it kept its latency. */
  readonly rate: Figure;
}

/** Something that the journal shows to have happened. */
export interface Evidence {
  readonly type: string;
  readonly asset: string | null;
  readonly sequence: number;
  readonly time: string;
}

/** Where a part stands in the diagrams and documents. */
export type Group = "sources" | "preprocessing" | "storage" | "training" | "serving" | "monitoring" | "governance";

/** A system in its role: a box of the diagrams, a row of the tables. */
export interface Part {
  /** The role's or source's name, `lake`, `ops`; an endpoint's is `server`. */
  readonly id: string;
  readonly role: PartRole;
  readonly group: Group;
  /** As bound: `mysql`; of an embedded one, what is inside: `duckdb`. */
  readonly system: string;
  readonly title: string;
  /** A line below the title: what it holds or does here, `5 tables`, `arrival_delay`. */
  readonly detail: string;
  /** `described`: it can be planned and presented, not run. */
  readonly status: "works" | "described";
  readonly embedded: boolean;
  /** What it makes or holds. */
  readonly assets: readonly string[];
  readonly origin: Origin;
}

/** What flows from part to part. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly kind: "data" | "models" | "requests" | "metrics" | "control";
  /** In few words; null where the parts say it. */
  readonly label: string | null;
}

/** What a part needs. */
export interface SizedPart {
  readonly part: string;
  /** Machines or processes of one kind, side by side. */
  readonly replicas: Figure;
  /** Of each. */
  readonly cores: Figure;
  /** Of each, bytes. */
  readonly memory: Figure;
  readonly accelerator: SizedAccelerator | null;
  /** Bytes that it keeps at the end of the first year; null when it keeps none. */
  readonly storage: Figure | null;
  /** Hours of a month in which it runs: 730 for what is always there. */
  readonly hours: Figure;
  /** The steps that led here, and other figures of the part: rates, bytes a day, partitions. */
  readonly figures: readonly Figure[];
}

export interface SizedAccelerator {
  readonly type: string;
  /** Of each replica. */
  readonly count: Figure;
  readonly runnersUp: readonly { readonly type: string; readonly because: string }[];
}

export interface Sizing {
  readonly parts: readonly SizedPart[];
  /** Of the whole platform: bytes a day, stored after a year, network. */
  readonly figures: readonly Figure[];
}

export type Purchase = "on-demand" | "reserved" | "spot" | "owned";

/** One line of a bill. */
export interface CostLine {
  readonly part: string;
  /** As the provider calls it: `m7i.xlarge`, `S3 Standard storage`. */
  readonly item: string;
  readonly purchase: Purchase;
  readonly quantity: Figure;
  readonly price: Figure;
  /** USD a month, to the cent. */
  readonly monthly: Figure;
}

/** The platform at one provider, bought in one way. */
export interface CostOption {
  /** `aws us-east-1, on demand`. */
  readonly name: string;
  readonly provider: string;
  readonly region: string;
  /** Why this region stands for what is asked for. */
  readonly because: string;
  readonly purchase: Purchase;
  readonly lines: readonly CostLine[];
  /** Sum of the lines: unknown when one is. */
  readonly monthly: Figure;
  /** Sum of the lines that are known. */
  readonly known: Figure;
  readonly perInference: Figure;
  readonly perTrainingRun: Figure;
  /** Of data that arrives. */
  readonly perTerabyte: Figure;
  /** kWh a month, and what of it an inference and a training run take. */
  readonly energy: { readonly monthly: Figure; readonly perInference: Figure; readonly perTrainingRun: Figure };
  readonly carbon: { readonly monthly: Figure; readonly perInference: Figure; readonly perTrainingRun: Figure };
}

export interface Cost {
  /** Of where the environment says that it stands. */
  readonly chosen: CostOption;
  /** Side by side, `chosen` first. */
  readonly options: readonly CostOption[];
}

/** What happens when a part breaks. */
export interface Failure {
  readonly part: string;
  readonly breaks: string;
  readonly userSees: string;
  readonly heals: string;
  /** Seconds until it works again. */
  readonly time: Figure;
  /** Whether everything that depends on it stops with it. */
  readonly single: boolean;
}

/** When a part gets more or fewer replicas. */
export interface Autoscaling {
  readonly part: string;
  readonly minimum: Figure;
  readonly maximum: Figure;
  /** What is watched, and the value at which it grows: `processor use`, 0.6. */
  readonly metric: string;
  readonly target: Figure;
  readonly because: string;
}

export interface ServiceLevels {
  /** Of an answer from the endpoint: share of the month. */
  readonly uptime: Figure;
  /** Seconds of a month. */
  readonly errorBudget: Figure;
  readonly recoveryTime: Figure;
  readonly recoveryPoint: Figure;
  /** Share of the month of each part on the way of a request. */
  readonly parts: readonly { readonly part: string; readonly availability: Figure }[];
  readonly failures: readonly Failure[];
  readonly autoscaling: readonly Autoscaling[];
}

/** What satisfies a control, or does its part. */
export type Satisfaction =
  /** A property of a bound system, as its vendor says. */
  | { readonly by: "system"; readonly part: string; readonly what: string; readonly source: string }
  /** Something that Millwright does, and the test or page that shows it. */
  | { readonly by: "feature"; readonly what: string; readonly source: string }
  /** A check that ran: its event in the journal. */
  | { readonly by: "evidence"; readonly what: string; readonly evidence: Evidence };

export interface ControlVerdict {
  /** `SC-28`, `45 CFR 164.312(a)(2)(iv)`, `Art. 32`. */
  readonly id: string;
  readonly title: string;
  /** The family or group: `System and Communications Protection`. */
  readonly group: string;
  /** `shown`: a check ran and its evidence is in the journal; `claimed`: a feature or system does it; `partial`: of some parts only; `open`: somebody must act. */
  readonly status: "shown" | "claimed" | "partial" | "open";
  readonly by: readonly Satisfaction[];
  /** Who must act, and what they must do; null when nothing is left. */
  readonly remaining: string | null;
}

export interface ComplianceReport {
  readonly standard: Compliance;
  readonly controls: readonly ControlVerdict[];
}

/** A system that a choice is between, and what the rules say of it. */
export interface Candidate {
  readonly system: string;
  readonly title: string;
  readonly score: number;
  readonly rules: readonly { readonly rule: string; readonly points: number; readonly because: string }[];
}

export interface Choice {
  readonly topic: DecisionTopic;
  /** What the decision says, or else the environment binds. */
  readonly chosen: string;
  /** What this environment binds, where that is something else. */
  readonly bound: string | null;
  /** A person's reason; null prints as OPEN. */
  readonly because: string | null;
  readonly rejected: readonly { readonly system: string; readonly reason: string }[];
  /** Best first. */
  readonly candidates: readonly Candidate[];
  readonly verdict: "supported" | "challenged";
  /** At which value of which requirement the rules would say otherwise; null when at none. */
  readonly turningPoint: string | null;
  readonly origin: Origin | null;
}

/** How a requirement stands. */
export interface Verdict {
  readonly requirement: RequirementNode;
  /** `given`: it is no bound but something to reckon with. */
  readonly outcome: "met" | "missed" | "unknown" | "given";
  /** What it was held against; null where there is no number. */
  readonly figure: Figure | null;
  readonly reason: string;
}

/** Everything that documents, decks and diagrams say of a platform in an environment. Frozen; survives `JSON.stringify`. */
export interface PlatformPlan {
  readonly platform: string;
  readonly domain: string | null;
  readonly environment: string;
  readonly requirements: readonly Verdict[];
  readonly parts: readonly Part[];
  readonly links: readonly Link[];
  readonly sizing: Sizing;
  readonly cost: Cost;
  readonly service: ServiceLevels;
  readonly compliance: readonly ComplianceReport[];
  readonly choices: readonly Choice[];
  readonly measurements: Measurements;
}
