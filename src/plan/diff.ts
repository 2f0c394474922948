import type { Figure } from "./figure.ts";
import type { ControlVerdict, Part, PlatformPlan, SizedPart, Verdict } from "./vocabulary.ts";

/** A figure that is not the same in two plans; null where one does not have it. */
export interface FigureChange {
  /** What it is of: a part, an item of the bill; null for the whole platform. */
  readonly of: string | null;
  readonly name: string;
  readonly from: Figure | null;
  readonly to: Figure | null;
  /** `to` less `from`; null where one is unknown. */
  readonly change: number | null;
}

/** A word that is not the same: a system, a status, an outcome; null where one plan does not have it. */
export interface WordChange {
  readonly of: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** A requirement whose text or outcome is not the same. */
export interface RequirementChange {
  readonly name: string;
  readonly from: Pick<Verdict, "outcome" | "reason"> | null;
  readonly to: Pick<Verdict, "outcome" | "reason"> | null;
  /** As it was written in each. */
  readonly texts: readonly [from: string | null, to: string | null];
  /** Whether the first plan met it and the second misses it. */
  readonly broken: boolean;
}

export interface ControlChange extends WordChange {
  readonly standard: string;
  /** Whether less satisfies the control than before. */
  readonly worse: boolean;
}

/** What is not the same in two plans: empty lists where all is. */
export interface PlanDiff {
  /** `flights, cluster`. */
  readonly from: string;
  readonly to: string;
  readonly added: readonly Part[];
  readonly removed: readonly Part[];
  /** Parts that another system fills. */
  readonly systems: readonly WordChange[];
  readonly sizes: readonly FigureChange[];
  readonly cost: { readonly option: WordChange | null; readonly figures: readonly FigureChange[]; readonly parts: readonly FigureChange[] };
  readonly service: readonly FigureChange[];
  readonly compliance: readonly ControlChange[];
  readonly requirements: readonly RequirementChange[];
  readonly choices: readonly WordChange[];
}

/** What changed from one plan to another, in structure, sizes, cost, service levels, compliance, requirements and choices: a pure function. */
export function diffPlans(a: PlatformPlan, b: PlatformPlan): PlanDiff {
  const systems = keyed(a.parts, b.parts, ({ id }) => id).flatMap(([id, from, to]) =>
    from === null || to === null ? [] : word(id, from.system, to.system),
  );
  const choice = ({ chosen, verdict }: PlatformPlan["choices"][number]) => `${chosen} (${verdict})`;
  const choices = keyed(a.choices, b.choices, ({ topic }) => topic).flatMap(([of, from, to]): WordChange[] =>
    word(of, from && choice(from), to && choice(to)),
  );
  return Object.freeze<PlanDiff>({
    from: `${a.platform}, ${a.environment}`,
    to: `${b.platform}, ${b.environment}`,
    added: b.parts.filter(({ id }) => !a.parts.some((part) => part.id === id)),
    removed: a.parts.filter(({ id }) => !b.parts.some((part) => part.id === id)),
    systems,
    sizes: keyed(a.sizing.parts, b.sizing.parts, ({ part }) => part).flatMap(([part, from, to]) =>
      from === null || to === null ? [] : sizeChanges(part, from, to),
    ),
    cost: costChanges(a, b),
    service: figureChanges(null, serviceFigures(a), serviceFigures(b)),
    compliance: controlChanges(a, b),
    requirements: requirementChanges(a, b),
    choices,
  });
}

/** Whether two plans are the same in all that a difference speaks of. */
export function isSame({ added, removed, systems, sizes, cost, service, compliance, requirements, choices }: PlanDiff): boolean {
  const lists = [added, removed, systems, sizes, cost.figures, cost.parts, service, compliance, requirements, choices];
  return cost.option === null && lists.every(({ length }) => length === 0);
}

/** The requirements that the first plan met and the second misses. */
export function brokenRequirements({ requirements }: PlanDiff): readonly RequirementChange[] {
  return requirements.filter(({ broken }) => broken);
}

type Named = readonly (readonly [name: string, figure: Figure | null])[];

function sizeChanges(part: string, from: SizedPart, to: SizedPart): FigureChange[] {
  const figures = ({ replicas, cores, memory, storage, hours, accelerator }: SizedPart): Named => [
    ["replicas", replicas],
    ["cores", cores],
    ["memory", memory],
    ["storage", storage],
    ["hours", hours],
    ...(accelerator === null ? [] : [[accelerator.type, accelerator.count] as const]),
  ];
  return figureChanges(part, figures(from), figures(to));
}

function costChanges(a: PlatformPlan, b: PlatformPlan): PlanDiff["cost"] {
  const figures = ({ cost: { chosen } }: PlatformPlan): Named => [
    ["cost", chosen.monthly],
    ["known cost", chosen.known],
    ["cost of an inference", chosen.perInference],
    ["cost of a training run", chosen.perTrainingRun],
    ["cost of a terabyte that arrives", chosen.perTerabyte],
    ["energy", chosen.energy.monthly],
    ["carbon", chosen.carbon.monthly],
  ];
  return {
    option: word("option", a.cost.chosen.name, b.cost.chosen.name)[0] ?? null,
    figures: figureChanges(null, figures(a), figures(b)),
    parts: keyed(partCosts(a), partCosts(b), ({ name }) => name).flatMap(([part, from, to]) => figureChange(part, "cost", from, to)),
  };
}

/** What each part costs in a month: unknown when one of its lines is. */
function partCosts({ cost: { chosen } }: PlatformPlan): readonly Figure[] {
  return [...new Set(chosen.lines.map(({ part }) => part))].map((part) => {
    const lines = chosen.lines.filter((line) => line.part === part).map(({ monthly }) => monthly);
    const value = lines.some((figure) => figure.value === null)
      ? null
      : lines.reduce((sum, figure) => sum + Math.round((figure.value ?? 0) * 100), 0) / 100;
    return { name: part, value, unit: "USD/month", range: null, origin: { kind: "computed", formula: "sum of its lines", from: lines } };
  });
}

function serviceFigures({ service }: PlatformPlan): Named {
  return [
    ["uptime", service.uptime],
    ["error budget", service.errorBudget],
    ["recovery time", service.recoveryTime],
    ["recovery point", service.recoveryPoint],
  ];
}

const order: readonly ControlVerdict["status"][] = ["open", "partial", "claimed", "shown"];

function controlChanges(a: PlatformPlan, b: PlatformPlan): ControlChange[] {
  const controls = ({ compliance }: PlatformPlan) =>
    compliance.flatMap(({ standard, controls: all }) => all.map((one) => ({ standard, ...one })));
  return keyed(controls(a), controls(b), ({ standard, id }) => `${standard} ${id}`).flatMap(([, from, to]): ControlChange[] => {
    const either = from ?? to;
    if (either === null || from?.status === to?.status) return [];
    const worse = from !== null && to !== null && order.indexOf(to.status) < order.indexOf(from.status);
    return [{ standard: either.standard, of: either.id, from: from?.status ?? null, to: to?.status ?? null, worse }];
  });
}

function requirementChanges(a: PlatformPlan, b: PlatformPlan): RequirementChange[] {
  // There may be several standards; every other requirement stands once.
  const key = ({ requirement: { name, text } }: Verdict) => (name === "compliance" ? `${name} ${text}` : name);
  return keyed(a.requirements, b.requirements, key).flatMap(([name, from, to]): RequirementChange[] => {
    if (from?.outcome === to?.outcome && from?.requirement.text === to?.requirement.text) return [];
    const verdict = (one: Verdict | null) => (one === null ? null : { outcome: one.outcome, reason: one.reason });
    const broken = from?.outcome === "met" && to?.outcome === "missed";
    return [{ name, from: verdict(from), to: verdict(to), texts: [from?.requirement.text ?? null, to?.requirement.text ?? null], broken }];
  });
}

function figureChanges(of: string | null, from: Named, to: Named): FigureChange[] {
  return keyed(from, to, ([name]) => name).flatMap(([name, before, after]) =>
    figureChange(of, name, before?.[1] ?? null, after?.[1] ?? null),
  );
}

function figureChange(of: string | null, name: string, from: Figure | null, to: Figure | null): FigureChange[] {
  const [before, after] = [from?.value ?? null, to?.value ?? null];
  if (before === after && (from === null) === (to === null)) return [];
  // The difference of amounts of cents is one of cents.
  const change = before === null || after === null ? null : Number((after - before).toPrecision(12));
  return [{ of, name, from, to, change }];
}

function word(of: string, from: string | null, to: string | null): WordChange[] {
  return from === to ? [] : [{ of, from, to }];
}

/** The members of two lists side by side, by a key; null where one does not have it. */
function keyed<T>(a: readonly T[], b: readonly T[], key: (one: T) => string): (readonly [key: string, from: T | null, to: T | null])[] {
  const keys = [...new Set([...a, ...b].map(key))];
  return keys.map((name) => [name, a.find((one) => key(one) === name) ?? null, b.find((one) => key(one) === name) ?? null]);
}
