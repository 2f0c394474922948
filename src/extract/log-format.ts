import type { Column, ColumnType } from "../define/column.ts";
import { MillwrightError, type Problem } from "../error.ts";
import { quoteLiteral } from "../systems/duckdb/connection.ts";

/** How a line is taken apart by the embedded engine. */
export interface LineFormat {
  readonly columns: readonly Column[];
  /** Names and SQL over `line` and the names before; the last one is `parts`. */
  readonly steps: readonly (readonly [name: string, sql: string])[];
  /** The raw text of a column, null where the line has none. */
  readonly texts: ReadonlyMap<string, string>;
  /** SQL over `line` and `parts`: null, or why the line is none of this format. */
  readonly reason: string;
}

const types = /^(boolean|integer|bigint|double|text|date|timestamp|decimal\(\d+,\d+\))$/;
const field = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+(?:\(\d+,\d+\))?))?(\.\.\.)?\}/g;

/** The format of a table's `pattern`: `combined`, `syslog`, or one's own. (`json` has no columns of its own: see json-format.ts.) */
export function logFormat(pattern: string, where: Problem["where"]): LineFormat {
  if (pattern === "combined") return combined;
  if (pattern === "syslog") return syslog;
  return ownFormat(pattern, where);
}

/**
 * Own pattern: `{time:timestamp} {airport} {event} {rest...}`. What stands between the fields must stand so in the line;
 * a field reaches to the first character that follows it in the pattern, the last one to the next space or the line's end, one with `...` to the
 * line's end. `-` means null. `{{` and `}}` are braces.
 */
function ownFormat(pattern: string, where: Problem["where"]): LineFormat {
  const bad = (what: string): MillwrightError =>
    new MillwrightError({
      code: "bad-pattern",
      what: `the pattern '${pattern}' ${what}`,
      ...(where === undefined ? {} : { where }),
      fix: "write it as '{time:timestamp} {name} {message...}', or use combined, syslog or json",
    });
  const columns: Column[] = [];
  let expression = "";
  let literal = "";
  let at = 0;
  for (const match of pattern.matchAll(field)) {
    literal += pattern.slice(at, match.index);
    at = match.index + match[0].length;
    const [whole, name, type = "text", rest] = match;
    if (name === undefined) {
      literal += whole.slice(1);
      continue;
    }
    if (!isColumnType(type)) throw bad(`gives ${name} the unknown type '${type}'`);
    if (columns.some((column) => column.name === name)) throw bad(`names ${name} twice`);
    if (columns.length > 0 && literal === "") throw bad(`has nothing between ${columns.at(-1)?.name} and ${name}`);
    columns.push({ name, type });
    expression += escaped(literal) + fieldExpression(type, rest !== undefined, pattern.slice(at), pattern.charAt(match.index - 1));
    literal = "";
  }
  literal += pattern.slice(at);
  if (columns.length === 0) throw bad("names no field");
  if (/[{}]/.test(literal.replaceAll(/\{\{|\}\}/g, ""))) throw bad("has a brace that is part of no field");
  const names = columns.map((_, index) => `part${index}`);
  const whole = extract(`^(${expression}${escaped(literal)})$`, names);
  const list = `[${names.map((name) => `matched.${name}`).join(", ")}]`;
  // Most logs are words between spaces, which are taken apart three times as fast as by the expression; it is left for other lines.
  const words = /^\{[^{}]*\}( \{[^{}.]*\})*$/.test(pattern);
  const steps: [string, string][] = words
    ? [
        ["words", "string_split(line, ' ')"],
        ["matched", `CASE WHEN len(words) <> ${columns.length} OR list_contains(words, '') THEN ${whole} END`],
        ["parts", `CASE WHEN matched IS NULL THEN words WHEN matched.whole <> '' THEN ${list} END`],
      ]
    : [
        ["matched", whole],
        ["parts", `CASE WHEN matched.whole <> '' THEN ${list} END`],
      ];
  const texts = new Map(columns.map(({ name }, index) => [name, `nullif(parts[${index + 1}], '-')`]));
  return { columns, steps, texts, reason: `CASE WHEN parts IS NULL THEN ${quoteLiteral(`does not match the pattern ${pattern}`)} END` };
}

