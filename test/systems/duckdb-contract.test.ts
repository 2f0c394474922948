import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCatalog } from "../../src/lake/catalog/start.ts";
import { localLake } from "../../src/lake/local.ts";
import { openDuckDBEngine } from "../../src/systems/duckdb/engine.ts";
import { engineContract } from "../contracts/engine.ts";

engineContract({
  name: "DuckDB",
  sql: {
    numbers: (n) => `(SELECT range AS id FROM range(${n}))`,
    random: "random()",
    fail: (text) => `error('${text}')`,
    endless: "SELECT count(*) AS id, 'x' AS name FROM range(100000000) a, range(1000) b WHERE hash(a.range + b.range) = 1",
  },
  async start() {
    const state = await mkdtemp(join(tmpdir(), "millwright-duckdb-engine-"));
    const catalog = await startCatalog({ directory: state });
    const engine = await openDuckDBEngine({ namespace: "shop", catalog, lake: localLake(state), state });
    return {
      engine,
      state,
      async stop() {
        await engine.close();
        await catalog.stop();
        await rm(state, { recursive: true, force: true });
      },
    };
  },
});
