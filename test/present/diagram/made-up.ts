import { groupOfRole, linksOf } from "../../../src/plan/parts.ts";
import type { Figure, FigureUnit } from "../../../src/plan/figure.ts";
import { unknown } from "../../../src/plan/figure.ts";
import type { Cost, Part, PlatformPlan, SizedPart } from "../../../src/plan/vocabulary.ts";
import type { PartRole } from "../../../src/systems/catalogue/facts.ts";
import { systemFacts } from "../../../src/systems/catalogue/index.ts";
import { randomNumbers } from "../../../src/random.ts";

const roles = Object.keys(groupOfRole).filter(
  (role): role is Exclude<PartRole, "source"> => role !== "source" && Object.hasOwn(groupOfRole, role),
);

/** A plan of so many parts, made up: real systems in their roles, with figures, some described, some with a missed control. */
export function madeUpPlan(seed: number, count: number): PlatformPlan {
  const next = randomNumbers(seed);
  const among = <T>(items: readonly T[]): T | undefined => items[Math.floor(next() * items.length)];
  const facts = [...systemFacts.values()];
  const taken = roles.toSorted(() => next() - 0.5).slice(0, Math.min(roles.length, Math.max(2, Math.round(count * 0.6))));
  const sources = Array.from({ length: count - taken.length }, (_, index) => ({ id: `source${index + 1}`, role: "source" as const }));
  const parts = [...sources, ...roles.filter((role) => taken.includes(role)).map((role) => ({ id: role, role }))].map(
    ({ id, role }): Part => {
      const system = among(facts.filter((one) => one.roles.includes(role)));
      return {
        id,
        role,
        group: groupOfRole[role],
        system: system?.name ?? role,
        title: system?.title ?? role,
        detail: among(["5 tables", "arrival_delay, fare_estimate, demand_forecast", "drift, quality, performance", ""]) ?? "",
        status: next() < 0.2 ? "described" : "works",
        embedded: next() < 0.2,
        assets: [],
        origin: { file: "platform.ts", line: 1 },
      };
    },
  );
  const sized = parts.map(({ id }): SizedPart => sizedPart(id, next));
  return {
    ...empty,
    parts,
    links: linksOf(parts),
    sizing: { parts: sized, figures: [] },
    cost: costOf(parts, next),
    compliance: [
      {
        standard: "HIPAA",
        controls: parts
          .filter(() => next() < 0.15)
          .map(({ id, title }) => ({
            id: "SC-28",
            title: "At rest",
            group: "Protection",
            status: "open",
            by: [],
            remaining: `encrypt the disk under ${title} (${id})`,
          })),
      },
    ],
  };
}

export function figure(name: string, unit: FigureUnit, value: number | null): Figure {
  return { name, value, unit, range: null, origin: { kind: "unknown", why: "made up" } };
}

function sizedPart(part: string, next: () => number): SizedPart {
  return {
    part,
    replicas: figure("replicas", "count", 1 + Math.floor(next() * 4)),
    cores: figure("cores", "count", 2 ** Math.floor(next() * 6)),
    memory: figure("memory", "bytes", 2 ** (30 + Math.floor(next() * 6))),
    accelerator: next() < 0.15 ? { type: "H100 80GB SXM", count: figure("accelerators", "count", 8), runnersUp: [] } : null,
    storage: next() < 0.5 ? figure("storage", "bytes", next() * 1e15) : null,
    hours: figure("hours", "hours", 730),
    figures: [],
  };
}

function costOf(parts: readonly Part[], next: () => number): Cost {
  const lines = parts
    .filter(() => next() < 0.7)
    .map(({ id }) => ({
      part: id,
      item: "m7i.48xlarge",
      purchase: "on-demand" as const,
      quantity: figure("hours", "hours", 730),
      price: figure("price", "USD/hour", 1.5),
      monthly: figure("cost", "USD/month", next() < 0.2 ? null : Math.round(next() * 1e8) / 100),
    }));
  return { ...empty.cost, chosen: { ...empty.cost.chosen, lines } };
}

const nothing = unknown("nothing", "USD", "made up");
const chosen = {
  name: "made up",
  provider: "aws",
  region: "us-east-1",
  purchase: "on-demand",
  because: "made up",
  lines: [],
  monthly: figure("cost", "USD/month", 123_456.78),
  known: nothing,
  perInference: nothing,
  perTrainingRun: nothing,
  perTerabyte: nothing,
  energy: { monthly: nothing, perInference: nothing, perTrainingRun: nothing },
  carbon: { monthly: nothing, perInference: nothing, perTrainingRun: nothing },
} as const;

const empty: PlatformPlan = {
  platform: "made-up",
  domain: "finance",
  environment: "prod",
  requirements: [],
  parts: [],
  links: [],
  sizing: { parts: [], figures: [] },
  cost: { chosen, options: [chosen] },
  service: {
    uptime: figure("uptime", "share", 0.999),
    errorBudget: nothing,
    recoveryTime: nothing,
    recoveryPoint: nothing,
    parts: [],
    failures: [],
    autoscaling: [],
  },
  compliance: [],
  choices: [],
  measurements: { tables: {}, models: {}, endpoints: {}, evidence: [], machine: null },
};