function fieldExpression(type: ColumnType, rest: boolean, following: string, before: string): string {
  if (rest) return "(.*)";
  const next = following.startsWith("{{") ? "{" : following.charAt(0);
  if (next === "" || next === " ") return type === "timestamp" ? "((?:[0-9]{4}-[0-9]{2}-[0-9]{2} )?[^ ]+)" : "([^ ]+)";
  // Quoted and bracketed fields may be empty.
  const many = '"[('.includes(before) && before !== "" ? "*" : "+";
  return `([^${next === "\\" || next === "]" || next === "^" || next === "-" ? `\\${next}` : next}]${many})`;
}

/** Apache's and nginx' access log: common (without referer and agent) or combined. */
const combined: LineFormat = {
  columns: columnsOf({
    host: "text",
    identity: "text",
    user: "text",
    time: "timestamp",
    request: "text",
    method: "text",
    path: "text",
    protocol: "text",
    status: "integer",
    bytes: "bigint",
    referer: "text",
    agent: "text",
  }),
  steps: [
    [
      "parts",
      extract(
        String.raw`^(([^ ]+) ([^ ]+) (.+?) \[([^\]]+)\] "((?:([A-Z]+) ([^ ]+)(?: (HTTP/[0-9.]+))?|(?:[^"\\]|\\.)*))" ([0-9]{3}) ([0-9]+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?.*)$`,
        ["host", "identity", "user", "time", "request", "method", "path", "protocol", "status", "bytes", "referer", "agent"],
      ),
    ],
  ],
  texts: new Map([
    ...["host", "identity", "user", "request", "method", "path", "protocol", "status", "bytes", "referer", "agent"].map(
      (name): [string, string] => [name, `nullif(nullif(parts.${name}, '-'), '')`],
    ),
    ["time", utcText("try_strptime(parts.time, '%d/%b/%Y:%H:%M:%S %z')", "parts.time")],
  ]),
  reason: "CASE WHEN parts.whole = '' THEN 'is no line of a combined access log' END",
};

/**
 * RFC 5424, and the older RFC 3164 whose time lacks the year and the zone: it is read as UTC in the latest year
 * that does not lie after the file's last change (by more than a day).
 */
const syslog: LineFormat = {
  columns: columnsOf({
    priority: "integer",
    time: "timestamp",
    host: "text",
    application: "text",
    process: "text",
    message_id: "text",
    data: "text",
    message: "text",
  }),
  steps: [
    [
      "parts",
      extract(
        String.raw`^(<([0-9]{1,3})>1 ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) (-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: (.*))?|(?:<([0-9]{1,3})>)?([A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}) ([^ ]+) (?:([^ :\[]+)(?:\[([^\]]*)\])?: ?)?(.*))$`,
        [
          "priority",
          "time",
          "host",
          "application",
          "process",
          "message_id",
          "data",
          "message",
          "old_priority",
          "old_time",
          "old_host",
          "old_application",
          "old_process",
          "old_message",
        ],
      ),
    ],
  ],
  texts: new Map([
    ...["priority", "host", "application", "process", "message"].map((name): [string, string] => [
      name,
      `coalesce(nullif(nullif(parts.${name}, ''), '-'), nullif(parts.old_${name}, ''))`,
    ]),
    ...["message_id", "data"].map((name): [string, string] => [name, `nullif(nullif(parts.${name}, ''), '-')`]),
    ["time", `CASE WHEN parts.old_time = '' THEN nullif(parts.time, '-') ELSE ${oldTime("parts.old_time")} END`],
  ]),
  reason: "CASE WHEN parts.whole = '' THEN 'is no syslog line (RFC 5424 or 3164)' END",
};

function oldTime(text: string): string {
  const inYear = (year: string): string => `try_strptime((${year})::VARCHAR || ' ' || ${text}, '%Y %b %d %H:%M:%S')`;
  const same = inYear("year(modified)");
  const last = inYear("year(modified) - 1");
  // A 29th of February is in one of the years only.
  return utcText(`CASE WHEN ${same} <= modified + INTERVAL 1 DAY THEN ${same} ELSE coalesce(${last}, ${same}) END`, text);
}

/** A timestamp as ISO text, or the text as it was when it is none, so that the row is rejected with it. */
function utcText(timestamp: string, text: string): string {
  return `coalesce(strftime(CAST(${timestamp} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ'), ${text})`;
}

function extract(expression: string, names: readonly string[]): string {
  return `regexp_extract(line, ${quoteLiteral(expression)}, [${["whole", ...names].map(quoteLiteral).join(", ")}])`;
}

function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function columnsOf(columns: Readonly<Record<string, ColumnType>>): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }));
}

function isColumnType(type: string): type is ColumnType {
  return types.test(type);
}
