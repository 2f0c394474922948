import type { AliasChange } from "../registry/aliases.ts";
import type { Comparable, Compared } from "../registry/compare.ts";
import type { ModelVersion } from "../registry/version.ts";
import { aligned, formatCount, plural } from "./text.ts";

/** Versions as an aligned table, newest last. */
export function versionsText(versions: readonly ModelVersion[]): string {
  const rows = versions.map(({ model, version, status, aliases, created, description, provenance }) => [
    model,
    String(version),
    status,
    figure(description.metrics.auc),
    figure(description.metrics.logLoss),
    formatCount(description.periods.training.rows),
    created.slice(0, 19).replace("T", " "),
    provenance.run,
    aliases.join(", "),
  ]);
  const heads = ["model", "version", "status", "AUC", "log loss", "rows", "made (UTC)", "run", "aliases"];
  return `${aligned([heads, ...rows], new Set([1, 3, 4, 5])).join("\n")}\n`;
}

/** Two versions side by side; `*` marks what differs. */
export function comparisonText(names: readonly [string, string], compared: readonly Compared[]): string {
  const sections = [...new Set(compared.map(({ section }) => section))];
  const rows = sections.flatMap((section) => [
    ["", "", "", "", ""],
    ["", section.toUpperCase(), "", "", ""],
    ...compared
      .filter((one) => one.section === section)
      .map(({ name, first, second, same }) => [same ? "" : "*", name, figure(first), figure(second), difference(first, second)]),
  ]);
  const different = compared.filter(({ same }) => !same).length;
  return `${aligned([["", "", ...names, "difference"], ...rows]).join("\n")}\n\n${plural(different, "difference")} of ${formatCount(compared.length)}\n`;
}

/** What people and runs decided about a version, in Markdown; empty where nothing was. */
export function decisionsText(version: ModelVersion, changes: readonly AliasChange[]): string {
  const mine = changes.filter(({ version: to, previous }) => to === version.version || previous === version.version);
  if (mine.length === 0) return "";
  const lines = mine.map(({ time, alias, version: to, previous, cause, by, because, run }) => {
    const what = to === null ? `${alias} taken away from version ${previous}` : `${alias} ${cause} at version ${to}`;
    const before = previous === null || to === null || previous === to ? "" : ` (before: ${previous})`;
    return `- ${time} ${what}${before} by ${by ?? `run ${run}`}${because === null ? "" : `: ${because}`}`;
  });
  return `\n## Decisions\n\nAliases now: ${version.aliases.length === 0 ? "none" : version.aliases.join(", ")}.\n\n${lines.join("\n")}\n`;
}

function figure(value: Comparable): string {
  if (value === null) return "-";
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

function difference(first: Comparable, second: Comparable): string {
  if (typeof first !== "number" || typeof second !== "number" || first === second) return "";
  const change = Number((second - first).toPrecision(4));
  return change > 0 ? `+${change}` : String(change);
}
