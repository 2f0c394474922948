import type { ColumnType, Columns } from "./column.ts";
import type { AggregateExpression, Expression, Numeric, Row, TypesOf } from "./expression-types.ts";
import { deepFreeze } from "./freeze.ts";
import type { LayoutOptions, PartitionOption, SortOption } from "./layout-types.ts";
import type { PartsOptions } from "./parts.ts";
import type { Dialect, TableNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import type { Readable } from "./source.ts";
import { Steps } from "./steps.ts";
import type {
  Converted,
  FillOf,
  Filled,
  JoinOptions,
  Keys,
  Known,
  KnownAs,
  KnownOnBoth,
  LookbackOptions,
  Merge,
  Normalised,
  NormaliseOf,
  OneOrMore,
  Onehot,
  OnehotOf,
  OnlyKnown,
  Picked,
  Renamed,
  RightOf,
  RulesOf,
  Simplify,
  WindowOptions,
} from "./table-types.ts";

/**
 * A table computed from other tables, step by step. Immutable: every method gives a new table.
 * `C`: its columns; `S`: the sources that it depends on; `N`: its name.
 */
export interface Table<C extends Columns, out S extends string = string, N extends string = string> extends Readable<C, S, N> {
  readonly node: TableNode;

  /**
   * Keep one row per key: the one with the highest `newest`, then the highest by all columns in their order.
   *
   * @example
   * clean.dedupe("id", { newest: "scheduled" })
   */
  dedupe<const K extends string, const O extends string = never>(
    keys: OneOrMore<Known<C, N, K>>,
    options?: { readonly newest: Known<C, N, O> },
  ): Table<C, S, N>;

  /**
   * Replace nulls. Means, medians and modes are fitted on all rows and stored with the snapshot.
   *
   * @example
   * clean.fill({ air_time: "median", tailnum: { constant: "unknown" }, arr_delay: { forward: { by: "tailnum", order: "scheduled" } } })
   */
  fill<const F extends FillOf<C>>(columns: OnlyKnown<C, N, F>): Table<Filled<C, F>, S, N>;

  /**
   * Change types; a row with a value that cannot be read as its new type goes to quarantine.
   *
   * @example
   * clean.convert({ flight: "text", distance: "integer" })
   */
  convert<const V extends { readonly [K in keyof C & string]?: ColumnType }>(columns: OnlyKnown<C, N, V>): Table<Converted<C, V>, S, N>;

  /**
   * Old name to new name.
   *
   * @example
   * clean.rename({ dep_time: "departed", arr_time: "arrived" })
   */
  rename<const V extends { readonly [K in keyof C & string]?: string }>(columns: OnlyKnown<C, N, V>): Table<Renamed<C, V>, S, N>;

  /**
   * Keep these columns, in this order.
   *
   * @example
   * clean.select("id", "carrier", "scheduled", "arr_delay")
   */
  select<const K extends string>(...names: readonly Known<C, N, K>[]): Table<Simplify<Pick<C, K & keyof C>>, S, N>;

  /**
   * Leave these columns out.
   *
   * @example
   * clean.drop("tailnum", "time_hour")
   */
  drop<const K extends string>(...names: readonly Known<C, N, K>[]): Table<Simplify<Omit<C, K>>, S, N>;

  /**
   * Add columns, or replace those of the same name; all see the row as it was before.
   *
   * @example
   * clean.derive((f) => ({ very_late: f.arr_delay.greaterThan(60), route: f.origin.concat("-", f.dest) }))
   */
  derive<A extends { readonly [name: string]: Expression }>(columns: (row: Row<C>) => A): Table<Merge<C, TypesOf<A>>, S, N>;

  /**
   * Keep the rows where the condition is true: not false, not null.
   *
   * @example
   * clean.filter((f) => f.origin.equals("JFK").and(f.arr_delay.isNotNull()))
   */
  filter(condition: (row: Row<C>) => Expression<"boolean">): Table<C, S, N>;

  /**
   * `zscore`: minus the mean, divided by the standard deviation; `minmax`: 0 to 1; `log`: natural logarithm of 1 + value.
   *
   * @example
   * clean.normalise({ distance: "minmax", air_time: "zscore" })
   */
  normalise<const V extends NormaliseOf<C>>(columns: OnlyKnown<C, N, V>): Table<Normalised<C, V>, S, N>;

  /**
   * Replace a column by one boolean column per category, `carrier_AA`; all false for null and other values.
   *
   * @example
   * clean.onehot({ origin: ["EWR", "JFK", "LGA"] })
   */
  onehot<const V extends OnehotOf<C>>(columns: OnlyKnown<C, N, V>): Table<Onehot<C, V>, S, N>;

  /**
   * Add the number of edges at or below the value: 0 below the first; null stays null. Quantile edges are fitted.
   *
   * @example
   * clean.bucket("distance", { into: "reach", edges: [500, 1500] }).bucket("air_time", { into: "quarter", quantiles: 4 })
   */
  bucket<const K extends string, const I extends string>(
    column: KnownAs<C, N, K, Numeric, "number">,
    options: { readonly into: I } & ({ readonly edges: readonly number[] } | { readonly quantiles: number }),
  ): Table<Merge<C, { readonly [X in I]: "integer" }>, S, N>;

  /**
   * Add the value that a column had so many rows earlier, among the rows with the same `by`.
   *
   * @example
   * clean.lag("arr_delay", { into: "delay_before", by: "tailnum", order: "scheduled" })
   */
  lag<const K extends string, const I extends string, const O extends string, const B extends string = never>(
    column: Known<C, N, K>,
    options: { readonly into: I; readonly order: Known<C, N, O>; readonly by?: OneOrMore<Known<C, N, B>>; readonly rows?: number },
  ): Table<Merge<C, { readonly [X in I]: C[K & keyof C] }>, S, N>;

  /**
   * Add aggregates over the rows of this table that lie near in time.
   *
   * @example
   * clean.window({ by: "origin", order: "scheduled", range: "2 hours", columns: (f) => ({ flights: count(), delay: mean(f.dep_delay) }) })
   */
  window<const O extends string, A extends { readonly [name: string]: AggregateExpression }, const B extends string = never>(
    options: WindowOptions<C, N, B, O, A>,
  ): Table<Merge<C, TypesOf<A>>, S, N>;

  /**
   * Add the columns of rows of another table with equal keys; null equals nothing; several matches give several rows.
   *
   * @example
   * clean
   *   .join(planes, { on: "tailnum", columns: { year: "plane_year" } })
   *   .join(weather, { on: "origin", asOf: { left: "scheduled", right: "time_hour", lag: "1 hour", tolerance: "6 hours" }, columns: ["temp"] })
   */
  join<
    R extends Columns,
    Z extends string,
    M extends string,
    const J extends string = never,
    const K extends Keys = never,
    const P extends readonly (keyof R & string)[] | { readonly [X in keyof R & string]?: string } | undefined = undefined,
    const L extends string = never,
    const T extends string = never,
  >(
    table: Readable<R, Z, M>,
    options: KnownOnBoth<C, N, R, M, J> | JoinOptions<C, N, R, M, K, P, L, T>,
  ): Table<Merge<C, Picked<R, P, J | RightOf<K>>>, S | Z, N>;

  /**
   * Add aggregates of another table's rows that came strictly earlier than an instant of this row.
   *
   * @example
   * clean.lookback(departures, {
   *   by: { origin: "airport" }, at: "scheduled", time: "time", range: "2 hours",
   *   columns: (d) => ({ recent_delay: mean(d.out_delay), recent_departures: count() }),
   * })
   */
  lookback<
    R extends Columns,
    Z extends string,
    M extends string,
    const K extends Keys,
    const L extends string,
    const T extends string,
    A extends { readonly [name: string]: AggregateExpression },
    const U extends string = never,
  >(
    table: Readable<R, Z, M>,
    options: LookbackOptions<C, N, R, M, K, L, T, U, A>,
  ): Table<Merge<C, TypesOf<A>>, S | Z, N>;

  /**
   * One row per combination of the columns `by` (one row in all without them).
   *
   * @example
   * clean.aggregate({ by: ["carrier", "month"], columns: (f) => ({ flights: count(), share_late: share(f.late) }) })
   */
  aggregate<A extends { readonly [name: string]: AggregateExpression }, const B extends string = never>(options: {
    readonly by?: OneOrMore<Known<C, N, B>>;
    readonly columns: (row: Row<C>) => A;
  }): Table<Merge<Pick<C, B & keyof C>, TypesOf<A>>, S, N>;

  /**
   * Rows that break a rule go to the quarantine table with the reasons.
   *
   * @example
   * clean.check({ distance: { between: [1, 12_000] }, carrier: { notNull: true, matches: /^[A-Z0-9]{2}$/ }, id: { unique: true } })
   */
  check<const V extends RulesOf<C>>(rules: OnlyKnown<C, N, V>): Table<C, S, N>;

  /**
   * How its files are laid out in the lake. A change of it holds for what is written from then on.
   *
   * @example
   * clean.layout({ partition: [{ month: "scheduled" }, "origin"], sort: ["scheduled", { column: "id", descending: true }], fileSize: "256 MB" })
   */
  layout<const P extends readonly PartitionOption[] = [], const O extends readonly SortOption[] = []>(
    options: LayoutOptions<C, N, P, O>,
  ): Table<C, S, N>;

  /**
   * Make the table a day or a month (of UTC) at a time: each part from the rows of the input that lie in it, and of `lookback` before,
   * other inputs whole. A run makes the parts that are missing or whose input has changed; `millwright run NAME --from --to` makes some anew.
   * Comes before all operations.
   *
   * @example
   * table("departures_by_day", clean)
   *   .parts({ by: "day", column: "scheduled", lookback: "1 day" })
   *   .window({ by: "origin", order: "scheduled", range: "2 hours", columns: (f) => ({ recent: count() }) })
   */
  parts<const K extends string>(options: PartsOptions<C, N, K>): Table<C, S, N>;

  /**
   * Load it into the environment's warehouse too.
   *
   * @example
   * clean.load()
   */
  load(): Table<C, S, N>;
}

/** A table that is computed by SQL. To go on with operations, begin a table from it. */
export interface SqlTable<C extends Columns, out S extends string = string, out N extends string = string> extends Readable<C, S, N> {
  readonly node: TableNode;

  /**
   * How its files are laid out in the lake. A change of it holds for what is written from then on.
   *
   * @example
   * table.sql("busy", { clean }, { duckdb: "select id, scheduled from clean" }, { id: "bigint", scheduled: "timestamp" })
   *   .layout({ partition: [{ day: "scheduled" }], sort: ["id"] })
   */
  layout<const P extends readonly PartitionOption[] = [], const O extends readonly SortOption[] = []>(
    options: LayoutOptions<C, N, P, O>,
  ): SqlTable<C, S, N>;

  /**
   * Make the table a day or a month (of UTC) at a time; see `Table.parts`. The column is one of the result, and of the first input under the same
   * name. That each part comes out as it would in the whole is for the SQL to see to: it is not checked.
   *
   * @example
   * table.sql("busy", { clean }, { duckdb: "select id, scheduled from clean" }, { id: "bigint", scheduled: "timestamp" })
   *   .parts({ by: "month", column: "scheduled" })
   */
  parts<const K extends string>(options: PartsOptions<C, N, K>): SqlTable<C, S, N>;

  /**
   * Load it into the environment's warehouse too.
   *
   * @example
   * table.sql("busiest", { clean }, { duckdb: "select origin, count(*) as flights from clean group by origin" }).load()
   */
  load(): SqlTable<C, S, N>;
}

function build<C extends Columns, S extends string, N extends string>(
  node: TableNode,
  dependencies: readonly Readable<Columns>[],
): Table<C, S, N>;
function build(node: TableNode, dependencies: readonly Readable<Columns>[]): object {
  return new Steps(node, dependencies);
}

function begin<const N extends string, C extends Columns, S extends string>(name: N, input: Readable<C, S>): Table<C, S, N> {
  const node: TableNode = {
    kind: "table",
    name,
    origin: callerOrigin(),
    inputs: [input.node.name],
    operations: [],
    sql: null,
    load: false,
    layout: null,
    parts: null,
  };
  return build<C, S, N>(node, [input]);
}

type SourcesIn<I> = I[keyof I] extends Readable<Columns, infer S> ? S : never;

function sql<const N extends string, const I extends { readonly [alias: string]: Readable<Columns> }, const V extends Columns = Columns>(
  name: N,
  inputs: I,
  text: { readonly [D in Dialect]?: string },
  columns?: V,
): SqlTable<V, SourcesIn<I>, N> {
  const aliases = Object.entries<Readable<Columns>>(inputs);
  const node: TableNode = {
    kind: "table",
    name,
    origin: callerOrigin(),
    inputs: [...new Set(aliases.map(([, input]) => input.node.name))],
    operations: [],
    sql: {
      as: Object.fromEntries(aliases.map(([alias, input]) => [alias, input.node.name])),
      text: givenText(text),
      columns: columns ?? null,
    },
    load: false,
    layout: null,
    parts: null,
  };
  return build<V, SourcesIn<I>, N>(deepFreeze(node), Object.values(inputs));
}

function givenText(text: { readonly [D in Dialect]?: string }): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(text).flatMap(([dialect, sql]) => (sql === undefined ? [] : [[dialect, sql]])));
}

/** How tables are declared: from another table, or by SQL. */
export interface TableFunction {
  /**
   * Begins a table from another one. Without further steps it is a copy.
   *
   * @example
   * const clean = table("flights_clean", flights).dedupe("id").fill({ air_time: "median" }).check({ distance: { between: [1, 12_000] } });
   */
  <const N extends string, C extends Columns, S extends string>(name: N, input: Readable<C, S>): Table<C, S, N>;
  /**
   * A table computed by SQL of one or more dialects; an engine of another dialect refuses it.
   *
   * @param inputs the names that the SQL uses for the tables it reads
   * @param columns the result's columns, for the type checker and for `millwright check`; without them any name is accepted
   * @example
   * table.sql("busiest", { clean }, { duckdb: "select origin, count(*) as flights from clean group by origin" }, { origin: "text", flights: "bigint" })
   */
  sql<const N extends string, const I extends { readonly [alias: string]: Readable<Columns> }, const V extends Columns = Columns>(
    name: N,
    inputs: I,
    text: { readonly [D in Dialect]?: string },
    columns?: V,
  ): SqlTable<V, SourcesIn<I>, N>;
}

export const table: TableFunction = Object.freeze(Object.assign(begin, { sql }));
