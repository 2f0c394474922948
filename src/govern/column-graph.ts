import { definitionHash } from "../define/made.ts";
import type { Column, Columns, ColumnType } from "../define/column.ts";
import { useOneOf } from "../define/nearest.ts";
import type { Definition, EnvironmentNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import type { Head } from "../lake/catalog/heads.ts";
import type { Step } from "../run/graph.ts";
import type { Journal, JournalEvent } from "../run/journal.ts";
import { definedBody, metricColumns, readDefined, type ColumnOrigin, type DefinedBody } from "./defined.ts";
import type { History } from "./made.ts";

/** One column of an asset, or of a table at a source's system, and the columns that it comes from. */
export interface ColumnStep {
  readonly table: string;
  readonly column: string;
  /** Null at a source's system. */
  readonly type: ColumnType | null;
  /** The system of a column at a source; null within the platform. */
  readonly system: string | null;
  /** Null where nobody knows (SQL, or a declaration of earlier that left no trace). */
  readonly from: readonly ColumnOrigin[] | null;
}

/** The columns that decide on the rows of a table: filters, checks, keys of joins and groups. */
export interface RowsStep {
  readonly table: string;
  readonly from: readonly ColumnOrigin[];
}

export interface ColumnTrace {
  /** What the column comes from: itself first, the sources' own columns last. `rows` of the tables on the way. */
  readonly upstream: { readonly columns: readonly ColumnStep[]; readonly rows: readonly RowsStep[] };
  /** What comes from it; `rows` of the tables whose rows it helps to choose. */
  readonly downstream: { readonly columns: readonly ColumnStep[]; readonly rows: readonly RowsStep[] };
}

export interface ColumnGraph {
  /** The columns of a step and where they come from. */
  defined(name: string): Defined;
  /** @throws MillwrightError `unknown-column` */
  trace(step: Step, column: string): ColumnTrace;
}

/** As `DefinedBody`; `known` is false where the columns' origins are not known. */
export type Defined = Omit<DefinedBody, "definition"> & { readonly known: boolean };

export interface ColumnGraphOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly journal: Journal | null;
  readonly heads: ReadonlyMap<string, Head>;
  readonly locked: Readonly<Record<string, Columns>>;
  readonly history: History;
}

