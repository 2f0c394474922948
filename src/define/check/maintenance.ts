import { useOneOf } from "../nearest.ts";
import type { Definition } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Reports maintenance of tables that this platform does not have, and settings that undo one another. */
export function checkMaintenance(definition: Definition, findings: Findings): void {
  const tables = definition.assets.flatMap(({ kind, name }) => {
    if (kind === "source" || kind === "table") return [name, `${name}_quarantine`];
    return kind === "endpoint" ? [`${name}_predictions`] : [];
  });
  for (const asset of definition.assets) {
    if (asset.kind !== "maintenance") continue;
    for (const table of asset.tables ?? []) {
      if (tables.includes(table)) continue;
      findings.error({
        code: "unknown-asset",
        what: `the maintenance '${asset.name}' names the table '${table}', and there is none`,
        where: asset.origin,
        fix: useOneOf(table, tables),
      });
    }
    if (asset.compact !== null && asset.compact.into !== null && asset.compact.into < asset.compact.below)
      findings.warning({
        code: "bad-maintenance",
        what: `the maintenance '${asset.name}' makes files that are themselves small enough to be put together again`,
        where: asset.origin,
        fix: "let compact.into be larger than compact.below",
      });
  }
}
