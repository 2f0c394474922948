import type { QueryResult } from "../query/query.ts";
import { aligned, plural } from "./text.ts";

/** A result as an aligned table: numbers to the right, null as an empty cell, the number of rows below. */
export function tableText({ columns, types, rows }: QueryResult): string {
  const right = new Set(types.flatMap((type, index) => (/INT|DOUBLE|FLOAT|DECIMAL/.test(type) ? [index] : [])));
  const cells = rows.map((row) => columns.map((column) => oneLine(row[column])));
  const lines = aligned(
    [
      [...columns],
      columns.map((column, index) => "-".repeat(Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)))),
      ...cells,
    ],
    right,
  );
  return `${lines.join("\n")}\n${plural(rows.length, "row")}\n`;
}

/** A result as comma-separated values (RFC 4180), with a header line. */
export function csvText({ columns, rows }: QueryResult): string {
  const line = (cells: readonly string[]) =>
    `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
  return line(columns) + rows.map((row) => line(columns.map((column) => cellText(row[column])))).join("");
}

function cellText(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Text with line breaks would tear the table; long text would hide the rest. */
function oneLine(value: unknown): string {
  const text = cellText(value).replaceAll(/\s*[\r\n]+\s*/g, " ");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
