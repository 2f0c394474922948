import { contentHash } from "../define/canonical.ts";
import { withoutLayout } from "../define/made.ts";
import type { EnvironmentNode, SourceTableNode } from "../define/node.ts";
import { bindingOf } from "../run/bind.ts";

/** Hash of what decides a source table's content besides the source's data: its declaration and its binding (secrets by name only). */
export function sourceDefinition(environment: EnvironmentNode, node: SourceTableNode): string {
  const { system, options } = bindingOf(environment, node);
  return contentHash({ node: withoutLayout(node), system, options });
}
