import type { ColumnType } from "../../define/column.ts";
import type { AssetNode, Definition, MaintenanceNode, TableNode } from "../../define/node.ts";
import { demandOf } from "../demand.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import type { PlanInput } from "../vocabulary.ts";
import { runsPerDay } from "./often.ts";

/** How much data a platform takes in and keeps. All in bytes; `raw` is as it arrives, before compression. */
export interface Volume {
  /** Bytes a row of the sources' tables, by their columns. */
  readonly rawRow: Figure;
  /** Compressed against raw, as measured. */
  readonly compression: Figure;
  /** Computed tables against the sources' tables, compressed, as measured. */
  readonly derived: Figure;
  /** Of the tables that are made as a whole alone. */
  readonly whole: Figure;
  readonly perDay: Figure;
  /** Raw bytes that are there at the end of the first year. */
  readonly rawKept: Figure;
  /** The sources' tables at the end of the first year. */
  readonly sources: Figure;
  readonly computed: Figure;
  /** What is kept of earlier states of the tables. */
  readonly snapshots: Figure;
  /** All of the lake at the end of the first year. */
  readonly lake: Figure;
  /** Of the tables that are loaded into the warehouse. */
  readonly warehouse: Figure;
}

/** By these names other modules find the figures of data. */
export const volumeFigures: Readonly<Record<"rawKept" | "lake", string>> = Object.freeze({
  rawKept: "raw data kept after a year",
  lake: "lake after a year",
});

const daySeconds = 86_400;
export const yearSeconds: number = 8760 * 3600;

/** Bytes of a value as a program holds it; of a text, what names, codes and the like take. An assumption where the type does not say it. */
const widths: Readonly<Record<string, number>> = {
  boolean: 1,
  integer: 4,
  bigint: 8,
  double: 8,
  date: 4,
  timestamp: 8,
  text: 16,
  binary: 32,
};

