import { layoutWords } from "../../define/layout.ts";
import { layoutOf } from "../layout.ts";
import { partPrefix, summaryPrefix } from "../note.ts";
import type { TableMetadata } from "./model.ts";
import { headSummary } from "./rearranged.ts";

const layoutKey = `${summaryPrefix}layout`;

/** What the catalog's database keeps of a table beside its columns, as JSON: the current snapshot's summary, with the layout and the parts that stand. */
export function printHeadSummary(metadata: TableMetadata): string {
  const layout = layoutOf(metadata);
  const said = layout.partition.length + layout.sort.length > 0 || layout.fileSize !== null;
  const parts = Object.entries(metadata.properties).filter(([name]) => name.startsWith(partPrefix));
  return JSON.stringify({
    ...headSummary(metadata),
    ...(said ? { [layoutKey]: layoutWords(layout) } : {}),
    ...Object.fromEntries(parts),
  });
}

/** The same, read back and taken apart. */
export function readHeadSummary(text: string): {
  readonly summary: Readonly<Record<string, string>>;
  readonly layout: string | null;
  readonly parts: Readonly<Record<string, string>>;
} {
  const stored: Readonly<Record<string, string>> = JSON.parse(text);
  const entries = Object.entries(stored);
  return {
    summary: Object.fromEntries(entries.filter(([name]) => name !== layoutKey && !name.startsWith(partPrefix))),
    layout: stored[layoutKey] ?? null,
    parts: Object.fromEntries(
      entries.filter(([name]) => name.startsWith(partPrefix)).map(([name, fingerprint]) => [name.slice(partPrefix.length), fingerprint]),
    ),
  };
}
