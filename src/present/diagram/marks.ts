import type { ControlVerdict, Part, PlatformPlan, Verdict } from "../../plan/vocabulary.ts";

/**
 * What each part misses, in a few words: requirements that are missed and are this part's to meet, and controls that are not met because of it.
 * A part that misses nothing is not there.
 */
export function marksOf(plan: PlatformPlan): ReadonlyMap<string, string> {
  const marks = new Map<string, string>();
  for (const part of plan.parts) {
    const missed = plan.requirements
      .filter((verdict) => verdict.outcome === "missed" && meets(plan, verdict, part))
      .map((verdict) => verdict.requirement.name);
    const open = plan.compliance.flatMap(({ controls }) => controls.filter((control) => lacks(control, part)).map(({ id }) => id));
    const words = [listed("misses", missed), listed("open:", [...new Set(open)])].filter((text) => text !== null);
    if (words.length > 0) marks.set(part.id, words.join("; "));
  }
  return marks;
}

function listed(verb: string, names: readonly string[]): string | null {
  const [first, ...others] = names;
  if (first === undefined) return null;
  const name = first.replace("45 CFR ", "").replace(".", first.startsWith("Art.") ? "." : " ");
  return `${verb} ${name}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

/** Whether a requirement is this part's to meet. */
function meets(plan: PlatformPlan, { requirement }: Verdict, part: Part): boolean {
  const [name = ""] = requirement.name.split(".");
  switch (name) {
    case "latency":
    case "throughput":
    case "costPerInference":
      return part.role === "server";
    case "uptime":
    case "recovery":
      return part.id === weakest(plan);
    case "quality":
      return part.role === "launcher";
    case "region":
    case "privacy":
      return part.role === "lake" || part.role === "server";
    default:
      return false;
  }
}

function weakest({ service }: PlatformPlan): string {
  const known = service.parts.flatMap(({ part, availability }) =>
    availability.value === null ? [] : [{ part, value: availability.value }],
  );
  return known.toSorted((one, other) => one.value - other.value)[0]?.part ?? "server";
}

/** Whether what is left to do for a control names the part: `encrypt the disk under NFS (lake)`. */
function lacks({ status, remaining }: ControlVerdict, part: Part): boolean {
  if ((status !== "open" && status !== "partial") || remaining === null) return false;
  if (remaining.includes(`(${part.id})`)) return true;
  const held = /which holds ([\w, -]+)/.exec(remaining)?.[1]?.split(/, | and /) ?? [];
  return held.includes(part.id) || (part.role === "server" && remaining.includes("give the server "));
}
