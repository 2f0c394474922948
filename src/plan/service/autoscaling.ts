import { systemFacts } from "../../systems/catalogue/index.ts";
import { demandOf, stated } from "../demand.ts";
import { computed } from "../figure.ts";
import { isRedundant } from "../sizing/redundancy.ts";
import { serverFigures } from "../sizing/server.ts";
import type { Autoscaling, Part, PlanInput, Sizing } from "../vocabulary.ts";

/** Room above the busiest time that was foreseen. */
const above = 1.5;
/** A share of the rate at which the latency just holds, because new replicas come only after the load: a look every 15 s, and a start. */
const early = 0.85;

/** When the servers get more or fewer replicas, as the horizontal pod autoscaler of Kubernetes counts: replicas = ceil(replicas now x use / target). */
export function autoscalingOf(input: PlanInput, parts: readonly Part[], sizing: Sizing): readonly Autoscaling[] {
  return parts.flatMap((part): Autoscaling[] => {
    if (part.role !== "server") return [];
    const sized = sizing.parts.find((one) => one.part === part.id);
    const figure = (name: string) => sized?.figures.find((one) => one.name === name);
    const [average, needed, rate] = [figure(serverFigures.average), figure(serverFigures.needed), figure(serverFigures.rate)];
    if (sized === undefined || average === undefined || needed === undefined || rate === undefined) return [];
    const spare = isRedundant(input) ? 1 : 0;
    const accelerated = sized.accelerator !== null;
    const measured = rate.origin.kind === "computed" ? rate.origin.from[0] : undefined;
    const target =
      measured === undefined
        ? stated("target", "share", 0.6, "0.6: the rate of a replica was not measured")
        : computed(
            "target",
            "share",
            `rate within the bound / measured rate x ${early}, at most 0.8`,
            [rate, measured],
            (within = 0, all = 1) => Number(Math.min(0.8, (within / all) * early).toFixed(2)),
          );
    const { p99 } = demandOf(input.definition);
    const bound = p99.value === null ? "its rate" : `the latency of ${p99.value * 1000} ms`;
    return [
      Object.freeze<Autoscaling>({
        part: part.id,
        minimum: computed(
          "least replicas",
          "count",
          `replicas for the average load + ${spare} that may fail, at least ${1 + spare}`,
          [average],
          (count = 1) => Math.max(1 + spare, count + spare),
        ),
        maximum: computed(
          "most replicas",
          "count",
          `${above} x replicas for the busiest time + ${spare}, rounded up`,
          [needed],
          (count = 1) => Math.ceil(above * count) + spare,
        ),
        metric: accelerated ? "use of the GPU (DCGM_FI_DEV_GPU_UTIL, by the GPU Operator's exporter)" : "processor use",
        target,
        because: becauseOf(bound, accelerated, sized.accelerator?.type ?? null, systemFacts.get(part.system)?.title ?? part.title),
      }),
    ];
  });
}

function becauseOf(bound: string, accelerated: boolean, type: string | null, title: string): string {
  const scaling = `at the target a replica keeps ${bound} while new ones start; it looks every 15 s and shrinks after 300 s (Kubernetes' defaults)`;
  if (!accelerated) return scaling;
  const sliced = type !== null && /^(A100|H100|H200|B200|A30)/.test(type);
  return `${scaling}; each replica of ${title} takes whole GPUs${sliced ? `; where one replica leaves most of a ${type} idle, MIG divides it into up to ${type.startsWith("A30") ? 4 : 7} instances (mig.strategy: single)` : ""}`;
}
