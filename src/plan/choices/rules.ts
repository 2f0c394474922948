import type { DecisionTopic } from "../../define/decision.ts";
import type { ChoiceFacts } from "./facts.ts";

type NumericFact = { [Name in keyof ChoiceFacts]: ChoiceFacts[Name] extends number | null ? Name : never }[keyof ChoiceFacts];
type WordFact = Exclude<keyof ChoiceFacts, NumericFact>;

/** When a rule holds: a number at least or below a bound, or a word. A fact that nobody has stated makes no rule hold. */
export type Condition =
  | { readonly fact: NumericFact; readonly atLeast: number }
  | { readonly fact: NumericFact; readonly below: number }
  | { readonly fact: WordFact; readonly is: string };

/** Points for or against a system, and why. The bounds are ours, to be argued with: a decision with a reason always stands above them. */
export interface Rule {
  readonly topic: DecisionTopic;
  readonly system: string;
  readonly points: number;
  readonly when: Condition;
  readonly because: string;
}

type Row = readonly [system: string, points: number, when: Condition, because: string];

const atLeast = (fact: NumericFact, bound: number): Condition => ({ fact, atLeast: bound });
const below = (fact: NumericFact, bound: number): Condition => ({ fact, below: bound });
const is = (fact: WordFact, word: string): Condition => ({ fact, is: word });

const [gigabyte, terabyte, petabyte] = [1e9, 1e12, 1e15];

