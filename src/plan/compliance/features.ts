import type { Claim, ComplianceContext } from "./claim.ts";

type Holds = (context: ComplianceContext) => boolean;

const has =
  (role: string): Holds =>
  ({ parts }) =>
    parts.some((part) => part.role === role);

const option =
  (role: string, name: string): Holds =>
  ({ environment }) =>
    environment.bindings[role]?.options[name] !== undefined;

const runs = ["run.finished"];

/** What Millwright itself does for controls of NIST SP 800-53 rev. 5. */
export const features: readonly Claim[] = Object.freeze<Claim[]>([
  {
    controls: ["AU-2", "AU-12"],
    what: "Every run, commit, rejected row, model decision and alert is an event of the journal",
    source: "docs/concepts.md",
    remaining: "record who reads the warehouse and the lake, in their own logs",
    evidence: ["run.started"],
  },
  {
    controls: ["AU-3", "AU-8"],
    what: "An event says what happened, to which asset, in which run, and when in UTC",
    source: "docs/concepts.md",
    evidence: runs,
  },
  {
    controls: ["AU-9", "AU-10"],
    what: "Events are chained by SHA-256 and the journal refuses changes: what was altered is found",
    source: "docs/concepts.md",
    remaining: "keep a copy of the journal on another machine, and close its folder to those whom it is about",
    evidence: runs,
  },
  { controls: ["AU-11"], what: "Nothing is ever removed from the journal", source: "docs/concepts.md", evidence: runs },
  {
    controls: ["AU-6", "AU-7"],
    what: "status, lineage and the journal's events as JSON, by asset, run and type",
    source: "docs/lineage.md",
    remaining: "name who reviews the events, and how often",
  },
  {
    controls: ["CM-2", "CM-2(2)", "CM-8", "PM-5"],
    what: "The platform file and schema.lock.json are the configuration and the inventory; each change of a declaration is an event",
    source: "docs/concepts.md",
    evidence: ["asset.defined"],
  },
  {
    controls: ["CM-3", "CM-3(2)", "CM-4"],
    what: "check finds what a change breaks before anything runs; run --dry-run shows what it would do",
    source: "docs/check.md",
    remaining: "have changes of the platform file reviewed before they are merged",
  },
  {
    controls: ["CM-3", "AC-5"],
    what: "A model becomes the champion only when a person has approved it, with name and reason",
    source: "docs/registry.md",
    evidence: ["model.approved"],
    remaining: "say who may approve",
    when: ({ definition }) => definition.assets.some((asset) => "approval" in asset && asset.approval === "required"),
  },
  {
    controls: ["SI-7", "SI-7(1)"],
    what: "Models and packages are addressed by SHA-256 and refused when they do not match; what is fetched has its hash",
    source: "docs/packaging.md",
    evidence: ["model.registered", "model.packaged"],
    when: has("registry"),
  },
  {
    controls: ["SI-10"],
    what: "Columns are typed, rows are checked, and what fails goes to a quarantine table with the reason",
    source: "docs/run.md",
    evidence: ["asset.committed"],
  },
  { controls: ["SI-11"], what: "Errors say what, where and what to do, and never repeat a secret", source: "docs/check.md" },
  {
    controls: ["SI-4", "SI-4(2)", "CA-7"],
    what: "Drift, data quality, performance and latency are watched and given to Prometheus",
    source: "docs/monitoring.md",
    evidence: ["drift.detected", "drift.recovered", "performance.measured"],
    remaining: "watch the machines and the network too",
    when: has("monitor"),
  },
  {
    controls: ["SI-4(5)", "IR-5"],
    what: "Alerts go to the team, and to its lead when nobody acknowledges them",
    source: "docs/monitoring.md",
    evidence: ["alert.raised"],
    when: has("alerts"),
  },
  {
    controls: ["SI-12"],
    what: "Snapshots expire as the maintenance asset says",
    source: "docs/maintenance.md",
    evidence: ["table.maintained"],
    remaining: "delete the rows themselves when their time is over",
    when: ({ definition }) => definition.assets.some((asset) => asset.kind === "maintenance" && asset.expire !== null),
  },
  {
    controls: ["CP-10", "CP-10(2)"],
    what: "Any process may be killed at any moment: commits are whole or absent, runs are taken up again, the journal is rebuilt from the commits",
    source: "docs/run.md",
    evidence: runs,
  },
  {
    controls: ["CP-9"],
    what: "Earlier snapshots of every table can be read until they expire",
    source: "docs/lake.md",
    remaining: "copy the lake and the state folder to another place, and try to restore them",
  },
  {
    controls: ["SC-5"],
    what: "Queues, connections and sizes of requests are bounded: what is too much gets 429 or 503",
    source: "docs/serving.md",
    when: has("server"),
  },
  {
    controls: ["IA-9", "AC-3", "AC-6"],
    what: "Bearer keys say who may ask which endpoint",
    source: "docs/serving.md",
    remaining: "say who gets a key, and take it back when they leave",
    when: option("server", "keys"),
  },
  {
    controls: ["IA-5(7)"],
    what: "Secrets are references to variables: none stands in the platform file, the journal, a log or a rendered file",
    source: "docs/sources.md",
  },
  {
    controls: ["AC-4", "CA-9"],
    what: "Every flow between parts is declared, drawn and traced, by table and by column",
    source: "docs/lineage.md",
    remaining: "close the network to what is not declared",
  },
  {
    controls: ["CP-2", "RA-9"],
    what: "The plan says what breaks, what users see and how it heals",
    source: "docs/plan.md",
    remaining: "write down who does what then, and practise it",
  },
  {
    controls: ["PL-2", "PL-8", "SA-5"],
    what: "Architecture, choices, sizes and controls are written from the definition that runs",
    source: "docs/plan.md",
    remaining: "have the authorizing official accept the plan",
  },
]);

/** What Millwright does for articles of the GDPR. Have it reviewed: an article asks for more than software. */
export const privacyFeatures: readonly Claim[] = Object.freeze<Claim[]>([
  {
    controls: ["Art. 5"],
    what: "Types, checks and quarantine keep data accurate; retention is declared; the journal shows what was done",
    source: "docs/run.md",
    evidence: ["asset.committed"],
    remaining: "state the purpose and the lawful basis of each table",
  },
  {
    controls: ["Art. 14", "Art. 30"],
    what: "Lineage says from which source each table and column comes, and what is made from it",
    source: "docs/lineage.md",
    evidence: ["asset.defined"],
    remaining: "add purposes, recipients and the time of erasure to the record",
  },
  {
    controls: ["Art. 15", "Art. 20"],
    what: "A person's rows are found by key in every table and given out as CSV or JSON",
    source: "docs/query.md",
    remaining: "answer the person within a month",
  },
  {
    controls: ["Art. 16"],
    what: "A row corrected at its source is corrected in all that was made from it, by the next run",
    source: "docs/run.md",
    evidence: ["asset.committed"],
  },
  {
    controls: ["Art. 25"],
    what: "Columns are chosen one by one; the prediction log leaves out the inputs that it is told to; servers listen on this machine unless told otherwise",
    source: "docs/serving.md",
    remaining: "mask what those who ask need not see",
  },
  {
    controls: ["Art. 35"],
    what: "The design document describes processing, flows, controls and risks",
    source: "docs/plan.md",
    remaining: "assess necessity, proportionality and the risks for people with the data protection officer",
  },
]);
