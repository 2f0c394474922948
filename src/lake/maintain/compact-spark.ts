import type { Engine } from "../../systems/roles.ts";
import type { Compacted, CompactOptions } from "./compact.ts";

/**
 * Puts a table's small files together on Spark, by Iceberg's own procedures: files below the size, and those of which a tenth is deleted, are
 * rewritten, then the manifests. Its commits are of operation `replace` as ours are.
 */
export async function compactOnSpark(
  engine: Pick<Engine, "ask">,
  namespace: string,
  table: string,
  options: CompactOptions & { readonly sorted: boolean },
): Promise<Compacted> {
  const name = literal(`${quoted(namespace)}.${quoted(table)}`);
  const settings: Readonly<Record<string, string>> = {
    "min-file-size-bytes": String(options.below),
    ...(options.into === null
      ? {}
      : { "target-file-size-bytes": String(options.into), "max-file-size-bytes": String(Math.ceil(options.into * 1.8)) }),
    "min-input-files": "2",
    "delete-ratio-threshold": "0.1",
    "remove-dangling-deletes": "true",
    "partial-progress.enabled": "false",
  };
  const map = Object.entries(settings).flatMap(([key, value]) => [literal(key), literal(value)]);
  const [row] = await engine.ask(
    `CALL lake.system.rewrite_data_files(table => ${name}, strategy => ${options.sorted ? "'sort'" : "'binpack'"}, options => map(${map.join(", ")}))`,
  );
  await engine.ask(`CALL lake.system.rewrite_manifests(table => ${name})`);
  const number = (key: string) => Number(row?.[key] ?? 0);
  return {
    filesBefore: number("rewritten_data_files_count"),
    filesAfter: number("added_data_files_count"),
    bytesBefore: number("rewritten_bytes_count"),
    bytesAfter: null,
    deletesApplied: number("removed_delete_files_count"),
    left: number("failed_data_files_count") > 0 ? `${number("failed_data_files_count")} files could not be rewritten` : null,
  };
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
