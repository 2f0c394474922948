import { join } from "node:path";
import { readHeads, type Head } from "../../lake/catalog/heads.ts";
import { noteOf } from "../../lake/note.ts";
import { adviseEngine, type TableSize } from "../../plan/engine-advice.ts";
import { engineRates, type EngineRates } from "../../plan/engine-rates.ts";
import type { Definition, EnvironmentNode, TableNode } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Hints at the other engine where measured sizes speak for it: of the tables that stand in the environment's lake on this machine. */
export function checkEngine(
  {
    definition,
    environment,
    directory,
  }: { readonly definition: Definition; readonly environment: EnvironmentNode; readonly directory: string },
  findings: Findings,
  rates: EngineRates = engineRates,
): void {
  const binding = environment.bindings["engine"];
  const engine = binding?.system ?? "duckdb";
  if (engine !== "duckdb" && engine !== "spark") return;
  const heads = readHeads(join(directory, ".millwright", environment.name), definition.name);
  const tables = definition.assets.filter((asset): asset is TableNode => asset.kind === "table");
  const sizes = tables.flatMap((table): TableSize[] => {
    const rows = table.inputs.map((input) => rowsOf(heads.get(input)));
    if (rows.length === 0 || !rows.every(Number.isFinite)) return [];
    const head = heads.get(table.name);
    const note = head === undefined ? null : noteOf(head.summary);
    const current = note !== null && table.inputs.every((input) => note.inputs[input] === heads.get(input)?.snapshot);
    return [{ name: table.name, rows: Math.max(...rows), seconds: current ? note.seconds : null }];
  });
  for (const { table, what, fix } of adviseEngine(sizes, engine, rates)) {
    const where = tables.find(({ name }) => name === table)?.origin ?? binding?.origin;
    findings.hint({ code: "engine-advice", what, fix, ...(where === undefined ? {} : { where }) });
  }
}

/** As its own note says; what others wrote, as Iceberg counts: with rows that are deleted but still in their files. */
function rowsOf(head: Head | undefined): number {
  if (head === undefined) return Number.NaN;
  return noteOf(head.summary)?.rows ?? Number(head.summary["total-records"] ?? Number.NaN);
}
