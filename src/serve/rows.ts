import type { ColumnType } from "../define/column.ts";
import { MillwrightError } from "../error.ts";
import { isNullable } from "./client/description.ts";
import type { Port, Signature } from "./signature.ts";

type Row = Readonly<Record<string, unknown>>;

/**
 * A request of the Open Inference Protocol from what a person writes: such a request itself, a row of features, or several.
 * A feature that is left out is missing; dates and timestamps may be texts in ISO 8601.
 *
 * @param types of the columns by their names
 * @throws MillwrightError `bad-data`
 */
export function requestOf({ inputs }: Signature, types: Readonly<Record<string, ColumnType>>, data: unknown): object {
  if (isRow(data) && Array.isArray(data["inputs"])) return data;
  const rows: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (rows.length === 0 || !rows.every(isRow))
    throw bad("the data is no row of features", 'give {"feature": value, ...}, or a list of such rows');
  const known = inputs.map(({ name }) => name);
  for (const row of rows)
    for (const name of Object.keys(row))
      if (!known.includes(name)) throw bad(`the model has no feature '${name}'`, `use ${known.join(", ")}`);
  const tensor = (port: Port): object => ({
    name: port.name,
    datatype: port.datatype,
    shape: [rows.length, ...port.shape.slice(1)],
    data: rows.flatMap((row) => valuesOf(port, types[port.name], row[port.name] ?? null)),
  });
  return { inputs: inputs.map(tensor) };
}

function valuesOf(port: Port, type: ColumnType | undefined, value: unknown): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : Array.from({ length: value === null ? port.width : 1 }, () => value);
  if (values.length !== port.width)
    throw bad(`feature '${port.name}' has ${values.length} values, not ${port.width}`, "give as many as its shape has");
  if (values.includes(null) && !isNullable(port) && port.datatype !== "BOOL")
    throw bad(`feature '${port.name}' is missing, and ${port.datatype} has no value for that`, "give it");
  return values.map((one) => (typeof one === "string" && (type === "date" || type === "timestamp") ? instant(port.name, type, one) : one));
}

/** Days, or microseconds, since 1970 in UTC. */
function instant(name: string, type: "date" | "timestamp", text: string): number {
  const milliseconds = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) || type === "date" ? text : `${text.replace(" ", "T")}Z`);
  if (Number.isNaN(milliseconds)) throw bad(`feature '${name}' is '${text}', which is no ${type}`, "write it in ISO 8601");
  return type === "date" ? Math.floor(milliseconds / 86_400_000) : milliseconds * 1000;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(what: string, fix: string): MillwrightError {
  return new MillwrightError({ code: "bad-data", what, fix });
}
