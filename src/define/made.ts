import { contentHash } from "./canonical.ts";
import type { AssetNode, ModelNode } from "./node.ts";

/**
 * Hash of what decides an asset's content: its declaration, but for how a table's files are laid out, and when a model is trained anew, a
 * change of which makes nothing stale.
 */
export function definitionHash(node: AssetNode): string {
  return node.kind === "model" ? trainingHash(node) : contentHash(withoutLayout(node));
}

/** Hash of what decides how a model comes out; when it is trained anew is no part of it. */
export function trainingHash({ retrain: _retrain, ...node }: ModelNode): string {
  return contentHash(node);
}

/** A declaration with nothing said of the layout. */
export function withoutLayout<N extends AssetNode>(node: N): N {
  return "layout" in node ? { ...node, layout: null } : node;
}
