import type { Figure } from "../../plan/figure.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { priceable } from "./cost.ts";
import { outcomesText } from "./requirements.ts";
import { risksOf } from "./risks.ts";
import { shown } from "./say.ts";
import type { Draft, DraftBlock, Tile } from "./vocabulary.ts";
import { capital, counted } from "./words.ts";

/** The numbers and the state of things that one should know who reads no further. */
export function summaryBlocks(plan: PlatformPlan): readonly DraftBlock[] {
  const high = risksOf(plan).filter(({ weight }) => weight === "high").length;
  const risks = high === 0 ? " No risk weighs high." : ` ${capital(counted(high, "risk"))} ${high === 1 ? "weighs" : "weigh"} high.`;
  return [
    { kind: "tiles", tiles: keyTiles(plan) },
    { kind: "paragraph", text: [...outcomesText(plan), risks] },
  ];
}

/** Month, inference, latency, uptime, carbon: at most five. */
export function keyTiles(plan: PlatformPlan): readonly Tile<Draft>[] {
  const { chosen } = plan.cost;
  const endpoint = Object.values(plan.measurements.endpoints)[0];
  const month: readonly [string, Figure] =
    chosen.monthly.value === null && priceable([chosen]).length > 0 ? ["cost, known lines only", chosen.known] : ["cost", chosen.monthly];
  const tiles: readonly (readonly [string, Figure])[] = [
    month,
    ["cost of an inference", chosen.perInference],
    ...(endpoint === undefined ? [] : [["latency at p99", endpoint.p99] as const]),
    ["uptime", plan.service.uptime],
    ["carbon in a month", chosen.carbon.monthly],
  ];
  return tiles.map(([label, figure]) => ({ label, value: shown(figure), status: figure.value === null ? "open" : "neutral" }));
}
