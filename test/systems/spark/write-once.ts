// Writes a table with a refused row through Spark, once; ends where MILLWRIGHT_CRASH says. Arguments: a JSON object.
import { sparkEngine } from "./engine.ts";
import { localLake } from "../../../src/lake/local.ts";

const { url, state, catalog, table }: { url: string; state: string; catalog: { url: string; token: string }; table: string } = JSON.parse(
  process.argv[2] ?? "{}",
);
const engine = await sparkEngine({ url }, { catalog, lake: localLake(state), state });
await engine.write({
  table,
  columns: [{ name: "id", type: "integer" }],
  mode: "append",
  key: [],
  query: "SELECT 2 AS id",
  rejected: "SELECT 'o' AS origin, 'r' AS reason, 'second' AS raw",
  note: { run: "killed", definition: "d", inputs: {}, position: null, fingerprint: null, fitted: null },
  began: performance.now(),
});
await engine.close();
