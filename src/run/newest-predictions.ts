import type { MonitorNode } from "../define/node.ts";
import type { Engine } from "../systems/roles.ts";

/**
 * The query of a version's stored predictions, so many windows of them from the newest back: the first row begins a window.
 *
 * @param windows null for all
 */
export async function newestPredictions(
  engine: Pick<Engine, "ask" | "relation">,
  { table, version }: { readonly table: string; readonly version: string },
  window: MonitorNode["window"],
  windows: number | null,
): Promise<string> {
  // Words that every engine's dialect has.
  const from = `FROM ${engine.relation(table, null)} WHERE model_version = '${version.replaceAll("'", "")}'`;
  if (windows === null) return `SELECT * ${from}`;
  const [found] = await engine.ask(`SELECT count(*) AS stored, CAST(max(predicted_at) AS STRING) AS newest ${from}`);
  const stored = Number(found?.["stored"] ?? 0);
  if (stored === 0) return `SELECT * ${from}`;
  if ("rows" in window) {
    const before = Math.max(0, Math.floor(stored / window.rows) - windows) * window.rows;
    return `SELECT * ${from} ORDER BY predicted_at DESC, prediction_id DESC LIMIT ${stored - before}`;
  }
  const newest = Date.parse(`${String(found?.["newest"]).slice(0, 19).replace(" ", "T")}Z`) / 1000;
  const first = new Date((Math.floor(newest / window.seconds) - windows + 1) * window.seconds * 1000);
  return `SELECT * ${from} AND predicted_at >= TIMESTAMP '${first.toISOString().slice(0, 19).replace("T", " ")}'`;
}
