import type { ColumnType, Columns } from "./column.ts";
import { parseDuration } from "./duration.ts";
import type { AggregateNode } from "./expression-node.ts";
import type { AggregateExpression, Expression, Row } from "./expression-types.ts";
import { row } from "./expression.ts";
import { deepFreeze } from "./freeze.ts";
import { layoutNode, type LayoutInput } from "./layout.ts";
import { literalNode, type PlainValue } from "./literal.ts";
import type { TableNode } from "./node.ts";
import { partsNode, type PartsInput } from "./parts.ts";
import type { Filling, Join, Operation, Pair, Rule } from "./operation.ts";
import { listOf, type Readable } from "./source.ts";
import type { Table } from "./table.ts";
import type { Keys, OneOrMore } from "./table-types.ts";

type Fill =
  | { readonly constant: PlainValue }
  | { readonly forward: { readonly by?: OneOrMore<string>; readonly order: string } }
  | "mean"
  | "median"
  | "mode";
type Aggregates = (row: Row<Columns>) => { readonly [name: string]: AggregateExpression };
interface RuleOptions {
  readonly notNull?: true;
  readonly between?: readonly [PlainValue, PlainValue];
  readonly oneOf?: readonly PlainValue[];
  readonly matches?: string | RegExp;
  readonly unique?: true;
}
interface JoinSettings {
  readonly on: Keys;
  readonly how?: "left" | "inner";
  readonly columns?: readonly string[] | { readonly [name: string]: string };
  readonly asOf?: { readonly left: string; readonly right: string; readonly lag?: string; readonly tolerance?: string };
}

/** What `Table` is at run time: turns what users write into nodes. Types are checked by `Table`, values again by the schema pass. */
export class Steps implements Readonly<Record<Exclude<keyof Table<Columns>, "columns" | "tableName" | "sources">, unknown>> {
  readonly node: TableNode;
  readonly dependencies: readonly Readable<Columns>[];
  constructor(node: TableNode, dependencies: readonly Readable<Columns>[]) {
    this.node = deepFreeze(node);
    this.dependencies = Object.freeze([...dependencies]);
    Object.freeze(this);
  }

