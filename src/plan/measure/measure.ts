import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Column } from "../../define/column.ts";
import { readLock, type SchemaLock } from "../../define/lock.ts";
import type { AssetNode, Definition, EnvironmentNode } from "../../define/node.ts";
import { readHeads } from "../../lake/catalog/heads.ts";
import { readJournal, type EventType, type JournalEvent } from "../../run/journal.ts";
import type { Evidence, Measurements, PlanInput } from "../vocabulary.ts";
import { measuredEndpoint } from "./endpoint.ts";
import { measuredMachine } from "./machine.ts";
import { measuredModel } from "./model.ts";
import type { Told } from "./told.ts";
import { measuredTable } from "./table.ts";

export interface MeasureOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  /** The platform file's folder. */
  readonly directory: string;
}

/**
 * What has been measured of an environment: its journal, the heads of its lake and, where these lie on this machine, the tables' own lists of files are
 * read, and no engine, catalog or source is opened. What was never measured there is taken from another environment of the same platform in
 * which it was, which each figure's origin then names; evidence never is.
 */
export function measure({ definition, environment, directory }: MeasureOptions): Measurements {
  const names = [environment.name, ...Object.keys(definition.environments).filter((name) => name !== environment.name)];
  const all = names.flatMap((name) => {
    const node = definition.environments[name];
    return node === undefined ? [] : [measureOne(definition, node, directory, name === environment.name)];
  });
  const merged = <T>(pick: (one: Measurements) => Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.assign({}, ...all.toReversed().map(pick));
  return Object.freeze<Measurements>({
    tables: merged(({ tables }) => tables),
    models: merged(({ models }) => models),
    endpoints: merged(({ endpoints }) => endpoints),
    // The machine of those tables: of the first environment that has any.
    machine: (all.find(({ tables }) => Object.keys(tables).length > 0) ?? all[0])?.machine ?? null,
    evidence: all[0]?.evidence ?? [],
  });
}

function measureOne(definition: Definition, environment: EnvironmentNode, directory: string, own: boolean): Measurements {
  const state = join(directory, ".millwright", environment.name);
  if (!existsSync(state)) return { tables: {}, models: {}, endpoints: {}, machine: null, evidence: [] };
  using journal = readJournal(join(state, "journal.sqlite"));
  const asked = new Map<EventType, ReadonlyMap<string, JournalEvent>>();
  const told: Told = {
    environment: environment.name,
    where: own ? "" : ` in the environment ${environment.name}`,
    state,
    heads: readHeads(state, definition.name),
    latest(type) {
      const known = asked.get(type) ?? journal?.latest(type) ?? new Map<string, JournalEvent>();
      asked.set(type, known);
      return known;
    },
    events: (type) => journal?.events({ type }) ?? [],
  };
  const collected = <T>(kinds: readonly AssetNode["kind"][], read: (name: string) => T | null): Readonly<Record<string, T>> =>
    Object.fromEntries(
      definition.assets.flatMap(({ kind, name }): [string, T][] => {
        const found = kinds.includes(kind) ? read(name) : null;
        return found === null ? [] : [[name, found]];
      }),
    );
  return {
    tables: collected(["source", "table"], (name) => measuredTable(name, told)),
    models: collected(["model", "imported-model"], (name) => measuredModel(name, told)),
    endpoints: collected(["endpoint"], (name) => measuredEndpoint(name, told)),
    machine: measuredMachine(environment, told),
    evidence: own ? evidenceOf(journal?.events() ?? []) : [],
  };
}

/** The newest event of each type. */
function evidenceOf(events: readonly JournalEvent[]): readonly Evidence[] {
  const newest = new Map(events.map((event) => [event.type, event]));
  return [...newest.values()]
    .map(({ type, asset, sequence, time }) => Object.freeze<Evidence>({ type, asset, sequence, time }))
    .toSorted((a, b) => a.sequence - b.sequence);
}

/**
 * What the plan of a platform is computed from: its definition, what was measured of an environment, and the columns of schema.lock.json.
 *
 * @param prices of the user's own: see `PlanInput`
 * @throws MillwrightError `bad-lock`, `journal-unreadable`
 */
export function planInputOf(options: MeasureOptions & { readonly prices?: PlanInput["prices"] }): PlanInput {
  const { definition, environment, directory, prices = {} } = options;
  return Object.freeze<PlanInput>({
    definition,
    environment,
    measurements: measure(options),
    columns: columnsOf(definition, readLock(directory)),
    prices,
  });
}

function columnsOf({ assets }: Definition, lock: SchemaLock | null): PlanInput["columns"] {
  return Object.fromEntries(
    assets.flatMap((asset): [string, readonly Column[]][] => {
      if (asset.kind !== "source" && asset.kind !== "table") return [];
      const locked = asset.kind === "source" ? lock?.sources[asset.source]?.[asset.table] : lock?.tables[asset.name];
      const columns = (asset.kind === "source" ? asset.columns : null) ?? locked;
      return columns === undefined ? [] : [[asset.name, Object.entries(columns).map(([name, type]) => ({ name, type }))]];
    }),
  );
}
