import { contentHash } from "./canonical.ts";
import type { AssetNode } from "./node.ts";

/** Hash of what decides an asset's content: its declaration, but for how a table's files are laid out, a change of which makes no row stale. */
export function definitionHash(node: AssetNode): string {
  return contentHash(withoutLayout(node));
}

/** A declaration with nothing said of the layout. */
export function withoutLayout<N extends AssetNode>(node: N): N {
  return "layout" in node ? { ...node, layout: null } : node;
}
