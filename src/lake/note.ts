import type { Position } from "../systems/roles.ts";

/** What was fitted on the data for a commit: operation and column to value; medians, means, categories, edges. */
export type Fitted = Readonly<Record<string, string | number | null | readonly (string | number | null)[]>>;

/**
 * What a commit says of itself, kept in the snapshot's own summary and so as durable as the data:
 * the journal is rebuilt from it.
 */
export interface CommitNote {
  readonly run: string;
  /** Content hash of the asset's node (for a source: and of its binding). */
  readonly definition: string;
  /** Table to the snapshot that was read. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly position: Position | null;
  /** The source's mark when it was read. */
  readonly fingerprint: string | null;
  readonly fitted: Fitted | null;
  /** Of a table that is made in parts: how, `day of scheduled`. */
  readonly parts?: string;
  /** The part that the commit made: `2013-03-01`, or `2013-03`; `fingerprint` is then of what it was made from. Absent where all are made. */
  readonly part?: string;
  /** Rows of the table after the commit. */
  readonly rows: number;
  /** Rows that were refused and stand in the quarantine table. */
  readonly quarantined: number;
  /** Wall time of the work, in seconds. */
  readonly seconds: number;
}

/** Table properties that begin so belong into the summary of the snapshot that is committed with them ... */
export const annotationPrefix: string = "millwright.snapshot.";
/** ... and stand there with this prefix instead. */
export const summaryPrefix: string = "millwright.";
/** Table property of one commit: `replace` when the table then holds only what the commit adds; `overwrite` when that takes the place of a range. */
export const writeModeKey: string = "millwright.write";
/** Table property of one commit, for `overwrite`: `{"column", "from", "to"}`, both ISO 8601 in UTC, `to` excluded. */
export const writeRangeKey: string = "millwright.range";
/** Table properties that begin so say which parts stand: name to fingerprint. The catalog keeps them with each commit that says its part. */
export const partPrefix: string = "millwright.part.";

// An engine that writes into a snapshot's summary by itself, before it knows all of the note, says these there, and the catalog does the rest.
/** When the work began, in milliseconds since 1970: the catalog adds the note's seconds and rows. */
export const beganKey: string = `${summaryPrefix}began`;
/** The snapshot, or `none`, on which the commit must come: the catalog refuses it on another. */
export const expectsKey: string = `${summaryPrefix}expects`;
/** An id by which the engine knows the commit again. */
export const commitKey: string = `${summaryPrefix}commit`;

/** Table properties that the catalog moves into the summary of the snapshot committed with them; a range is what the commit takes the place of. */
export function noteProperties(
  note: CommitNote,
  mode: "append" | "replace" | { readonly column: string; readonly from: string; readonly to: string },
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(note)) {
    if (value !== null && value !== undefined)
      properties[annotationPrefix + name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  if (mode === "replace") properties[writeModeKey] = "replace";
  else if (mode !== "append") {
    properties[writeModeKey] = "overwrite";
    properties[writeRangeKey] = JSON.stringify(mode);
  }
  return properties;
}

/** The note in a snapshot's summary; null when somebody else wrote the snapshot. */
export function noteOf(summary: Readonly<Record<string, string>>): CommitNote | null {
  const text = (name: string) => summary[summaryPrefix + name] ?? null;
  const json = (name: string): unknown => JSON.parse(text(name) ?? "null");
  const run = text("run");
  const definition = text("definition");
  if (run === null || definition === null) return null;
  return {
    run,
    definition,
    inputs: stringRecord(json("inputs")),
    position: positionOf(json("position")),
    fingerprint: text("fingerprint"),
    fitted: fittedOf(json("fitted")),
    ...(text("parts") === null ? {} : { parts: text("parts") ?? "" }),
    ...(text("part") === null ? {} : { part: text("part") ?? "" }),
    rows: Number(text("rows") ?? 0),
    quarantined: Number(text("quarantined") ?? 0),
    seconds: Number(text("seconds") ?? 0),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringRecord(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, String(part)]));
}

function isScalar(value: unknown): value is string | number | null {
  return value === null || typeof value === "string" || typeof value === "number";
}

function positionOf(value: unknown): Position | null {
  if (!isRecord(value)) return null;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string | number | null] => isScalar(entry[1])));
}

function fittedOf(value: unknown): Fitted | null {
  if (!isRecord(value)) return null;
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string | number | null | (string | number | null)[]] =>
        isScalar(entry[1]) || (Array.isArray(entry[1]) && entry[1].every(isScalar)),
    ),
  );
}
