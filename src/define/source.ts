import type { Asset } from "./asset.ts";
import type { ColumnType, Columns } from "./column.ts";
import { deepFreeze } from "./freeze.ts";
import { layoutNode } from "./layout.ts";
import type { LayoutOptions, PartitionOption, SortOption } from "./layout-types.ts";
import type { SourceTableNode, TableNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import type { Sources } from "./sources.ts";
import type { Known, OneOrMore, Simplify } from "./table-types.ts";

/** A table that others can be computed from. `C`: its columns. `S`: the sources that it depends on. `N`: its name. */
export interface Readable<C extends Columns, out S extends string = string, out N extends string = string> extends Asset<S> {
  readonly node: SourceTableNode | TableNode;
  /** Known to the type checker only; never set. */
  readonly columns?: () => C;
  /** Known to the type checker only; never set. */
  readonly tableName?: () => N;
}

/** A table that is extracted as it is. To change it, begin a table from it: `table("flights_clean", flights)`. */
export interface SourceTable<C extends Columns, out S extends string = string, out N extends string = string> extends Readable<C, S, N> {
  readonly node: SourceTableNode;
}

/** The columns that a pattern names: `{time:timestamp} {airport}` has a timestamp and a text. */
export type PatternColumns<P extends string> = P extends `${string}{${infer Field}}${infer Rest}`
  ? (Field extends `${infer Name}:${infer T extends ColumnType}` ? { readonly [K in Name]: T } : { readonly [K in Field]: "text" }) &
      PatternColumns<Rest>
  : unknown;

/** Declared, else what schema.lock.d.ts knows, else named by the pattern, else anything goes. */
export type SourceColumns<S extends string, T extends string, V, P extends string> = V extends Columns
  ? V
  : S extends keyof Sources
    ? T extends keyof Sources[S]
      ? Sources[S][T] extends Columns
        ? Sources[S][T]
        : Columns
      : NamedByPattern<P>
    : NamedByPattern<P>;
type NamedByPattern<P extends string> = string extends P
  ? Columns
  : P extends `${string}{${string}}${string}`
    ? Simplify<PatternColumns<P>>
    : Columns;

/** `T`: the table's name, `K` and `U`: the names in `key` and `cursor`, which become sentences where the table has no such column. */
export interface SourceTableOptions<
  C extends Columns,
  V,
  P extends string,
  N extends string,
  T extends string,
  K extends string,
  U extends string,
  L extends readonly PartitionOption[] = readonly PartitionOption[],
  O extends readonly SortOption[] = readonly SortOption[],
> {
  /** Columns that identify a row; changed rows replace those of the same key. Without one, new rows are appended. */
  readonly key?: OneOrMore<Known<C, T, K>>;
  /** A column that never falls when a row changes: later runs ask only for what lies at or after its last value. */
  readonly cursor?: Known<C, T, U>;
  /** How a line of a log is read: `{time:timestamp} {airport} {event}`, or `combined`, `json`. */
  readonly pattern?: P;
  /** The columns, when they are to be fixed here and not taken from the source. */
  readonly columns?: V;
  /** Its name in the lake. @default its name at the source */
  readonly name?: N;
  /** How its files are laid out in the lake. */
  readonly layout?: LayoutOptions<C, T, L, O>;
}

/** A source by the name of its role; which system it is, only an environment says. */
export interface SourceRole<out S extends string> {
  /**
   * A table of the source. Extracted as it is; every run asks for what is new.
   *
   * @example
   * source("ops").table("trips", { key: "id", cursor: "updated_at", columns: { id: "bigint", updated_at: "timestamp", fare: "decimal(9,2)" } })
   */
  table<
    const T extends string,
    const V extends Columns | undefined = undefined,
    const P extends string = string,
    const N extends string = T,
    const K extends string = never,
    const U extends string = never,
    const L extends readonly PartitionOption[] = [],
    const O extends readonly SortOption[] = [],
  >(
    name: T,
    options?: SourceTableOptions<SourceColumns<S, T, V, P>, V, P, N, T, K, U, L, O>,
  ): SourceTable<SourceColumns<S, T, V, P>, S, N>;
}

/**
 * A source: the role that an environment binds to a system.
 *
 * @example
 * const flights = source("ops").table("flights", { key: "id", cursor: "updated_at" });
 * const events = source("gates").table("events", { pattern: "{time:timestamp} {airport} {event}" });
 */
export function source<const S extends string>(role: S): SourceRole<S> {
  return Object.freeze({
    table<
      const T extends string,
      const V extends Columns | undefined = undefined,
      const P extends string = string,
      const N extends string = T,
      const K extends string = never,
      const U extends string = never,
      const L extends readonly PartitionOption[] = [],
      const O extends readonly SortOption[] = [],
    >(
      name: T,
      options: SourceTableOptions<SourceColumns<S, T, V, P>, V, P, N, T, K, U, L, O> = {},
    ): SourceTable<SourceColumns<S, T, V, P>, S, N> {
      const { key, cursor, pattern, columns } = options;
      const origin = callerOrigin();
      const node: SourceTableNode = deepFreeze({
        kind: "source",
        name: options.name ?? name,
        origin,
        source: role,
        table: name,
        key: key === undefined ? [] : listOf<string>(key),
        cursor: cursor ?? null,
        pattern: pattern ?? null,
        columns: columns === undefined ? null : { ...columns },
        layout: options.layout === undefined ? null : layoutNode(options.layout, origin),
      });
      return Object.freeze({ node, dependencies: Object.freeze([]) });
    },
  });
}

/** One or more, as a list of its own. */
export function listOf<T>(values: T | readonly T[]): T[] {
  return Array.isArray(values) ? [...values] : [values as T];
}