const rows: Readonly<Record<DecisionTopic, readonly Row[]>> = {
  scheduler: [
    ["process", 3, below("requests", 500), "one machine answers so many, and nothing has to be looked after"],
    ["process", 1, below("accelerators", 9), "one machine holds so many accelerators"],
    ["process", -4, atLeast("uptime", 0.999), "one machine is down for longer than that"],
    ["process", -6, atLeast("accelerators", 9), "one machine holds eight"],
    ["kubernetes", 2, atLeast("requests", 500), "replicas follow the load"],
    ["kubernetes", 3, atLeast("uptime", 0.999), "lost replicas are started elsewhere"],
    ["kubernetes", 1, is("serving", "real-time"), "services that stay up are what it is made for"],
    ["slurm", 4, atLeast("accelerators", 16), "whole nodes, fair shares and topology for large trainings"],
    ["slurm", 2, is("serving", "batch"), "jobs that end are what it is made for"],
    ["slurm", -3, is("serving", "real-time"), "it has no services that stay up"],
    ["slurm", 1, atLeast("owned", 1), "the usual queue of one's own cluster"],
  ],
  deployment: [
    ["cloud", 2, below("owned", 1), "nothing to buy first, and room to grow"],
    ["cloud", 2, atLeast("uptime", 0.999), "several zones without buildings of one's own"],
    ["cloud", -6, is("privacy", "on site"), "data may not leave the site"],
    ["cloud", -6, is("privacy", "on device"), "data may not leave the device"],
    ["on-premises", 6, is("privacy", "on site"), "data stays where it is made"],
    ["on-premises", 2, atLeast("accelerators", 64), "accelerators in use all day are cheaper owned"],
    ["on-premises", 3, atLeast("owned", 1), "the machines are there"],
    ["edge", 7, is("privacy", "on device"), "data never leaves the device"],
    ["edge", 3, below("p99", 0.01), "the way to a data centre alone takes longer"],
    ["hybrid", 3, atLeast("stored", petabyte), "old data is cheaper far away, new data is needed near"],
    ["hybrid", 4, is("privacy", "on site"), "training elsewhere on what may leave, answers on site"],
  ],
  storage: [
    ["local", 3, below("bytesPerDay", 10 * gigabyte), "one disk holds years of it"],
    ["local", -4, atLeast("uptime", 0.999), "gone with its disk"],
    ["local", -6, atLeast("bytesPerDay", terabyte), "no disk holds it for long"],
    ["s3", 3, atLeast("bytesPerDay", 100 * gigabyte), "grows without end, by the month"],
    ["s3", 2, atLeast("uptime", 0.999), "kept in three zones"],
    ["s3", 1, atLeast("onAws", 1), "where the machines are"],
    ["s3", -5, is("privacy", "on site"), "data may not leave the site"],
    ["gcs", 3, atLeast("bytesPerDay", 100 * gigabyte), "grows without end, by the month"],
    ["gcs", 2, atLeast("onGoogle", 1), "where the machines are"],
    ["gcs", -5, is("privacy", "on site"), "data may not leave the site"],
    ["azure", 3, atLeast("bytesPerDay", 100 * gigabyte), "grows without end, by the month"],
    ["azure", 2, atLeast("onAzure", 1), "where the machines are"],
    ["azure", -5, is("privacy", "on site"), "data may not leave the site"],
    ["nfs", 2, is("privacy", "on site"), "one file system for the nodes of a site"],
    ["nfs", 1, below("bytesPerDay", terabyte), "a server's disks hold it"],
    ["hdfs", 3, is("privacy", "on site"), "a cluster's own disks, three copies"],
    ["hdfs", 2, atLeast("bytesPerDay", 10 * terabyte), "reading beside the disks"],
    ["hybrid", 4, atLeast("stored", petabyte), "recent partitions near, old ones cheap"],
  ],
  engine: [
    ["duckdb", 4, below("bytesPerDay", 4 * terabyte), "one machine of two cores keeps up with 2 TB a day (docs/benchmarks.md)"],
    ["duckdb", -5, atLeast("bytesPerDay", 20 * terabyte), "more than one machine reads in a day"],
    ["spark", 4, atLeast("bytesPerDay", 4 * terabyte), "divides over machines"],
    ["spark", 2, atLeast("stored", 100 * terabyte), "rebuilds of the whole take a cluster"],
    ["trino", 1, atLeast("stored", 100 * terabyte), "questions over the whole, not rebuilds"],
    ["dask", 1, atLeast("accelerators", 8), "data frames beside Python's trainings"],
    ["rapids", 3, atLeast("accelerators", 16), "the accelerators are there between trainings"],
  ],
  server: [
    ["embedded", 4, below("requests", 2000), "one process answers so many on two cores (docs/benchmarks.md), with nothing else to run"],
    ["embedded", -3, atLeast("requests", 20_000), "rollout over many machines belongs to a platform"],
    ["triton", 3, atLeast("accelerators", 1), "keeps accelerators busy, several models on one"],
    ["triton", 3, atLeast("requests", 2000), "batches on several devices"],
    ["kserve", 2, atLeast("requests", 2000), "canaries and scaling on Kubernetes"],
    ["kserve", 2, atLeast("uptime", 0.9995), "replicas in several zones behind one address"],
    ["mlserver", 1, below("requests", 50), "Python's models as they are"],
  ],
  warehouse: [
    ["duckdb", 4, below("stored", 2 * terabyte), "one file, opened in place"],
    ["duckdb", 2, below("bytesPerDay", 100 * gigabyte), "one file takes it for years"],
    ["duckdb", -4, atLeast("bytesPerDay", terabyte), "one file grows beyond one machine"],
    ["snowflake", 3, atLeast("bytesPerDay", 100 * gigabyte), "computing grows apart from storage, on any cloud"],
    ["bigquery", 3, atLeast("bytesPerDay", 100 * gigabyte), "no machines, paid by what queries read"],
    ["bigquery", 1, atLeast("onGoogle", 1), "where the data is"],
    ["redshift", 2, atLeast("bytesPerDay", 100 * gigabyte), "nodes near S3"],
    ["redshift", 2, atLeast("onAws", 1), "where the data is"],
  ],
  accelerator: [
    ["cpu", 4, below("accelerators", 1), "no training asks for one"],
    ["cpu", -6, atLeast("accelerators", 1), "a training asks for one"],
    ["L4", 2, below("accelerators", 9), "little power, a video card's price"],
    ["A100", 3, atLeast("accelerators", 8), "memory and links for trainings over several"],
    ["H100", 4, atLeast("accelerators", 32), "twice to three times an A100's rate for large trainings"],
    ["Jetson", 6, is("privacy", "on device"), "a few watts, in the device"],
  ],
  broker: [
    ["none", 4, is("data", "static"), "nothing streams"],
    ["none", 2, below("bytesPerDay", 10 * gigabyte), "files in micro-batches do"],
    ["kafka", 4, atLeast("bytesPerDay", 100 * gigabyte), "a log in partitions, read again at need"],
    ["kafka", 2, is("data", "streaming"), "positions are committed with the rows"],
    ["rabbitmq", 2, is("data", "streaming"), "routing at moderate rates"],
    ["rabbitmq", -3, atLeast("bytesPerDay", 100 * gigabyte), "queues at moderate rates only"],
    ["pubsub", 3, is("data", "streaming"), "nothing to run"],
    ["pubsub", 2, atLeast("onGoogle", 1), "where the machines are"],
    ["pubsub", -6, is("privacy", "on site"), "data may not leave the site"],
  ],
  orchestrator: [
    ["embedded", 4, below("bytesPerDay", 4 * terabyte), "one platform file, one process, one schedule"],
    ["airflow", 3, atLeast("bytesPerDay", 4 * terabyte), "many teams and their pipelines on one schedule"],
    ["nifi", 2, is("data", "streaming"), "flows with back pressure from many devices"],
    ["kubeflow", 2, atLeast("accelerators", 16), "trainings as pipelines on Kubernetes"],
  ],
};

/** Every rule, as documents print them. */
export const rules: readonly Rule[] = Object.freeze(
  topicsOf(rows).flatMap((topic) =>
    rows[topic].map(([system, points, when, because]) => Object.freeze<Rule>({ topic, system, points, when, because })),
  ),
);

function topicsOf(all: Readonly<Record<DecisionTopic, readonly Row[]>>): readonly DecisionTopic[] {
  const topics: readonly DecisionTopic[] = [
    "deployment",
    "scheduler",
    "storage",
    "engine",
    "warehouse",
    "broker",
    "orchestrator",
    "accelerator",
    "server",
  ];
  return topics.filter((topic) => topic in all);
}
