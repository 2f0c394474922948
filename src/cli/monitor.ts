import { writeFile } from "node:fs/promises";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { driftRuleText } from "../define/quantity.ts";
import { MillwrightError } from "../error.ts";
import { reportHtml, type MonitorReport } from "../monitor/report/html.ts";
import { figure } from "../monitor/report/plot.ts";
import { monitorEndpoint } from "../run/monitor.ts";
import { cancelOnSignals } from "./cancel.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { aligned, plural } from "./text.ts";

/** `millwright monitor`: 1 when the newest window drifts. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { ...commonOptions, out: { type: "string" } } }),
  );
  const [endpoint] = positionals;
  if (endpoint === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: "monitor needs the name of an endpoint",
      fix: "millwright monitor ENDPOINT [--out report.html]",
    });
  const platform = await loadPlatform(values);
  const cancel = cancelOnSignals();
  const report = await monitorEndpoint({ ...platform, endpoint, signal: cancel.signal });
  if (values.out !== undefined) await writeFile(values.out, reportHtml(report));
  stdout.write(values.json ? `${JSON.stringify(document(report))}\n` : reportText(report));
  return report.drift.findLast(({ enough }) => enough)?.over === true ? exitCodes.failed : exitCodes.done;
}

/** Without the bins, which only the plots need. */
function document(report: MonitorReport): unknown {
  return { ...report, drift: report.drift.map((window) => ({ ...window, comparison: undefined })) };
}

function reportText({ endpoint, version, rule, windows, drift, performance }: MonitorReport): string {
  const head = ["window from", "rows", "drift", "labelled", "AUC", "estimated", "accuracy", "estimated"];
  const rows = drift.map((window, index) => {
    const { labelled = 0, realised = null, estimated = null } = performance[index] ?? {};
    const over = window.columns.filter((column) => column.over).map(({ name }) => name);
    return [
      window.from.toISOString().slice(0, 16).replace("T", " "),
      String(window.rows),
      !window.enough ? "too few rows" : over.length === 0 ? "no" : over.join(", "),
      String(labelled),
      figure(realised?.auc),
      figure(estimated?.auc),
      figure(realised?.accuracy),
      figure(estimated?.accuracy),
    ];
  });
  const table = aligned([head, ...rows], new Set([1, 3, 4, 5, 6, 7])).join("\n");
  return `${endpoint}, version ${version}: drift is ${driftRuleText(rule)}\n${windows}\n\n${table}\n${plural(drift.length, "window")}\n`;
}
