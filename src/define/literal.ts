import { MillwrightError } from "../error.ts";
import type { ColumnType } from "./column.ts";
import type { LiteralNode } from "./expression-node.ts";
import { deepFreeze } from "./freeze.ts";

/** A JavaScript value that can stand in an expression. */
export type PlainValue = string | number | bigint | boolean | Date;

/**
 * A value as a literal of a type; without one, whole numbers are integers (bigint above 2^31), other numbers doubles, dates timestamps.
 *
 * @throws MillwrightError `bad-literal` for NaN, an infinity, an invalid date, or a value that the type cannot hold.
 */
export function literalNode(value: PlainValue | null, type: ColumnType = typeOfValue(value)): LiteralNode {
  const json = jsonOf(value, type);
  if (json === undefined)
    throw new MillwrightError({
      code: "bad-literal",
      what: `${String(value)} is no value of type ${type}`,
      fix: "write a value of that type",
    });
  return deepFreeze({ kind: "literal", type, value: json });
}

function typeOfValue(value: PlainValue | null): ColumnType {
  if (typeof value === "bigint") return "bigint";
  if (typeof value === "boolean") return "boolean";
  if (value instanceof Date) return "timestamp";
  if (typeof value !== "number") return "text";
  if (!Number.isSafeInteger(value)) return "double";
  return Math.abs(value) < 2 ** 31 ? "integer" : "bigint";
}

/** The literal as one of another type, e.g. the text `2013-01-01` as a date, 5 as a double; null when it does not fit. */
export function literalAs(node: LiteralNode, type: ColumnType): LiteralNode | null {
  if (node.type === type) return node;
  const value = jsonOf(node.value, type);
  return value === undefined ? null : deepFreeze({ kind: "literal", type, value });
}

/** As JSON holds it; undefined when it does not fit. */
function jsonOf(value: PlainValue | null, type: ColumnType): string | number | boolean | null | undefined {
  if (value === null) return null;
  if (type === "boolean") return typeof value === "boolean" ? value : undefined;
  if (type === "text") return typeof value === "string" ? value : undefined;
  if (type === "double")
    return typeof value !== "boolean" && String(value) !== "" && Number.isFinite(Number(value)) ? Number(value) : undefined;
  if (type === "integer") return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : undefined;
  if (type === "bigint") return /^-?\d{1,19}$/.test(String(value)) ? String(value) : undefined;
  if (type === "binary") return undefined;
  if (type !== "date" && type !== "timestamp") return /^-?\d+(\.\d+)?$/.test(String(value)) ? String(value) : undefined;
  if (typeof value === "boolean" || typeof value === "bigint") return undefined;
  return instantOf(value, type);
}

/** `2013-01-01`, or `2013-01-01 10:00:00` with up to six decimals, in UTC. */
function instantOf(value: string | number | Date, type: "date" | "timestamp"): string | undefined {
  const text =
    typeof value === "string" && !/T.*(Z|[+-]\d\d:?\d\d)$/.test(value)
      ? `${value.replace(" ", "T")}${value.length > 10 ? "Z" : ""}`
      : value;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return undefined;
  // A Date ends at the millisecond, and its reader cuts off the rest.
  const [, digits] = typeof value === "string" ? (/\.(\d{4,6})/.exec(value) ?? []) : [];
  const iso = digits === undefined ? date.toISOString() : date.toISOString().replace(/\.\d{3}Z$/, `.${digits}Z`);
  return type === "date" ? iso.slice(0, 10) : iso.replace("T", " ").replace(/(\.000)?Z$/, "");
}
