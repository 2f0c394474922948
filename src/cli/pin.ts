import { tmpdir } from "node:os";
import { relative } from "node:path";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { askHistory, readHeads } from "../lake/catalog/heads.ts";
import type { RunningCatalog } from "../lake/catalog/start.ts";
import { openLakehouse } from "../run/lakehouse.ts";
import { statePaths } from "../run/state.ts";
import { pinTable } from "../systems/dvc/pin.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { plural } from "./text.ts";

/** `millwright pin` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...commonOptions, to: { type: "string" }, remote: { type: "string" } },
    }),
  );
  const [, table, asked] = /^([a-z][a-z0-9_]*)(?:@(\d+))?$/.exec(positionals[0] ?? "") ?? [];
  if (table === undefined || positionals.length > 1 || values.to === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: "pin needs one table, with its snapshot or without, and a folder",
      fix: "millwright pin TABLE[@SNAPSHOT] --to DIR",
    });
  const { definition, environment, directory } = await loadPlatform(values);
  const paths = statePaths(directory, environment.name);
  const newest = readHeads(paths.state, definition.name).get(table)?.snapshot ?? null;
  if (newest === null)
    throw new MillwrightError({
      code: "unknown-table",
      what: `the lake has no rows of a table '${table}'`,
      fix: `run millwright run ${table} first`,
    });
  await using opened = new AsyncDisposableStack();
  const pinned = await pinTable({
    table,
    snapshot: asked ?? newest,
    folder: values.to,
    remote: values.remote ?? null,
    meta: { platform: definition.name, environment: environment.name },
    engine: async () => {
      const lakehouse = await openLakehouse({ environment, paths, namespace: definition.name, locations: [tmpdir()] });
      opened.defer(() => lakehouse.close());
      if (asked !== undefined) await requireSnapshot(lakehouse.catalog, definition.name, table, asked);
      return lakehouse.engine;
    },
  });
  const { file, rows, md5, written } = pinned;
  const text = `${relative(process.cwd(), file)}.dvc ${written ? "pins" : "already pinned"} ${plural(rows, "row")} of ${table}, snapshot ${asked ?? newest} (md5 ${md5})\n`;
  stdout.write(values.json ? `${JSON.stringify({ ...pinned, table, snapshot: asked ?? newest })}\n` : text);
  return exitCodes.done;
}

async function requireSnapshot(catalog: RunningCatalog, namespace: string, table: string, snapshot: string): Promise<void> {
  const known = (await askHistory(catalog, namespace, table)).map(({ id }) => id);
  if (known.includes(snapshot)) return;
  throw new MillwrightError({
    code: "unknown-snapshot",
    what: `the table '${table}' has no snapshot ${snapshot} any more, or never had it`,
    fix: `use one of: ${known.slice(-10).join(", ")}`,
  });
}
