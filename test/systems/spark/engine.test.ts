import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCatalog } from "../../../src/lake/catalog/start.ts";
import { localLake } from "../../../src/lake/local.ts";
import { engineContract } from "../../contracts/engine.ts";
import { startSpark } from "../../servers/spark.ts";
import { sparkEngine } from "./engine.ts";

engineContract({
  name: "Spark 4.1",
  sql: {
    numbers: (n) => `range(${n})`,
    random: "rand()",
    fail: (text) => `raise_error('${text}')`,
    endless: "SELECT count(*) AS id, 'x' AS name FROM range(100000000) AS a, range(1000) AS b WHERE hash(a.id + b.id) = 1",
  },
  async start() {
    const state = await mkdtemp(join(tmpdir(), "millwright-spark-engine-"));
    const [spark, catalog] = await Promise.all([startSpark(), startCatalog({ directory: state })]);
    const engine = await sparkEngine({ url: spark.url }, { catalog, lake: localLake(state), state });
    return {
      engine,
      state,
      async stop() {
        await engine.close();
        await Promise.all([spark.stop(), catalog.stop()]);
        await rm(state, { recursive: true, force: true });
      },
    };
  },
});
