import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCatalog, type RunningCatalog } from "../../src/lake/catalog/start.ts";
import { localLake } from "../../src/lake/local.ts";
import { duckdb, system } from "../../src/systems/duckdb.ts";
import { limitsBeside } from "../../src/systems/duckdb/limits.ts";
import type { Engine, Options } from "../../src/systems/roles.ts";

let state: string;
let catalog: RunningCatalog;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "millwright-duckdb-"));
  catalog = await startCatalog({ directory: state });
});

afterAll(async () => {
  await catalog.stop();
  rmSync(state, { recursive: true, force: true });
});

async function open(options: Options): Promise<Engine> {
  const engine = await system.roles.engine?.(options, { directory: state, namespace: "shop", catalog, lake: localLake(state), state });
  if (engine === undefined) throw new Error("duckdb is no engine");
  return engine;
}

test("an engine with a limit keeps it, and what does not fit goes to its own folder, which goes with it", async () => {
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  mkdirSync(join(state, "spill", `${gone}-1`), { recursive: true });
  const engine = await open({ memoryLimit: "100 MiB", threads: 1 });
  expect(readdirSync(join(state, "spill"))).toEqual([expect.stringMatching(new RegExp(`^${process.pid}-`))]);
  const settings = await engine.ask("select current_setting('memory_limit') as memory, current_setting('threads') as threads");
  expect(settings).toEqual([{ memory: "100.0 MiB", threads: 1 }]);
  // Three times as much as the memory holds.
  const rows = await engine.keep("select range as id, hash(range) as a, hash(range, 1) as b, hash(range, 2) as c from range(10000000)");
  expect(await engine.ask(`select count(*) as n from ${rows.relation}`)).toEqual([{ n: 10_000_000 }]);
  const [own = ""] = readdirSync(join(state, "spill"));
  expect(readdirSync(join(state, "spill", own)).length).toBeGreaterThan(0);
  await engine.close();
  expect(existsSync(join(state, "spill", own))).toBe(false);
});

test("staging and warehouse take a quarter each beside the engine; an environment without the binding has no limits", () => {
  const node = duckdb({ memoryLimit: "2 GiB", threads: 2 });
  expect(limitsBeside({ bindings: { engine: node } })).toEqual({ memoryLimit: "524288KiB", threads: 2 });
  expect(limitsBeside({ bindings: {} })).toEqual({});
});

test("an amount that is none is refused by the option's name", async () => {
  await expect(open({ memoryLimit: "plenty" })).rejects.toThrow(/the option memoryLimit must be an amount such as '2 GB'/);
});