  #step(operation: Operation): Steps {
    return new Steps({ ...this.node, operations: [...this.node.operations, operation] }, this.dependencies);
  }

  #stepWith(other: Readable<Columns>, operation: Operation): Steps {
    const inputs = [...new Set([...this.node.inputs, other.node.name])];
    const dependencies = this.dependencies.includes(other) ? this.dependencies : [...this.dependencies, other];
    return new Steps({ ...this.node, inputs, operations: [...this.node.operations, operation] }, dependencies);
  }

  dedupe(keys: OneOrMore<string>, options?: { readonly newest: string }): Steps {
    return this.#step({ kind: "dedupe", keys: listOf(keys), newest: options?.newest ?? null });
  }
  fill(columns: { readonly [name: string]: Fill }): Steps {
    return this.#step({ kind: "fill", columns: mapValues(columns, fillingOf) });
  }
  convert(columns: { readonly [name: string]: ColumnType }): Steps {
    return this.#step({ kind: "convert", columns: { ...columns } });
  }
  rename(columns: { readonly [name: string]: string }): Steps {
    return this.#step({ kind: "rename", columns: { ...columns } });
  }
  select(...columns: readonly string[]): Steps {
    return this.#step({ kind: "select", columns });
  }
  drop(...columns: readonly string[]): Steps {
    return this.#step({ kind: "drop", columns });
  }
  derive(columns: (row: Row<Columns>) => { readonly [name: string]: Expression }): Steps {
    return this.#step({ kind: "derive", columns: mapValues(columns(row()), (value) => value.node) });
  }
  filter(condition: (row: Row<Columns>) => Expression<"boolean">): Steps {
    return this.#step({ kind: "filter", where: condition(row()).node });
  }
  normalise(columns: { readonly [name: string]: "zscore" | "minmax" | "log" }): Steps {
    return this.#step({ kind: "normalise", columns: { ...columns } });
  }
  onehot(columns: { readonly [name: string]: readonly string[] }): Steps {
    return Object.entries(columns).reduce<Steps>(
      (steps, [column, categories]) => steps.#step({ kind: "onehot", column, categories: [...categories] }),
      this,
    );
  }
  bucket(column: string, options: { readonly into: string; readonly edges?: readonly number[]; readonly quantiles?: number }): Steps {
    const edges = options.quantiles === undefined ? [...(options.edges ?? [])] : { quantiles: options.quantiles };
    return this.#step({ kind: "bucket", column, into: options.into, edges });
  }
  lag(
    column: string,
    options: { readonly into: string; readonly order: string; readonly by?: OneOrMore<string>; readonly rows?: number },
  ): Steps {
    return this.#step({
      kind: "lag",
      column,
      into: options.into,
      by: listOf(options.by ?? []),
      order: options.order,
      rows: options.rows ?? 1,
    });
  }
  window(options: {
    readonly by?: OneOrMore<string>;
    readonly order: string;
    readonly range?: string;
    readonly rows?: number;
    readonly excludeCurrent?: boolean;
    readonly columns: Aggregates;
  }): Steps {
    const frame =
      options.range !== undefined ? { seconds: parseDuration(options.range) } : options.rows !== undefined ? { rows: options.rows } : null;
    return this.#step({
      kind: "window",
      by: listOf(options.by ?? []),
      order: options.order,
      frame,
      excludeCurrent: options.excludeCurrent ?? false,
      columns: nodesOf(options.columns),
    });
  }
  join(table: Readable<Columns>, on: string | JoinSettings): Steps {
    const options = typeof on === "string" ? { on } : on;
    const asOf: Join["asOf"] = options.asOf
      ? {
          left: options.asOf.left,
          right: options.asOf.right,
          lagSeconds: parseDuration(options.asOf.lag ?? "0 seconds"),
          toleranceSeconds: options.asOf.tolerance === undefined ? null : parseDuration(options.asOf.tolerance),
        }
      : null;
    const columns =
      options.columns === undefined
        ? null
        : isList(options.columns)
          ? Object.fromEntries(options.columns.map((name) => [name, name]))
          : { ...options.columns };
    return this.#stepWith(table, {
      kind: "join",
      table: table.node.name,
      how: options.how ?? "left",
      on: pairsOf(options.on),
      asOf,
      columns,
    });
  }
  lookback(
    table: Readable<Columns>,
    options: {
      readonly by: Keys;
      readonly at: string;
      readonly time: string;
      readonly until?: string;
      readonly range?: string;
      readonly columns: Aggregates;
    },
  ): Steps {
    return this.#stepWith(table, {
      kind: "lookback",
      table: table.node.name,
      by: pairsOf(options.by),
      at: options.at,
      time: options.time,
      until: options.until ?? null,
      seconds: options.range === undefined ? null : parseDuration(options.range),
      columns: nodesOf(options.columns),
    });
  }
  aggregate(options: { readonly by?: OneOrMore<string>; readonly columns: Aggregates }): Steps {
    return this.#step({ kind: "aggregate", by: listOf(options.by ?? []), columns: nodesOf(options.columns) });
  }
  check(rules: { readonly [name: string]: RuleOptions }): Steps {
    return this.#step({ kind: "check", rules: mapValues(rules, rulesOf) });
  }
  layout(options: LayoutInput): Steps {
    return new Steps({ ...this.node, layout: layoutNode(options, this.node.origin) }, this.dependencies);
  }
  parts(options: PartsInput): Steps {
    return new Steps({ ...this.node, parts: partsNode(this.node, options) }, this.dependencies);
  }
  load(): Steps {
    return new Steps({ ...this.node, load: true }, this.dependencies);
  }
}

function mapValues<V, W>(record: { readonly [name: string]: V }, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function nodesOf(columns: Aggregates): Record<string, AggregateNode> {
  return mapValues(columns(row()), (value) => value.node);
}

function isList(value: Keys): value is readonly string[] {
  return Array.isArray(value);
}

function pairsOf(keys: Keys): Pair[] {
  if (typeof keys === "string") return [{ left: keys, right: keys }];
  if (isList(keys)) return keys.map((name) => ({ left: name, right: name }));
  return Object.entries(keys).map(([left, right]) => ({ left, right }));
}

function fillingOf(fill: Fill): Filling {
  if (typeof fill === "string") return { with: fill };
  if ("constant" in fill) return { with: "constant", value: literalNode(fill.constant) };
  return { with: "forward", by: listOf(fill.forward.by ?? []), order: fill.forward.order };
}

function rulesOf({ notNull, between, oneOf, matches, unique }: RuleOptions): Rule[] {
  return [
    ...(notNull ? [{ rule: "notNull" as const }] : []),
    ...(between ? [{ rule: "between" as const, low: literalNode(between[0]), high: literalNode(between[1]) }] : []),
    ...(oneOf ? [{ rule: "oneOf" as const, values: oneOf.map((value) => literalNode(value)) }] : []),
    ...(matches === undefined ? [] : [{ rule: "matches" as const, pattern: typeof matches === "string" ? matches : matches.source }]),
    ...(unique ? [{ rule: "unique" as const }] : []),
  ];
}
