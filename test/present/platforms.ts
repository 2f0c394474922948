import { boostedTrees, decision, endpoint, environment, env, model, platform, source, table } from "../../src/index.ts";
import type { Definition } from "../../src/define/node.ts";
import type { Figure, FigureUnit } from "../../src/plan/figure.ts";
import { planPlatform } from "../../src/plan/platform.ts";
import type { Measurements, PlatformPlan } from "../../src/plan/vocabulary.ts";
import { described, files, mlflow, mysql, prometheus, s3, spark, triton } from "../../src/systems/index.ts";
import flights from "../../examples/flights/platform.ts";

/** A platform, and the plan of one of its environments. */
export interface Planned {
  readonly definition: Definition;
  readonly plan: PlatformPlan;
}

export function planned(definition: Definition, name: string, measurements: Measurements): Planned {
  const node = definition.environments[name];
  if (node === undefined) throw new Error(`${definition.name} has no environment ${name}`);
  return { definition, plan: planPlatform({ definition, environment: node, measurements, columns: {}, prices: {} }) };
}

const nothing: Measurements = { tables: {}, models: {}, endpoints: {}, machine: null, evidence: [] };

function measured(name: string, unit: FigureUnit, value: number): Figure {
  const origin = {
    kind: "measured" as const,
    what: "a run of the tests' making",
    run: "20261120T101500-abcdef",
    time: "2026-11-20T10:15:00.000Z",
  };
  return { name, value, unit, range: null, origin };
}

/** Everything stated, measured, and reasoned: a hospital on Amazon's machines. */
export function hospital(): Planned {
  const visits = source("records").table("visits", {
    key: "id",
    cursor: "updated_at",
    columns: { id: "bigint", updated_at: "timestamp", age: "integer", stay: "double", returned: "boolean" },
  });
  const clean = table("visits_clean", visits).dedupe("id", { newest: "updated_at" }).load();
  const risk = model("readmission", {
    from: clean,
    target: "returned",
    ignore: ["id"],
    split: { by: "updated_at", test: "last 60 days" },
    train: boostedTrees({ trees: 100 }),
    accept: { auc: ">= 0.7" },
  });
  const definition = platform({
    name: "hospital",
    domain: "healthcare",
    purpose:
      "Ward nurses see at discharge who is likely to come back within a month. They call those patients first, and fewer of them return.",
    requirements: {
      serving: "real-time",
      latency: { p50: "5 ms", p99: "50 ms" },
      requests: "200/second",
      peak: "4x",
      volume: "200 GB/day",
      stored: "10 TB",
      growth: "20%/year",
      retention: "7 years",
      quality: { auc: ">= 0.7" },
      uptime: "99.9%",
      recovery: { time: "1 hour", point: "15 minutes" },
      compliance: ["HIPAA", "FedRAMP Moderate"],
      costPerInference: "$0.00002",
      budget: "$20000/month",
      region: "us-east-1",
    },
    decisions: [
      decision("scheduler", {
        choice: "kubernetes",
        because: "the endpoint scales with the day, and the team runs it already",
        rejected: { slurm: "it has no services that stay up" },
      }),
      decision("engine", {
        choice: "spark",
        because: "the history of ten years does not fit one machine's day",
        rejected: { dask: "no SQL of its own" },
      }),
    ],
    assets: [endpoint("risk", { model: risk, drift: "psi > 0.2" })],
    environments: {
      prod: environment({
        records: mysql({ url: env("RECORDS_URL") }),
        engine: spark({ url: env("SPARK_URL") }),
        lake: s3({ bucket: "hospital" }),
        warehouse: described("redshift"),
        tracker: mlflow({ url: "http://127.0.0.1:5000" }),
        server: triton({ url: "http://127.0.0.1:8000", repository: "models" }),
        broker: described("kafka"),
        monitor: prometheus(),
        identity: described("keycloak"),
        proxy: described("nginx"),
        place: { provider: "aws", region: "us-east-1", zones: 3 },
      }),
    },
  });
  return planned(definition, "prod", {
    tables: {
      visits: {
        rows: measured("rows of visits", "count", 4_000_000),
        bytes: measured("bytes of visits", "bytes", 310e6),
        seconds: measured("seconds of visits", "seconds", 12),
      },
      visits_clean: {
        rows: measured("rows of visits_clean", "count", 3_900_000),
        bytes: measured("bytes of visits_clean", "bytes", 290e6),
        seconds: measured("seconds of visits_clean", "seconds", 9),
      },
    },
    models: {
      readmission: {
        version: "3",
        quality: { auc: measured("auc", "count", 0.764) },
        seconds: measured("seconds of a training of readmission", "seconds", 61),
        rows: measured("rows of readmission", "count", 3_700_000),
        operations: measured("operations of readmission", "count", 2_400),
        bytes: measured("bytes of readmission", "bytes", 480_000),
      },
    },
    endpoints: {
      risk: {
        version: "3",
        cores: measured("cores", "count", 4),
        processorSeconds: measured("processor time of a prediction", "seconds", 0.0004),
        p50: measured("p50 of risk", "seconds", 0.0021),
        p99: measured("p99 of risk", "seconds", 0.0083),
        rate: measured("rate of risk", "1/second", 1800),
      },
    },
    machine: { engine: "spark", cores: measured("cores of the run", "count", 8), processor: "a processor of the tests' making" },
    evidence: [{ type: "run.finished", asset: null, sequence: 7, time: "2026-11-20T10:15:00.000Z" }],
  });
}

/** One table, and nothing said about it. */
export function bare(): Planned {
  const orders = source("data").table("orders", { columns: { id: "bigint", amount: "double" } });
  const definition = platform({
    name: "bare",
    assets: [table("clean", orders).dedupe("id")],
    environments: { local: environment({ data: files({ directory: "data" }) }) },
  });
  return planned(definition, "local", nothing);
}

/** The main example before anything has run. */
export function flightsPlanned(name = "local"): Planned {
  return planned(flights, name, nothing);
}

export const all: readonly (readonly [name: string, make: () => Planned])[] = [
  ["the example of flights, before anything has run", () => flightsPlanned()],
  ["flights on a cluster", () => flightsPlanned("cluster")],
  ["a hospital with everything stated and measured", hospital],
  ["a platform of one table with nothing stated", bare],
];
