import type { Asset } from "./asset.ts";
import type { Columns } from "./column.ts";
import type { AggregateExpression, Row } from "./expression-types.ts";
import { row } from "./expression.ts";
import { deepFreeze } from "./freeze.ts";
import type { MetricNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import type { Readable } from "./source.ts";

/** A metric as an asset. */
export interface Metric<out Sources extends string = string> extends Asset<Sources> {
  readonly node: MetricNode;
}

/**
 * One number, measured on a table whenever the table changes and kept in the journal; it writes no table.
 *
 * @example
 * const punctual = metric("share_late", clean, (f) => share(f.late));
 */
export function metric<C extends Columns, Sources extends string>(
  name: string,
  of: Readable<C, Sources>,
  value: (row: Row<C>) => AggregateExpression,
): Metric<Sources> {
  const node: MetricNode = deepFreeze({ kind: "metric", name, origin: callerOrigin(), of: of.node.name, value: value(row<C>()).node });
  return Object.freeze({ node, dependencies: Object.freeze([of]) });
}