/** Bytes of a row by its columns' types: 1 to 16 for each, decimals of up to 18 digits 8. */
export function rowBytes(types: readonly ColumnType[]): number {
  return types.reduce((sum, type) => sum + (widths[type] ?? (Number(/\((\d+),/.exec(type)?.[1] ?? 38) > 18 ? 16 : 8)), 0);
}

/**
 * Data of the first year. What arrives grows evenly, so that over a year it comes to `rate x year x g / ln(1 + g)`, of which the last `retention` is kept;
 * compression and the tables' proportions are as the lake measured them. A table that is made as a whole leaves its earlier state behind each time, until
 * maintenance expires it: as `maintenance` declares, or after Iceberg's default of 5 days (`history.expire.max-snapshot-age-ms`).
 */
export function volumeOf(input: PlanInput): Volume {
  const { definition, measurements } = input;
  const demand = demandOf(definition);
  const tables = (wanted: (asset: AssetNode) => boolean): readonly string[] => definition.assets.filter(wanted).map(({ name }) => name);
  const sourceTables = tables(({ kind }) => kind === "source");
  const computedTables = tables(({ kind }) => kind === "table");
  const wholeTables = tables((asset) => asset.kind === "table" && asset.parts === null);
  const loaded = tables((asset) => asset.kind === "table" && asset.load);
  const held = (name: string, names: readonly string[]): Figure => {
    const figures = names.flatMap((table) => measurements.tables[table]?.bytes ?? []);
    if (figures.length < names.length) return unknown(name, "bytes", `not all of the tables have been made: run millwright run`);
    return computed(name, "bytes", "sum over the tables", figures, (...bytes) => bytes.reduce((sum, one) => sum + one, 0));
  };
  const [sourcesNow, computedNow, wholeNow, loadedNow] = [
    held("sources' tables as measured", sourceTables),
    held("computed tables as measured", computedTables),
    held("tables made as a whole, as measured", wholeTables),
    held("loaded tables as measured", loaded),
  ];
  const rawNow = rawBytes(input, sourceTables);
  const against = (name: string, part: Figure, whole: Figure, formula: string) =>
    computed(name, "share", formula, [part, whole], (a = 0, b = 0) => (b === 0 ? 0 : a / b));
  const compression = against("compression", sourcesNow, rawNow, "compressed bytes / raw bytes of the sources' tables");
  const derived = against(
    "computed against sources' tables",
    computedNow,
    sourcesNow,
    "bytes of computed tables / bytes of sources' tables",
  );
  const whole = against("tables made as a whole against sources' tables", wholeNow, sourcesNow, "bytes / bytes of sources' tables");
  const perDay = computed("data a day", "bytes", "volume x 86,400 s", [demand.volume], (rate = 0) => rate * daySeconds);
  const arrived = arrivedInYear(definition, rawNow);
  const sources = computed(
    "sources' tables after a year",
    "bytes",
    "raw bytes x compression",
    [arrived, compression],
    (raw = 0, share = 0) => raw * share,
  );
  const after = (name: string, share: Figure) =>
    computed(name, "bytes", "sources' tables x proportion", [sources, share], (bytes = 0, part = 0) => bytes * part);
  const derivedAfter = after("computed tables after a year", derived);
  const kept = snapshotsKept(definition);
  const snapshots = computed(
    "earlier snapshots after a year",
    "bytes",
    "tables made as a whole x snapshots that are kept beside the newest",
    [after("tables made as a whole after a year", whole), kept],
    (bytes = 0, count = 0) => bytes * count,
  );
  const lake = computed(
    volumeFigures.lake,
    "bytes",
    "sources' tables + computed tables + earlier snapshots",
    [sources, derivedAfter, snapshots],
    (...all) => all.reduce((sum, one) => sum + one, 0),
  );
  const loadedShare = against("loaded tables against sources' tables", loadedNow, sourcesNow, "bytes / bytes of sources' tables");
  const warehouse = after("warehouse after a year", loadedShare);
  const rawRow = rowFigure(input, sourceTables);
  return Object.freeze<Volume>({
    rawRow,
    compression,
    derived,
    whole,
    perDay,
    rawKept: arrived,
    sources,
    computed: derivedAfter,
    snapshots,
    lake,
    warehouse,
  });
}

/** Raw bytes of tables as they stand: rows by what a row takes. */
export function rawBytes({ measurements, columns }: PlanInput, tables: readonly string[]): Figure {
  const name = "raw bytes as measured";
  const known = tables.map((table) => ({ rows: measurements.tables[table]?.rows, width: columns[table] }));
  const missing = tables.find((_, index) => known[index]?.rows === undefined || known[index].width === undefined);
  if (missing !== undefined) return unknown(name, "bytes", `the rows or columns of ${missing} are not known: run millwright run`);
  const figures = known.flatMap(({ rows }) => rows ?? []);
  return computed(name, "bytes", "rows x bytes of their columns (boolean 1, integer and date 4, text 16, others 8)", figures, (...rows) =>
    rows.reduce((sum, count, index) => sum + count * rowBytes((known[index]?.width ?? []).map(({ type }) => type)), 0),
  );
}

function rowFigure(input: PlanInput, tables: readonly string[]): Figure {
  const raw = rawBytes(input, tables);
  const rows = tables.flatMap((table) => input.measurements.tables[table]?.rows ?? []);
  return computed("raw bytes of a row", "bytes", "raw bytes / rows of the sources' tables", [raw, ...rows], (bytes = 0, ...counts) => {
    const count = counts.reduce((sum, one) => sum + one, 0);
    return count === 0 ? 0 : bytes / count;
  });
}

/** Raw bytes that are kept at the end of the first year; where nothing says what arrives, what stands there now. */
function arrivedInYear(definition: Definition, now: Figure): Figure {
  const { volume, stored, growth, retention } = demandOf(definition);
  const name = volumeFigures.rawKept;
  if (volume.value === null) {
    const base = stored.value === null ? now : stored;
    return computed(
      name,
      "bytes",
      "what is there x (1 + growth): no requirement says what arrives",
      [base, growth],
      (bytes = 0, g = 0) => bytes * (1 + g),
    );
  }
  const given = [volume, growth, ...(retention.value === null ? [] : [retention]), ...(stored.value === null ? [] : [stored])];
  const formula = "what is there + rate x year x ((1 + g) - (1 + g)^(1 - kept)) / ln(1 + g), kept: retention in years, at most 1";
  return computed(name, "bytes", formula, given, (rate = 0, g = 0) => {
    const share = Math.min(1, (retention.value ?? yearSeconds) / yearSeconds);
    return grown(rate, g, share) + (share < 1 ? 0 : (stored.value ?? 0));
  });
}

/** Bytes of the last `share` of a year in which the rate grows from `rate` by `growth` a year. */
export function grown(rate: number, growth: number, share: number): number {
  if (growth <= -1) return 0;
  if (Math.abs(growth) < 1e-9) return rate * yearSeconds * share;
  return (rate * yearSeconds * (1 + growth - (1 + growth) ** (1 - share))) / Math.log(1 + growth);
}

const defaultAge = 5 * daySeconds;

/** How many earlier states of a table that is made as a whole are there at any time. */
function snapshotsKept({ assets, schedule }: Definition): Figure {
  const often = runsPerDay(schedule);
  const upkeep = assets.find((asset): asset is MaintenanceNode => asset.kind === "maintenance" && asset.expire !== null)?.expire ?? null;
  const age = upkeep?.olderThanSeconds ?? defaultAge;
  const formula =
    upkeep === null
      ? "runs in 5 days, Iceberg's default: no maintenance is declared, without which none is ever removed"
      : "runs until they expire, as maintenance declares";
  return computed("earlier snapshots that are kept", "count", formula, [often], (runs = 0) =>
    Math.max((upkeep?.keepLast ?? 1) - 1, Math.ceil((runs * age) / daySeconds)),
  );
}

/** Whether every computed table is made a part at a time. */
export function inParts({ assets }: Pick<Definition, "assets">): boolean {
  return assets.every((asset): boolean => asset.kind !== "table" || (asset satisfies TableNode).parts !== null);
}
