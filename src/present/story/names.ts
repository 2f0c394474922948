import type { DecisionTopic } from "../../define/decision.ts";
import type { RequirementNode } from "../../define/node.ts";
import type { Part, PlatformPlan } from "../../plan/vocabulary.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import type { Figure } from "../../plan/figure.ts";
import { declared, shown, status } from "./say.ts";
import type { Draft, DraftText, Status } from "./vocabulary.ts";
import { capital } from "./words.ts";

const requirementTitles: Readonly<Record<string, string>> = {
  serving: "Serving",
  "latency.p50": "Latency, median",
  "latency.p99": "Latency, p99",
  requests: "Requests",
  peak: "Peak against average",
  throughput: "Throughput",
  data: "Data",
  volume: "Data that arrives",
  stored: "Data that is there",
  growth: "Growth",
  retention: "Retention",
  uptime: "Uptime",
  "recovery.time": "Recovery time",
  "recovery.point": "Recovery point",
  costPerInference: "Cost per inference",
  budget: "Budget",
  region: "Region",
  privacy: "Privacy",
};

/** A requirement as people say it: `Latency, p99`, `Quality, auc`. */
export function requirementTitle({ name, text }: RequirementNode): string {
  if (name === "compliance") return `Compliance, ${text}`;
  return requirementTitles[name] ?? capital(name.replace(".", ", "));
}

/** The same in the middle of a sentence: `latency at p99`, `median latency`, `HIPAA`. */
export function requirementPhrase(requirement: RequirementNode): string {
  const { name, text } = requirement;
  if (name === "compliance") return text;
  const [group, metric] = name.split(".");
  if (group === "latency") return metric === "p50" ? "median latency" : `latency at ${metric}`;
  return metric !== undefined && group === "quality" ? `quality by ${metric}` : requirementTitle(requirement).toLowerCase();
}

/** A reason as a sentence begins: with a capital, but for the name of an asset. */
export function opening({ parts }: PlatformPlan, reason: string): string {
  const [first = ""] = reason.split(/[\s:,]/);
  return parts.some(({ assets }) => assets.includes(first)) ? reason : capital(reason);
}

/** What is asked, as it was written: `at most 50 ms`. */
export function asked({ bound, text, origin }: RequirementNode): DraftText {
  const before = bound === "is" || /^[<>=]/.test(text) ? "" : bound === "atMost" ? "at most " : "at least ";
  return before === "" ? declared(text, origin) : [before, ...declared(text, origin)];
}

/** What a requirement was held against; a mere number says what it counts. */
export function found(figure: Figure | null): DraftText {
  if (figure === null) return ["–"];
  return figure.unit === "count" && figure.value !== null ? [...shown(figure), ` ${figure.name}`] : shown(figure);
}

const topicTitles: Readonly<Record<DecisionTopic, string>> = {
  scheduler: "Scheduler",
  deployment: "Deployment",
  storage: "Storage",
  engine: "Data engine",
  server: "Model server",
  warehouse: "Warehouse",
  accelerator: "Accelerator",
  broker: "Broker",
  orchestrator: "Orchestrator",
};

export function topicTitle(topic: DecisionTopic): string {
  return topicTitles[topic];
}

/** `SQLite (ops)` for a source, `DuckDB (warehouse)` for what may fill several roles, `Spark` for the others. */
export function partTitle({ role, title, id, system }: Part): string {
  if (role === "source") return `${title} (${id})`;
  return (systemFacts.get(system)?.roles.length ?? 1) > 1 && !title.toLowerCase().includes(role) ? `${title} (${role})` : title;
}

/** The part of an id, with its title; the id itself where the plan has no such part. */
export function titleOf(plan: PlatformPlan, id: string): string {
  const part = plan.parts.find((one) => one.id === id);
  return part === undefined ? (id === "shared" ? "All parts" : id) : partTitle(part);
}

const outcomes: Readonly<Record<"met" | "missed" | "unknown" | "given", Status>> = {
  met: "good",
  missed: "bad",
  unknown: "open",
  given: "neutral",
};

export function outcomeStatus(outcome: "met" | "missed" | "unknown" | "given"): Draft {
  return status(outcomes[outcome], outcome);
}
