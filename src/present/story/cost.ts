import type { CostLine, CostOption, PlatformPlan } from "../../plan/vocabulary.ts";
import { whyUnknown, type Figure } from "../../plan/figure.ts";
import { titleOf } from "./names.ts";
import { priced, say, shown, strong, table } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { counted, listedText } from "./words.ts";

/** What it costs where it stands, what that is made of, and elsewhere side by side. */
export function costSection(plan: PlatformPlan, limit: number): DraftSection {
  const { chosen, options } = plan.cost;
  const blocks: DraftBlock[] = [{ kind: "paragraph", text: [...costText(chosen), " ", ...footprintText(chosen)] }];
  if (priceable(options).length > 0)
    blocks.push(
      table(
        [
          { title: "Where and how bought", width: 26 },
          { title: "A month", width: 20, align: "right" },
          { title: "Inference", width: 13, align: "right" },
          { title: "Training run", width: 13, align: "right" },
          { title: "TB ingested", width: 13, align: "right" },
          { title: "CO2e a month", width: 16, align: "right" },
        ],
        priceable(options).map((option) => optionRow(option, option === chosen || option.name === chosen.name)),
        limit,
        "option",
      ),
    );
  const lines = dearest(chosen);
  if (lines.length > 0)
    blocks.push(
      table(
        [
          { title: "Part", width: 24 },
          { title: `What is bought (${chosen.name})`, width: 30 },
          { title: "Quantity", width: 12, align: "right" },
          { title: "Price", width: 17, align: "right" },
          { title: "A month", width: 17, align: "right" },
        ],
        lines.map((line) => [[titleOf(plan, line.part)], [line.item], shown(line.quantity), priced(line.price), shown(line.monthly)]),
        limit,
        "line",
      ),
    );
  return { title: "Cost", blocks };
}

/** The month's cost where the environment stands: in full, or how much of it is known and why no more. */
export function costText(chosen: CostOption): DraftText {
  const { monthly, known, name } = chosen;
  if (monthly.value !== null) return [...say`At ${strong(name)} it costs ${monthly}. `, ...sharesText(chosen)];
  const why = whyUnknown(monthly) ?? "not every price is known";
  if (priceable([chosen]).length === 0) return say`What it costs a month is ${monthly}: ${why}.`;
  const missing = chosen.lines.filter((line) => line.monthly.value === null).length;
  const without = missing === 0 ? "" : `, without ${counted(missing, "line")} whose price nobody knows`;
  return say`What is known of its cost at ${strong(name)} sums to ${known}${without}; the whole is unknown, because ${why}.`;
}

/** What of it one of each takes; of what is unknown, why. */
function sharesText({ perInference, perTrainingRun, perTerabyte }: CostOption): DraftText {
  const shares: readonly (readonly [string, Figure])[] = [
    ["an inference", perInference],
    ["a training run", perTrainingRun],
    ["a terabyte that arrives", perTerabyte],
  ];
  const known = shares.filter(([, { value }]) => value !== null).map(([name, figure]) => say`${name} ${figure}`);
  const missing = shares
    .filter(([, { value }]) => value === null)
    .map(([name, figure]) => say`What ${name} costs is ${figure}: ${whyUnknown(figure) ?? ""}.`);
  return [...(known.length === 0 ? [] : ["Of that takes ", ...listedText(known), "."]), ...missing.flatMap((text) => [" ", ...text])];
}

/** Energy and carbon, where they are known. */
export function footprintText({ energy, carbon }: CostOption): DraftText {
  if (energy.monthly.value === null && carbon.monthly.value === null)
    return say`Energy and carbon are ${carbon.monthly}: ${whyUnknown(carbon.monthly) ?? ""}.`;
  const each = [
    ...(carbon.perInference.value === null ? [] : [say`${carbon.perInference} for an inference`]),
    ...(carbon.perTrainingRun.value === null ? [] : [say`${carbon.perTrainingRun} for a training run`]),
  ];
  return [
    ...say`It takes ${energy.monthly} and causes ${carbon.monthly} a month`,
    ...(each.length === 0 ? [] : [": ", ...listedText(each)]),
    ".",
  ];
}

function optionRow(option: CostOption, chosen: boolean): readonly DraftText[] {
  const name: DraftText = chosen ? [strong(option.name), " (chosen)"] : [option.name];
  const month: DraftText = option.monthly.value !== null || option.known.value === null ? shown(option.monthly) : say`≥ ${option.known}`;
  return [name, month, shown(option.perInference), shown(option.perTrainingRun), shown(option.perTerabyte), shown(option.carbon.monthly)];
}

/** Ways to buy it of which at least one line has a price. */
export function priceable(options: readonly CostOption[]): readonly CostOption[] {
  return options.filter(({ lines, monthly }) => monthly.value !== null || lines.some((line) => line.monthly.value !== null));
}

/** The lines of a bill, the dearest first, those of unknown price last. */
export function dearest({ lines }: CostOption): readonly CostLine[] {
  return lines.toSorted((a, b) => (b.monthly.value ?? -1) - (a.monthly.value ?? -1));
}
