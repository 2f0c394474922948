import { figureText } from "../../plan/figure-text.ts";
import type { CostLine, Part, PlatformPlan, SizedPart } from "../../plan/vocabulary.ts";

/** What a card says of a part in numbers, the same words as in plan and document. */
export interface PartFigures {
  /** `3 replicas · 2.1 TB`. */
  readonly size: string | null;
  /** `$1,234.00/month`, or that it is unknown; null where the part costs nothing of its own. */
  readonly cost: string | null;
  readonly replicas: number;
  /** `2 × H100`, of each replica. */
  readonly accelerators: string | null;
}

export function partFigures(plan: PlatformPlan, part: Part): PartFigures {
  const sized = plan.sizing.parts.find((one) => one.part === part.id);
  const replicas = sized?.replicas.value ?? 1;
  const sizes = [
    replicas > 1 ? `${replicas} replicas` : null,
    sized?.storage?.value === null || sized?.storage === null || sized === undefined ? null : figureText(sized.storage),
  ].filter((text) => text !== null);
  return {
    size: sizes.length === 0 ? null : sizes.join(" · "),
    cost: costText(linesOf(plan, part)),
    replicas,
    accelerators: acceleratorText(sized),
  };
}

/** `2 × H100`. */
function acceleratorText(sized: SizedPart | undefined): string | null {
  const accelerator = sized?.accelerator ?? null;
  if (accelerator === null) return null;
  const { count, type } = accelerator;
  return count.value === null ? type : `${count.value} × ${type}`;
}

/** The lines of the bill that a part causes. */
export function linesOf(plan: PlatformPlan, part: Part): readonly CostLine[] {
  return plan.cost.chosen.lines.filter((line) => line.part === part.id);
}

function costText(lines: readonly CostLine[]): string | null {
  const [first] = lines;
  if (first === undefined) return null;
  const known = lines.flatMap(({ monthly }) => (monthly.value === null ? [] : [monthly.value]));
  if (known.length < lines.length) return "cost unknown";
  // In cents, as bills are added up.
  const cents = known.reduce((sum, value) => sum + Math.round(value * 100), 0);
  return figureText({ ...first.monthly, value: cents / 100 });
}
