import { stderr } from "node:process";

/** Columns padded to the same width, two spaces between them. */
export function aligned(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, index) => (right.has(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** `336,776` */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `0.3 s`, `12 s`, `3 min 20 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A figure to three digits: `33,400`. */
export function rounded(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

/** Lines of a name and what it is, the names padded to one width. */
export function labelled(lines: readonly (readonly [name: string, text: string])[]): string {
  return `${lines.map(([name, text]) => `${name.padEnd(20)}${text}`).join("\n")}\n`;
}

const codes = { red: 31, green: 32, yellow: 33, grey: 90 } as const;

/** Coloured on a terminal that wants colours (NO_COLOR is honoured), plain elsewhere. */
export function colour(name: keyof typeof codes, text: string, stream: { readonly isTTY?: boolean } = stderr): string {
  return stream.isTTY && !process.env["NO_COLOR"] ? `\x1b[${codes[name]}m${text}\x1b[0m` : text;
}

/** `1 error`, `2 errors` */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
