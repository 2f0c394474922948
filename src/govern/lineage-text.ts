import type { ColumnStep, ColumnTrace } from "./column-graph.ts";
import type { Lineage, LineageStep } from "./lineage.ts";

/** A lineage as people read it on a terminal: trees of what it was made from, of what is made from it, and of the column. */
export function lineageText({ asset, upstream, downstream, column }: Lineage): string {
  if (column !== null) return columnText(asset.name, column);
  const lines = [describe(asset)];
  const made = new Map(upstream.map((step) => [stepKey(step), step]));
  const inputs = (step: LineageStep) =>
    step.inputs.flatMap(
      ({ name, snapshot }) => made.get(stepKey({ name, snapshot })) ?? upstream.find((other) => other.name === name) ?? [],
    );
  if (upstream.length > 0) lines.push("", "made from", ...tree(inputs(asset), inputs, describe, stepKey));
  const users = (step: LineageStep) => downstream.filter((other) => other.inputs.some(({ name }) => name === step.name));
  if (downstream.length > 0) lines.push("", "used by", ...tree(users(asset), users, describe, stepKey));
  return `${lines.join("\n")}\n`;
}

function columnText(table: string, { name, upstream, downstream }: { readonly name: string } & ColumnTrace): string {
  const [first] = upstream.columns;
  if (first === undefined) return "";
  const byKey = new Map([...upstream.columns, ...downstream.columns].map((step) => [columnKey(step), step]));
  const lines = [describeColumn(first)];
  const origins = (step: ColumnStep) => (step.from ?? []).flatMap((origin) => byKey.get(columnKey(origin)) ?? []);
  if (upstream.columns.length > 1)
    lines.push("", "comes from", ...tree(origins(first), origins, (step, parent) => describeColumn(step, parent ?? first), columnKey));
  const kinds = (step: ColumnStep) =>
    downstream.columns.filter((other) => other.from?.some((origin) => columnKey(origin) === columnKey(step)));
  if (downstream.columns.length > 0) lines.push("", "goes into", ...tree(kinds(first), kinds, (step) => describeColumn(step), columnKey));
  if (upstream.rows.length > 0)
    lines.push("", "rows on the way are chosen by", ...upstream.rows.map(({ table: of, from }) => `  ${of}: ${listOrigins(from)}`));
  if (downstream.rows.length > 0)
    lines.push(
      "",
      `${table}.${name} helps to choose the rows of`,
      ...downstream.rows.map(({ table: of, from }) => `  ${of}: ${listOrigins(from)}`),
    );
  return `${lines.join("\n")}\n`;
}

/** Branches with lines; what has been shown with its branches above is shown without. */
function tree<T>(
  roots: readonly T[],
  children: (node: T) => readonly T[],
  label: (node: T, parent: T | null) => string,
  key: (node: T) => string,
): string[] {
  const seen = new Set<string>();
  const lines: string[] = [];
  const visit = (nodes: readonly T[], indent: string, parent: T | null): void => {
    for (const [index, node] of nodes.entries()) {
      const last = index === nodes.length - 1;
      const below = children(node);
      const again = below.length > 0 && seen.has(key(node));
      lines.push(`${indent}${last ? "└─ " : "├─ "}${label(node, parent)}${again ? " (see above)" : ""}`);
      if (again) continue;
      seen.add(key(node));
      visit(below, `${indent}${last ? "   " : "│  "}`, node);
    }
  };
  visit(roots, "", null);
  return lines;
}

function describe({ name, kind, snapshot, run, time, rows, system, behind }: LineageStep): string {
  if (kind === "system") return `${name}  at ${system ?? "an unbound source"}`;
  if (snapshot === null) return `${name}  ${kind}, ${time === null ? "not made yet" : `by run ${run}`}`;
  const word = kind === "model" || kind === "imported-model" || kind === "endpoint" ? "version" : "snapshot";
  const parts = [
    `${word} ${snapshot}`,
    ...(rows === null ? [] : [`${rows.toLocaleString("en-US")} rows`]),
    ...(run === null ? [] : [`run ${run}`]),
  ];
  return `${name}  ${kind}, ${parts.join(", ")}${behind ? ", behind its input" : ""}`;
}

function describeColumn(step: ColumnStep, parent: ColumnStep | null = null): string {
  const kinds = (parent?.from ?? [])
    .filter((origin) => columnKey(origin) === columnKey(step))
    .map(({ kind, subtype }) => (kind === "direct" ? subtype : `indirect: ${subtype}`));
  const about = [
    ...(step.type === null ? [] : [step.type]),
    ...(step.system === null ? [] : [`at ${step.system}`]),
    ...new Set(kinds),
    ...(step.from === null ? ["origin not known"] : []),
  ];
  return `${step.table}.${step.column}${about.length === 0 ? "" : `  ${about.join(", ")}`}`;
}

function listOrigins(origins: readonly { readonly table: string; readonly column: string; readonly subtype: string }[]): string {
  const bySubtype = Map.groupBy(origins, ({ subtype }) => subtype);
  return [...bySubtype]
    .map(([subtype, columns]) => `${subtype} ${[...new Set(columns.map(({ table, column }) => `${table}.${column}`))].join(", ")}`)
    .join("; ");
}

function stepKey({ name, snapshot }: { readonly name: string; readonly snapshot: string | null }): string {
  return `${name}\n${snapshot ?? ""}`;
}

function columnKey({ table, column }: { readonly table: string; readonly column: string }): string {
  return `${table}\n${column}`;
}