/** The columns of every asset by the declarations that made them, as far as the journal, the lake and the platform file know. */
export function columnGraph(options: ColumnGraphOptions): ColumnGraph {
  const { heads, locked, history, environment } = options;
  const told: ReadonlyMap<string, JournalEvent> = options.journal?.latest("asset.defined") ?? new Map<string, JournalEvent>();
  const memory = new Map<string, Defined>();
  const defined = (name: string): Defined => {
    const known = memory.get(name) ?? define(name);
    memory.set(name, known);
    return known;
  };
  const stored = (table: string): readonly Column[] | null => {
    const head = heads.get(table);
    if (head !== undefined) return head.schema.map(({ name, type }) => ({ name, type }));
    const columns = locked[table];
    return columns === undefined ? null : Object.entries(columns).map(([name, type]) => ({ name, type }));
  };
  const columnsOf = (table: string): readonly Column[] | null => {
    const columns = stored(table);
    if (columns !== null) return columns;
    const computed = history.steps.get(table)?.kind === "table" ? defined(table).columns : [];
    return computed.length === 0 ? null : computed;
  };
  const define = (name: string): Defined => {
    const step = history.steps.get(name);
    if (step === undefined) return { columns: [], lineage: [], rows: [], known: false };
    const { asset } = step;
    if (step.kind === "load") return same(asset.name, columnsOf(asset.name) ?? []);
    switch (asset.kind) {
      case "source":
        return same(`${asset.source}.${asset.table}`, columnsOf(name) ?? []);
      case "metric":
        return { ...metricColumns(asset, columnsOf), known: true };
      case "maintenance":
      case "imported-model":
        return { columns: [], lineage: [], rows: [], known: false };
      case "endpoint":
        return same(asset.model, defined(asset.model).columns);
      case "table":
      case "model": {
        const hash = history.newest(name)?.definition ?? null;
        const body = readDefined(told.get(name)?.body ?? {});
        const columns = stored(name);
        const matching = body !== null && body.definition === hash ? body : null;
        // An input that gained a column gives it to what reads it, by the same declaration.
        const computable = hash === null || hash === definitionHash(asset);
        const complete = matching !== null && (columns === null || namesOf(columns) === namesOf(matching.columns));
        if (matching !== null && (complete || !computable)) return { ...matching, known: matching.lineage.length > 0 };
        if (!computable) return { columns: columns ?? [], lineage: [], rows: [], known: false };
        const computed = definedBody(asset, (table) => (table === name ? stored(table) : columnsOf(table)));
        return { ...computed, known: computed.lineage.length > 0 };
      }
    }
  };

  const stepOf = (table: string, column: string): ColumnStep => {
    if (!history.steps.has(table))
      return { table, column, type: null, system: environment.bindings[table.split(".")[0] ?? ""]?.system ?? null, from: [] };
    const { columns, lineage, known } = defined(table);
    const from = known ? (lineage.find((entry) => entry.column === column)?.from ?? []) : null;
    return { table, column, type: columns.find(({ name }) => name === column)?.type ?? null, system: null, from };
  };
  return {
    defined,
    trace(step, column) {
      const names = defined(step.name).columns.map(({ name }) => name);
      if (!names.includes(column)) {
        throw new MillwrightError({
          code: "unknown-column",
          what: `${step.name} has no column '${column}'`,
          where: step.asset.origin,
          fix: useOneOf(column, names),
        });
      }
      const up = upstream(stepOf(step.name, column), stepOf);
      const rows = [...new Set(up.map(({ table }) => table))].map((table): RowsStep => ({
        table,
        from: history.steps.has(table) ? defined(table).rows : [],
      }));
      return {
        upstream: { columns: up, rows: rows.filter(({ from }) => from.length > 0) },
        downstream: downstream(step.name, column, history, defined, stepOf),
      };
    },
  };
}

function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join("\n");
}

/** Every column passes as it is. */
function same(table: string, columns: readonly Column[]): Defined {
  const lineage = columns.map(({ name }) => ({
    column: name,
    from: [{ table, column: name, kind: "direct", subtype: "identity" } as const],
  }));
  return { columns, lineage, rows: [], known: true };
}

/** Breadth first, so that what is nearest stands first. */
function upstream(first: ColumnStep, stepOf: (table: string, column: string) => ColumnStep): ColumnStep[] {
  const found = [first];
  const seen = new Set([keyOf(first)]);
  for (let next = 0; next < found.length; next += 1) {
    for (const origin of found[next]?.from ?? []) {
      if (seen.has(keyOf(origin))) continue;
      seen.add(keyOf(origin));
      found.push(stepOf(origin.table, origin.column));
    }
  }
  return found;
}

function downstream(
  table: string,
  column: string,
  history: History,
  defined: (name: string) => Defined,
  stepOf: (table: string, column: string) => ColumnStep,
): ColumnTrace["downstream"] {
  const reached = new Set([keyOf({ table, column })]);
  const columns: ColumnStep[] = [];
  const rows: RowsStep[] = [];
  for (const step of history.steps.values()) {
    const { lineage, rows: deciding } = defined(step.name);
    const chosen = deciding.filter((origin) => reached.has(keyOf(origin)));
    if (chosen.length > 0) rows.push({ table: step.name, from: chosen });
    for (const entry of lineage) {
      if (!entry.from.some((origin) => reached.has(keyOf(origin)))) continue;
      reached.add(keyOf({ table: step.name, column: entry.column }));
      columns.push(stepOf(step.name, entry.column));
    }
  }
  return { columns, rows };
}

function keyOf({ table, column }: { readonly table: string; readonly column: string }): string {
  return `${table}\n${column}`;
}
