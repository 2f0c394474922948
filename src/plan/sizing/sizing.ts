import { systemFacts } from "../../systems/catalogue/index.ts";
import type { Figure } from "../figure.ts";
import { unknown } from "../figure.ts";
import type { Part, PlanInput, SizedPart, Sizing } from "../vocabulary.ts";

/** What each part needs: replicas, cores, memory, accelerators, storage, hours. */
export function sizePlatform(_input: PlanInput, parts: readonly Part[]): Sizing {
  return Object.freeze<Sizing>({ parts: parts.map(sized), figures: [] });
}

function sized({ id, system }: Part): SizedPart {
  const instance = systemFacts.get(system)?.instance ?? null;
  const usual = (name: string, unit: Figure["unit"], value: number | undefined): Figure =>
    value === undefined
      ? unknown(name, unit, `nothing is known of what ${id} needs`)
      : {
          name,
          value,
          unit,
          range: null,
          origin: { kind: "catalogue", row: `systems/${system}`, source: "usual size of one instance", date: "2026-11-22" },
        };
  return Object.freeze<SizedPart>({
    part: id,
    replicas: usual("replicas", "count", instance === null ? undefined : 1),
    cores: usual("cores", "count", instance?.cores),
    memory: usual("memory", "bytes", instance === null ? undefined : instance.memory * 2 ** 30),
    accelerator: null,
    storage: null,
    hours: usual("hours", "hours", 730),
    figures: [],
  });
}
