import type { DriftRule } from "../../define/quantity.ts";
import { driftRuleText } from "../../define/quantity.ts";
import type { WindowDrift } from "../by-window.ts";
import type { WindowPerformance } from "../performance.ts";
import { binsOf } from "./bins.ts";
import { distributionChart, escape, figure, lineChart, type Line } from "./plot.ts";

export interface MonitorReport {
  readonly endpoint: string;
  readonly version: string;
  /** When it was made. */
  readonly time: Date;
  readonly rule: DriftRule;
  /** What the windows are and what they are compared with, in words. */
  readonly windows: string;
  readonly drift: readonly WindowDrift[];
  readonly performance: readonly WindowPerformance[];
}

const palette = ["#1d4ed8", "#c2410c", "#15803d", "#7e22ce", "#b45309", "#0e7490"];

/** One self-contained page without scripts: what drifts, over time and by distribution, and how good the predictions were. */
export function reportHtml(report: MonitorReport): string {
  const { endpoint, version, drift } = report;
  const judged = drift.filter(({ enough }) => enough);
  const last = judged.at(-1);
  const over = judged.filter((window) => window.over).length;
  const verdict =
    last === undefined
      ? "No window has enough rows for a verdict."
      : `${over} of ${judged.length} windows are beyond <b>${escape(driftRuleText(report.rule))}</b>; the newest is ${last.over ? "<b class=over>beyond it</b>" : "within it"}.`;
  const body = [
    `<h1>${escape(endpoint)}, version ${escape(version)}</h1>`,
    `<p>${verdict} ${escape(report.windows)} Made at ${report.time.toISOString().slice(0, 16).replace("T", " ")} UTC.</p>`,
    driftSection(report),
    performanceSection(report.performance),
    last === undefined ? "" : columnsSection(last),
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(endpoint)}: monitoring</title><style>${style}</style></head><body>${body.join("\n")}</body></html>\n`;
}

function driftSection({ drift, rule }: MonitorReport): string {
  const names = [...new Set(drift.flatMap(({ columns }) => columns.map(({ name }) => name)))];
  const value = (window: WindowDrift, name: string): number | null => {
    const column = window.columns.find((each) => each.name === name);
    if (column === undefined) return null;
    if (rule.figure === "p") return column.corrected;
    if (rule.figure === "psi") return column.psi;
    return rule.figure === "ks" ? (column.ks ?? column.jensenShannon) : column.jensenShannon;
  };
  const extreme = (name: string) => {
    const found = drift.map((window) => value(window, name)).filter((each) => each !== null);
    return rule.figure === "p" ? -Math.min(1, ...found) : Math.max(0, ...found);
  };
  const shown = names.toSorted((a, b) => extreme(b) - extreme(a)).slice(0, palette.length);
  if (shown.length === 0) return "";
  const lines = shown.map((name, index): Line => ({
    name,
    values: drift.map((window) => value(window, name)),
    color: palette[index] ?? "#000",
  }));
  const rest = names.length > shown.length ? ` The ${shown.length} most moved of ${names.length} columns.` : "";
  const what = {
    psi: "Population stability index",
    ks: "Kolmogorov-Smirnov statistic",
    js: "Jensen-Shannon distance",
    p: "Corrected p-value",
  };
  return `<h2>Drift over time</h2><p>${what[rule.figure]} by window; the limit is red.${rest}</p>${lineChart(drift.map(label), lines, rule.limit, true)}${legend(lines)}`;
}

function performanceSection(performance: readonly WindowPerformance[]): string {
  if (performance.length === 0) return "";
  const labels = performance.map(label);
  const chart = (
    title: string,
    real: (window: WindowPerformance) => number | null,
    expected: (window: WindowPerformance) => number | null,
  ): string => {
    const lines: Line[] = [
      { name: "by labels", values: performance.map(real), color: palette[0] ?? "" },
      { name: "estimated without labels", values: performance.map(expected), color: palette[1] ?? "", dashed: true },
    ];
    return plot(title, lines);
  };
  const plot = (title: string, lines: readonly Line[], fromZero = false): string => {
    const drawn = lines.filter(({ values }) => values.some((value) => value !== null));
    return drawn.length === 0
      ? ""
      : `<figure><figcaption>${title}</figcaption>${lineChart(labels, drawn, null, fromZero)}${legend(drawn)}</figure>`;
  };
  const charts = [
    chart(
      "AUC",
      ({ realised }) => realised?.auc ?? null,
      ({ estimated }) => estimated?.auc ?? null,
    ),
    chart(
      "Accuracy",
      ({ realised }) => realised?.accuracy ?? null,
      ({ estimated }) => estimated?.accuracy ?? null,
    ),
    chart(
      "Log loss",
      ({ realised }) => realised?.logLoss ?? null,
      ({ estimated }) => estimated?.logLoss ?? null,
    ),
    plot(
      "Drift of the predictions",
      [
        {
          name: "population stability index of the probability",
          values: performance.map(({ prediction }) => prediction?.psi ?? null),
          color: palette[3] ?? "",
        },
      ],
      true,
    ),
  ];
  const rows = performance.reduce((sum, window) => sum + window.rows, 0);
  const labelled = performance.reduce((sum, window) => sum + window.labelled, 0);
  return `<h2>Performance over time</h2><p>${labelled.toLocaleString("en-US")} of ${rows.toLocaleString("en-US")} predictions have their label. The estimate holds while a score means what it meant on the test rows; it does not see a change of that meaning.</p><div class=grid>${charts.join("")}</div>`;
}

function columnsSection(window: WindowDrift): string {
  const rows = window.columns.map((column) => {
    const { missing, unseen, outOfRange } = column.quality;
    const cells = [
      `<b${column.over ? " class=over" : ""}>${escape(column.name)}</b>`,
      figure(column.psi),
      figure(column.jensenShannon),
      column.ks === null
        ? ""
        : `${figure(column.ks)}${column.ksError === null || column.ksError < 1e-9 ? "" : ` +${figure(column.ksError)}`}`,
      figure(column.wasserstein),
      column.corrected === 0 ? "&lt; 1e-300" : figure(column.corrected),
      `${percent(missing.reference)} to ${percent(missing.current)}`,
      unseen === null ? "" : percent(unseen),
      outOfRange === null ? "" : percent(outOfRange),
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const heads = ["column", "PSI", "Jensen-Shannon", "KS", "Wasserstein", "p, corrected", "missing", "unseen", "out of range"];
  const charts = window.columns.flatMap(({ name }) => {
    const pair = window.comparison?.columns.find((column) => column.name === name)?.pair;
    return pair === undefined ? [] : [`<figure><figcaption>${escape(name)}</figcaption>${distributionChart(binsOf(pair))}</figure>`];
  });
  return `<h2>The newest window, by column</h2><p>${label(window)}: ${window.rows.toLocaleString("en-US")} rows against ${window.referenceRows.toLocaleString("en-US")} of the reference (filled); the window is the line.</p><table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table><div class=grid>${charts.join("")}</div>`;
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}

function label({ from }: { readonly from: Date }): string {
  return from.toISOString().slice(0, 16).replace("T", " ");
}

function legend(lines: readonly Line[]): string {
  return `<p class=legend>${lines.map(({ name, color, dashed }) => `<span style="border-color:${color};border-top-style:${dashed === true ? "dashed" : "solid"}">${escape(name)}</span>`).join("")}</p>`;
}

const style = `
body{font:15px/1.5 system-ui,sans-serif;color:#1f2937;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .25rem}p{margin:.25rem 0 .75rem}
svg{width:100%;max-width:780px;height:auto;display:block}svg text{font-size:11px;fill:#6b7280}
figure{margin:0}figcaption{font-weight:600}.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(430px,1fr));gap:1.25rem}
.over{color:#b42318}.legend span{margin-right:1.1rem;border-top:2px solid;padding-top:2px;font-size:13px}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.25rem;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.3rem .5rem;border-bottom:1px solid #e5e7eb}
th{color:#6b7280;font-weight:500}th:first-child,td:first-child{text-align:left}`;
