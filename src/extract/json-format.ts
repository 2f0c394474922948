import type { Column } from "../define/column.ts";
import { quoteLiteral } from "../systems/duckdb/connection.ts";
import type { LineFormat } from "./log-format.ts";

/**
 * One JSON object a line. A field that is an object or a list becomes its JSON text; a field that a line lacks is null.
 * JSON's numbers are doubles or 64-bit integers: exact decimals should stand as texts.
 */
export function jsonFormat(columns: readonly Column[]): LineFormat {
  const paths = columns.map(({ name }) => quoteLiteral(`$."${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`));
  return {
    columns,
    steps: [["parts", `CASE WHEN try(json_type(line)) = 'OBJECT' THEN json_extract_string(line, [${paths.join(", ")}]) END`]],
    texts: new Map(columns.map(({ name }, index) => [name, `parts[${index + 1}]`])),
    reason: "CASE WHEN parts IS NULL THEN CASE WHEN json_valid(line) THEN 'is JSON, but no object' ELSE 'is no JSON' END END",
  };
}
