import type { Definition, EnvironmentNode } from "../define/node.ts";
import { readLock } from "../define/lock.ts";
import { useOneOf } from "../define/nearest.ts";
import { MillwrightError } from "../error.ts";
import { readHeads, type Head } from "../lake/catalog/heads.ts";
import type { Step } from "../run/graph.ts";
import { readJournal, type Journal } from "../run/journal.ts";
import { statePaths } from "../run/state.ts";
import type { Columns } from "../define/column.ts";
import { columnGraph, type ColumnTrace } from "./column-graph.ts";
import { historyOf, type History, type Made } from "./made.ts";

/** An asset as it was made once, or the table of a source's system where it all begins. */
export interface LineageStep {
  /** The asset's name; `warehouse.<name>` for a load; `<source>.<table>` at a source's system. */
  readonly name: string;
  readonly kind: Step["kind"] | "system";
  /** The table's snapshot; of a model or endpoint, its version; null when it was never made. */
  readonly snapshot: string | null;
  readonly run: string | null;
  /** ISO 8601, UTC. */
  readonly time: string | null;
  readonly rows: number | null;
  /** The system that a source is bound to: `sqlite`. */
  readonly system: string | null;
  /** What it was made from: names, and the snapshots or versions that were read. */
  readonly inputs: readonly { readonly name: string; readonly snapshot: string | null }[];
  /** True when an input has a newer snapshot than the one that was read. */
  readonly behind: boolean;
}

export interface Lineage {
  readonly platform: string;
  readonly environment: string;
  readonly asset: LineageStep;
  /** All that it was made from, down to the sources, each after what was made from it. */
  readonly upstream: readonly LineageStep[];
  /** All that is made from it, each after what it is made from. */
  readonly downstream: readonly LineageStep[];
  /** When a column was asked for. */
  readonly column: ({ readonly name: string } & ColumnTrace) | null;
}

export interface TraceOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  /** Null when nothing has run. */
  readonly journal: Journal | null;
  readonly heads: ReadonlyMap<string, Head>;
  /** The lock's columns stand in for those of tables that are not in the lake yet. */
  readonly locked?: Readonly<Record<string, Columns>>;
  readonly name: string;
  readonly column?: string;
}

/**
 * Where an asset or a column comes from and what depends on it, from the environment's journal and commits.
 *
 * @throws MillwrightError `unknown-asset`, `unknown-column`.
 * @example
 * lineageOf({ definition, environment, directory, name: "delay_features", column: "recent_delay" })
 */
export function lineageOf(options: {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly directory: string;
  readonly name: string;
  readonly column?: string;
}): Lineage {
  const { definition, environment, directory, name, column } = options;
  const paths = statePaths(directory, environment.name);
  using journal = readJournal(paths.journal);
  const lock = readLock(directory);
  const locked = { ...lock?.tables };
  for (const asset of definition.assets) {
    const columns = asset.kind === "source" ? (asset.columns ?? lock?.sources[asset.source]?.[asset.table]) : undefined;
    if (columns !== undefined) locked[asset.name] = columns;
  }
  return traceLineage({
    definition,
    environment,
    journal,
    heads: readHeads(paths.state, definition.name),
    locked,
    name,
    ...(column === undefined ? {} : { column }),
  });
}

/** As `lineageOf`, from what is given. */
export function traceLineage(options: TraceOptions): Lineage {
  const { definition, environment, journal, heads, locked = {}, name, column } = options;
  const history = historyOf({ definition, journal, heads });
  const step = history.steps.get(name);
  if (step === undefined) {
    throw new MillwrightError({
      code: "unknown-asset",
      what: `there is no asset '${name}'`,
      where: definition.origin,
      fix: useOneOf(name, [...history.steps.keys()]),
    });
  }
  const trace = (one: Step, made: Made | null) => lineageStep(one, made, history, environment);
  const asset = trace(step, history.newest(name));
  const columns = column === undefined ? null : columnGraph({ definition, environment, journal, heads, locked, history });
  return {
    platform: definition.name,
    environment: environment.name,
    asset,
    upstream: upstreamOf(asset, history, environment),
    downstream: downstreamOf(step, history).map((one) => trace(one, history.newest(one.name))),
    column: columns === null || column === undefined ? null : { name: column, ...columns.trace(step, column) },
  };
}

function lineageStep(step: Step, made: Made | null, history: History, environment: EnvironmentNode): LineageStep {
  const { asset } = step;
  const inputs =
    asset.kind === "source"
      ? [{ name: `${asset.source}.${asset.table}`, snapshot: null }]
      : step.needs.map((need) => ({ name: need, snapshot: made === null ? null : (made.inputs[need] ?? null) }));
  return {
    name: step.name,
    kind: step.kind,
    snapshot: made?.snapshot ?? null,
    run: made?.run ?? null,
    time: made?.time ?? null,
    rows: made?.rows ?? null,
    system: asset.kind === "source" ? (environment.bindings[asset.source]?.system ?? null) : null,
    inputs,
    behind: inputs.some(({ name, snapshot }) => snapshot !== null && !history.stands(name, snapshot)),
  };
}

/** Breadth first over the snapshots that were read; one table may appear with two snapshots. */
function upstreamOf(asset: LineageStep, history: History, environment: EnvironmentNode): readonly LineageStep[] {
  const seen = new Set<string>();
  const found: LineageStep[] = [];
  for (const { inputs, kind, system } of walk(asset, found)) {
    for (const { name, snapshot } of inputs) {
      const key = `${name} ${snapshot ?? ""}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const step = history.steps.get(name);
      if (kind === "source") found.push({ ...nowhere, name, kind: "system", system });
      else if (step !== undefined)
        found.push(lineageStep(step, snapshot === null ? history.newest(name) : history.at(name, snapshot), history, environment));
    }
  }
  return found;
}

function* walk(first: LineageStep, found: readonly LineageStep[]): Generator<LineageStep> {
  yield first;
  for (let next = 0; next < found.length; next += 1) {
    const step = found[next];
    if (step !== undefined && step.kind !== "system") yield step;
  }
}

const nowhere = { snapshot: null, run: null, time: null, rows: null, inputs: [], behind: false } as const;

/** All that depends on a step by declaration, in the order of the steps. */
function downstreamOf(step: Step, history: History): readonly Step[] {
  const reached = new Set([step.name]);
  return [...history.steps.values()].filter(({ name, needs }) => {
    if (name === step.name || !needs.some((need) => reached.has(need))) return false;
    reached.add(name);
    return true;
  });
}
