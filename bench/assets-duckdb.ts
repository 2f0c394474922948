/** A thousand one-row Iceberg tables by DuckDB alone through the same catalog: no plan, no notes, no journal. Takes an empty folder. */
import { built } from "./built.ts";

const { startCatalog }: typeof import("../src/lake/catalog/start.ts") = await import(built("lake/catalog/start"));
const { localLake }: typeof import("../src/lake/local.ts") = await import(built("lake/local"));
const { attachLake }: typeof import("../src/systems/duckdb/engine.ts") = await import(built("systems/duckdb/engine"));
const { connect, openDuckDB }: typeof import("../src/systems/duckdb/connection.ts") = await import(built("systems/duckdb/connection"));

const [, , directory] = process.argv;
if (directory === undefined) throw new Error("which folder?");
const catalog = await startCatalog({ directory });
const connection = await connect(await openDuckDB());
await attachLake(connection, { catalog, lake: localLake(directory) });
await connection.run("CREATE SCHEMA lake.bare");
for (let index = 1; index <= 1000; index++) await connection.run(`CREATE TABLE lake.bare.t${index} AS SELECT 1 AS a`);
await catalog.stop();
process.stdout.write("", () => process.exit());
