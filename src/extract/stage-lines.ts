import type { ExtractRequest } from "../systems/roles.ts";
import type { Lines } from "./lines.ts";
import type { LineFormat } from "./log-format.ts";
import { typedRows } from "./typed-sql.ts";

/** Enough text for two threads to be busy, little enough to hold. */
const batchBytes = 16 * 1024 * 1024;
const batchBlocks = 200;

export interface LineStager {
  /** @param file as rejected lines name it; @param modified the file's last change */
  add(lines: Lines, file: string, modified: Date): Promise<void>;
  finish(): Promise<void>;
}

/**
 * Gives lines to the embedded engine, which takes them apart by the format. Empty lines are no rows;
 * other lines that do not fit are rejected with file:line.
 */
export function lineStager({ columns, stage, progress, signal }: ExtractRequest, format: LineFormat): LineStager {
  let parameters: (string | number)[] = [];
  let bytes = 0;
  let rows = 0;
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    if (parameters.length === 0) return;
    const sent = parameters;
    parameters = [];
    bytes = 0;
    rows += await stage.query(
      typedRows(columns, {
        from: linesSql(sent.length / 5, format),
        texts: format.texts,
        origin: "file || ':' || number",
        raw: "line",
        reason: reasonSql(format),
      }),
      {
        parameters: sent,
        rejects: true,
      },
    );
    progress.report({ done: rows, total: null, unit: "rows" });
  };
  return {
    async add(lines, file, modified) {
      parameters.push(lines.text, file, lines.first, lines.damaged ? 1 : 0, modified.toISOString());
      bytes += lines.text.length;
      if (bytes >= batchBytes || parameters.length >= batchBlocks * 5) await flush();
    },
    finish: flush,
  };
}

/** Blocks as parameters of five, unfolded into numbered lines. They are materialised so that what follows runs on every core. */
function linesSql(blocks: number, { steps }: LineFormat): string {
  const block = (index: number): string =>
    `($${index * 5 + 1}::VARCHAR, $${index * 5 + 2}::VARCHAR, $${index * 5 + 3}::BIGINT, $${index * 5 + 4}::INTEGER, $${index * 5 + 5}::TIMESTAMPTZ)`;
  const values = Array.from({ length: blocks }, (_, index) => block(index)).join(", ");
  const lines = `SELECT file, damaged, modified, number, CASE WHEN ends_with(ended, chr(13)) THEN left(ended, -1) ELSE ended END AS line FROM ended WHERE ended NOT IN ('', chr(13))`;
  return `WITH blocks(block, file, first, damaged, changed) AS (VALUES ${values}),
    ended AS MATERIALIZED (
      SELECT file, damaged, CAST(changed AS TIMESTAMP) AS modified, first + generate_subscripts(split, 1) - 1 AS number, unnest(split) AS ended
      FROM (SELECT *, string_split(block, chr(10)) AS split FROM blocks))
    ${steps.reduce((from, [name, sql]) => `SELECT *, ${sql} AS ${name} FROM (${from})`, lines)}`;
}

function reasonSql({ reason }: LineFormat): string {
  return `CASE WHEN damaged = 1 AND contains(line, chr(65533)) THEN 'is not valid UTF-8' ELSE ${reason} END`;
}
