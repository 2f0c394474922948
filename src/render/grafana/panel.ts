import { datasource } from "./dashboard.ts";

/** Panels side by side below a heading. */
export interface Row {
  readonly title: string;
  /** In Grafana's units of 30 pixels. */
  readonly height: number;
  readonly panels: readonly Panel[];
}

/** Grafana's names of units. */
export type Unit =
  | "none"
  | "short"
  | "percentunit"
  | "percent"
  | "s"
  | "reqps"
  | "currencyUSD"
  | "celsius"
  | "watt"
  | "decmbytes"
  | "mbytes"
  | "dateTimeFromNow";

interface Target {
  readonly refId: string;
  readonly datasource: typeof datasource;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
  readonly range: boolean;
  readonly format: "time_series" | "table";
}

interface Step {
  readonly color: string;
  readonly value: number | null;
}

export interface Panel {
  readonly type: "timeseries" | "stat" | "table";
  readonly title: string;
  readonly description: string;
  readonly datasource: typeof datasource;
  readonly targets: readonly Target[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: Unit;
      readonly min?: number;
      readonly max?: number;
      readonly thresholds: { readonly mode: "absolute"; readonly steps: readonly Step[] };
      readonly mappings: readonly object[];
      readonly custom?: Readonly<Record<string, unknown>>;
    };
    readonly overrides: readonly object[];
  };
  readonly options: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly object[];
}

export interface PanelOptions {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  /** What is asked, and how its series are called: `{{endpoint}}`. */
  readonly queries: readonly (readonly [expression: string, legend: string])[];
  /** Beyond it, values are red; `below`: at or under it. */
  readonly limit?: { readonly value: number; readonly bad: "above" | "below" };
  readonly min?: number;
  readonly max?: number;
}

/** Lines over time; a limit is a dashed line. */
export function lines(options: PanelOptions): Panel {
  const { limit } = options;
  return panel("timeseries", options, {
    custom: {
      drawStyle: "line",
      lineWidth: 1,
      fillOpacity: 8,
      showPoints: "auto",
      spanNulls: false,
      thresholdsStyle: { mode: limit === undefined ? "off" : "dashed" },
    },
    options: {
      legend: { displayMode: "table", placement: "bottom", showLegend: true, calcs: ["lastNotNull", "max"] },
      tooltip: { mode: "multi", sort: "desc" },
    },
    instant: false,
  });
}

/** The newest value of each series, large. */
export function newest(options: PanelOptions): Panel {
  return panel("stat", options, {
    options: {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      orientation: "auto",
      textMode: "auto",
      colorMode: "value",
      graphMode: "area",
      justifyMode: "auto",
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: "standard",
    },
    instant: false,
  });
}

/** One row for each series, with its labels. @param columns labels that are shown, and what stands above them */
export function rowsOf(options: PanelOptions & { readonly columns: Readonly<Record<string, string>>; readonly value: string }): Panel {
  const { columns, value } = options;
  const names = Object.keys(columns);
  return {
    ...panel("table", options, { options: { frameIndex: 0, showHeader: true, cellHeight: "sm" }, instant: true }),
    transformations: [
      { id: "filterFieldsByName", options: { include: { names: [...names, "Value"] } } },
      {
        id: "organize",
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries([...names, "Value"].map((name, index) => [name, index])),
          renameByName: { ...columns, Value: value },
        },
      },
    ],
  };
}

function panel(
  type: Panel["type"],
  { title, description, unit, queries, limit, min, max }: PanelOptions,
  look: { readonly custom?: Readonly<Record<string, unknown>>; readonly options: Panel["options"]; readonly instant: boolean },
): Panel {
  return {
    type,
    title,
    description,
    datasource,
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource,
      expr,
      legendFormat,
      instant: look.instant,
      range: !look.instant,
      format: type === "table" ? "table" : "time_series",
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        thresholds: { mode: "absolute", steps: stepsOf(limit) },
        mappings: [],
        ...(look.custom === undefined ? {} : { custom: look.custom }),
      },
      overrides: [],
    },
    options: look.options,
  };
}

function stepsOf(limit: PanelOptions["limit"]): Step[] {
  if (limit === undefined) return [{ color: "green", value: null }];
  const [first, then] = limit.bad === "above" ? ["green", "red"] : ["red", "green"];
  return [
    { color: first, value: null },
    { color: then, value: limit.value },
  ];
}
