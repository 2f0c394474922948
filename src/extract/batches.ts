import { setImmediate } from "node:timers/promises";
import type { ExtractRequest, Value } from "../systems/roles.ts";
import { cutRaw } from "./rejected.ts";

const batchRows = 2048;
/** Often enough for Ctrl-C and time-outs to be seen while rows are read without waiting. */
const breathRows = 20 * batchRows;

/**
 * Stages rows as they come, with progress, and stops at the signal. Returns how many came.
 * A rejected row's origin is the table with its key, or its number in the order of reading where the table has no key.
 *
 * @param total rows expected, null when unknown
 */
export async function stageRows(
  request: Pick<ExtractRequest, "table" | "columns" | "stage" | "progress" | "signal">,
  rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
  total: number | null,
): Promise<number> {
  const { table, columns, stage, progress, signal } = request;
  const keys = table.key
    .map((name) => ({ name, index: columns.findIndex((column) => column.name === name) }))
    .filter(({ index }) => index >= 0);
  let done = 0;
  let batch: (readonly Value[])[] = [];
  const send = async (): Promise<void> => {
    const sent = batch;
    batch = [];
    await stage.rows(sent, (index) => {
      const key = keys.map(({ name, index: column }) => `${name}=${shown(sent[index]?.[column] ?? null)}`);
      return `${table.table} ${key.length > 0 ? key.join(" ") : `row ${done + index + 1}`}`;
    });
    done += sent.length;
  };
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    await send();
    if (done % breathRows === 0) {
      progress.report({ done, total, unit: "rows" });
      await setImmediate();
      signal.throwIfAborted();
    }
  }
  await send();
  progress.report({ done, total, unit: "rows" });
  return done;
}

function shown(value: Value): string {
  return value instanceof Date ? (Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()) : cutRaw(String(value));
}
