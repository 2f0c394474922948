import type { Place } from "../../../src/define/node.ts";
import {
  boostedTrees,
  endpoint,
  environment,
  model,
  platform,
  source,
  table,
  type Definition,
  type Requirements,
} from "../../../src/index.ts";
import { partsOf } from "../../../src/plan/parts.ts";
import type { Figure } from "../../../src/plan/figure.ts";
import type { OwnPrice, Part, PlanInput, SizedPart, Sizing } from "../../../src/plan/vocabulary.ts";
import { described, files, s3, type DescribedSystem } from "../../../src/systems/index.ts";

/** A figure that a test says. */
export function said(name: string, value: number, unit: Figure["unit"] = "count"): Figure {
  return { name, value, unit, range: null, origin: { kind: "declared", where: { file: "shop.test.ts", line: 1 } } };
}

/** What a test says of a part; what it leaves out is one replica of four cores and 16 GiB, all month. */
export interface SaidPart {
  readonly replicas?: number;
  readonly cores?: number;
  readonly gibibytes?: number;
  readonly accelerator?: { readonly type: string; readonly count: number };
  readonly storage?: number;
  readonly hours?: number;
  readonly figures?: readonly Figure[];
}

function sized(part: string, said_: SaidPart): SizedPart {
  const { replicas = 1, cores = 4, gibibytes = 16, accelerator, storage, hours = 730, figures = [] } = said_;
  return {
    part,
    replicas: said("replicas", replicas),
    cores: said("cores", cores),
    memory: said("memory", gibibytes * 2 ** 30, "bytes"),
    accelerator:
      accelerator === undefined ? null : { type: accelerator.type, count: said("accelerators", accelerator.count), runnersUp: [] },
    storage: storage === undefined ? null : said("storage", storage, "bytes"),
    hours: said("hours", hours, "hours"),
    figures,
  };
}

const orders = source("data").table("orders", { key: "id" });
const clean = table("clean", orders).load();
const late = model("late", {
  from: clean,
  target: "late",
  split: { by: "ordered", test: "last 60 days" },
  train: boostedTrees({ trees: 10 }),
  accept: { auc: ">= 0.5" },
});

/** A shop with one source, one table, one model and one endpoint. */
export function shop(requirements: Requirements, place: Partial<Place> | null, warehouse?: DescribedSystem): Definition {
  return platform({
    name: "shop",
    domain: "retail",
    requirements,
    assets: [clean, late, endpoint("lateness", { model: late })],
    environments: {
      cloud: environment({
        data: files({ directory: "data" }),
        lake: s3({ bucket: "shop" }),
        ...(warehouse === undefined ? {} : { warehouse: described(warehouse) }),
        ...(place === null
          ? {}
          : {
              place: {
                provider: place.provider ?? "aws",
                ...(place.region == null ? {} : { region: place.region }),
                ...(place.purchase === undefined ? {} : { purchase: place.purchase }),
              },
            }),
      }),
    },
  });
}

/** What a plan of the shop is computed from, with hand-made sizes. */
export function shopInput(
  definition: Definition,
  sizes: Readonly<Record<string, SaidPart>>,
  prices: Readonly<Record<string, OwnPrice>> = {},
): { readonly input: PlanInput; readonly parts: readonly Part[]; readonly sizing: Sizing } {
  const [environmentNode] = Object.values(definition.environments);
  if (environmentNode === undefined) throw new Error("the shop has an environment");
  const input: PlanInput = {
    definition,
    environment: environmentNode,
    measurements: { tables: {}, models: {}, endpoints: {}, evidence: [], machine: null },
    columns: {},
    prices,
  };
  const parts = partsOf(definition, environmentNode);
  return { input, parts, sizing: { parts: Object.entries(sizes).map(([part, one]) => sized(part, one)), figures: [] } };
}
