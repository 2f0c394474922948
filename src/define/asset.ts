import type { AssetNode } from "./node.ts";

/**
 * What a platform is made of: a table, a model, an endpoint, a metric. It carries its node and the assets it needs,
 * so that a platform need only list the last ones. `Sources` are the names of the sources it depends on, for the type checker.
 */
export interface Asset<out Sources extends string = string> {
  readonly node: AssetNode;
  readonly dependencies: readonly Asset[];
  /** Known to the type checker only; never set. */
  readonly sources?: Sources;
}
