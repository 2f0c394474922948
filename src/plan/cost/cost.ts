import { unknown } from "../figure.ts";
import type { Cost, CostOption, Part, PlanInput, Sizing } from "../vocabulary.ts";

/** What the platform costs where the environment stands, and elsewhere side by side. */
export function costOf({ environment }: PlanInput, _parts: readonly Part[], _sizing: Sizing): Cost {
  const why = "no prices have been put together yet";
  const each = {
    monthly: unknown("energy", "kWh", why),
    perInference: unknown("energy of an inference", "kWh", why),
    perTrainingRun: unknown("energy of a training run", "kWh", why),
  };
  const chosen = Object.freeze<CostOption>({
    name: environment.name,
    provider: environment.place?.provider ?? "owned",
    region: environment.place?.region ?? "",
    purchase: environment.place?.purchase ?? "owned",
    lines: [],
    monthly: unknown("cost", "USD/month", why),
    known: unknown("known cost", "USD/month", why),
    perInference: unknown("cost of an inference", "USD", why),
    perTrainingRun: unknown("cost of a training run", "USD", why),
    perTerabyte: unknown("cost of a terabyte that arrives", "USD", why),
    energy: each,
    carbon: each,
  });
  return Object.freeze<Cost>({ chosen, options: [chosen] });
}
