import type { Place, ScheduleNode } from "../../../src/define/node.ts";
import {
  boostedTrees,
  endpoint,
  environment,
  model,
  platform,
  python,
  source,
  table,
  type Definition,
  type Requirements,
} from "../../../src/index.ts";
import type { Column } from "../../../src/define/column.ts";
import type { Figure } from "../../../src/plan/figure.ts";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { EndpointMeasurements, Measurements, PlanInput, PlatformPlan, SizedPart } from "../../../src/plan/vocabulary.ts";
import { described, files, iceberg, s3, spark } from "../../../src/systems/index.ts";

/** A figure that a run is said to have measured. */
export function said(name: string, value: number, unit: Figure["unit"] = "count", minute = 0): Figure {
  const time = new Date(Date.UTC(2026, 10, 22, 0, minute)).toISOString();
  return { name, value, unit, range: null, origin: { kind: "measured", what: "the test", run: "run-1", time } };
}

export interface Sample {
  readonly requirements?: Requirements;
  readonly place?: Place | null;
  /** Null: never measured. */
  readonly endpoint?: { readonly p50: number; readonly p99: number; readonly rate: number; readonly cores?: number } | null;
  readonly engine?: "duckdb" | "spark";
  readonly lake?: "local" | "s3" | "shared";
  readonly broker?: boolean;
  readonly proxy?: boolean;
  readonly schedule?: ScheduleNode;
  /** Given to a trainer of one's own, in place of boosted trees. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly measured?: boolean;
}

const columns: readonly Column[] = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
  { name: "at", type: "timestamp" },
  { name: "paid", type: "boolean" },
];

function definitionOf({
  requirements = {},
  engine = "duckdb",
  lake = "local",
  broker = false,
  proxy = false,
  parameters,
}: Sample): Definition {
  const orders = source("data").table("orders", { key: "id" });
  const clean = table("clean", orders).load();
  const late = model("late", {
    from: clean,
    target: "paid",
    split: { by: "at", test: "last 60 days" },
    train: parameters === undefined ? boostedTrees({ trees: 10 }) : python("train.py", { parameters }),
    accept: { auc: ">= 0.5" },
  });
  return platform({
    name: "shop",
    requirements,
    assets: [clean, late, endpoint("lateness", { model: late })],
    environments: {
      here: environment({
        data: files({ directory: "data" }),
        ...(engine === "spark" ? { engine: spark({ url: "sc://127.0.0.1" }) } : {}),
        ...(lake === "local" ? {} : { lake: s3({ bucket: "shop" }) }),
        ...(lake === "shared" ? { catalog: iceberg({ url: "http://127.0.0.1" }) } : {}),
        ...(broker ? { broker: described("kafka") } : {}),
        ...(proxy ? { proxy: described("nginx") } : {}),
      }),
    },
  });
}

/** A million rows of 33 raw bytes, a third of that compressed, computed tables twice the sources'. */
function measurementsOf({
  endpoint: measured = { p50: 0.001, p99: 0.002, rate: 1000 },
  measured: made = true,
  engine = "duckdb",
}: Sample): Measurements {
  const lateness: EndpointMeasurements | null =
    measured === null
      ? null
      : {
          version: "1",
          cores: said("cores", measured.cores ?? 2),
          processorSeconds: said("processor time", 0.001, "seconds"),
          p50: said("p50", measured.p50, "seconds"),
          p99: said("p99", measured.p99, "seconds"),
          rate: said("rate", measured.rate, "1/second"),
        };
  const of = (bytes: number, seconds: number, minute: number) => ({
    rows: said("rows", 1e6),
    bytes: said("bytes", bytes, "bytes"),
    seconds: said("seconds", seconds, "seconds", minute),
  });
  return {
    tables: made ? { orders: of(11e6, 3, 0), clean: of(22e6, 2, 1) } : {},
    models: made
      ? {
          late: {
            version: "1",
            quality: { auc: said("auc", 0.8) },
            seconds: said("seconds", 60, "seconds"),
            rows: said("rows", 8e5),
            operations: said("operations", 1000),
            bytes: said("bytes", 1e6, "bytes"),
          },
        }
      : {},
    endpoints: lateness === null ? {} : { lateness },
    machine: made ? { engine, cores: said("cores", 2), processor: "a processor" } : null,
    evidence: [],
  };
}

/** What a plan is computed from, in a test. */
export function inputOf(sample: Sample = {}): PlanInput {
  const definition = definitionOf(sample);
  const here = definition.environments["here"];
  if (here === undefined) throw new Error("the sample has lost its environment");
  return {
    definition: { ...definition, schedule: sample.schedule ?? null },
    environment: { ...here, place: sample.place ?? null },
    measurements: measurementsOf(sample),
    columns: { orders: columns, clean: columns },
    prices: {},
  };
}

export function planOf(sample: Sample = {}): PlatformPlan {
  return planPlatform(inputOf(sample));
}

export function sizedOf(plan: PlatformPlan, part: string): SizedPart {
  const found = plan.sizing.parts.find((one) => one.part === part);
  if (found === undefined) throw new Error(`the plan has no part ${part}`);
  return found;
}

export function figureOf({ figures }: { readonly figures: readonly Figure[] }, name: string): Figure {
  const found = figures.find((figure) => figure.name === name);
  if (found === undefined) throw new Error(`there is no ${name} among ${figures.map((figure) => figure.name).join("; ")}`);
  return found;
}

export const aws: Place = { provider: "aws", region: "us-east-1", zones: 1, purchase: "on-demand", encryptedDisks: false };
