/**
 * Builds the table of a passage twice with one engine, as a process of its own that a memory limit can hold: `node build.ts duckdb|spark MEMORY_IN_MIB`,
 * in the platform's folder, whose flights stand in the lake. Writes `{ cold, warm }` in seconds: cold from the process's start with the
 * engine's, warm the second build alone.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Definition, EnvironmentNode, TableNode } from "../../src/define/node.ts";
import { startSpark } from "../../test/servers/spark.ts";
import { built } from "../built.ts";

const { buildTable }: typeof import("../../src/transform/build.ts") = await import(built("transform/build"));
const { openSession }: typeof import("../../src/run/session.ts") = await import(built("run/session"));
const { silent }: typeof import("../../src/run/report.ts") = await import(built("run/report"));
const systems: typeof import("../../src/systems/index.ts") = await import(built("systems/index"));

const [engine = "duckdb", memory = "4096"] = process.argv.slice(2);
const directory = process.cwd();
const { default: definition }: { default: Definition } = await import(pathToFileURL(join(directory, "platform.ts")).href);
const local = definition.environments["local"];
const node = definition.assets.find((asset): asset is TableNode => asset.kind === "table");
if (local === undefined || node === undefined) throw new Error("the platform has no table to build");

// A third is left for what the driver holds outside of its heap, and for the catalog and this process.
const server =
  engine === "spark"
    ? await startSpark({
        driverMemory: Math.floor((Number(memory) * 2) / 3),
        settings: { "spark.sql.shuffle.partitions": "8", "spark.sql.adaptive.enabled": "true" },
      })
    : null;
const bound: EnvironmentNode =
  server === null ? local : { ...local, bindings: { ...local.bindings, engine: systems.spark({ url: server.url }) } };
const session = openSession({ definition, environment: bound, directory, signal: new AbortController().signal, reporter: silent });
const seconds = async (name: string): Promise<number> => {
  const began = performance.now();
  await buildTable(session, { ...node, name });
  return (performance.now() - began) / 1000;
};
await seconds("cold");
const cold = process.uptime();
const warm = await seconds("warm");
await session.close();
await server?.stop();
process.stdout.write(`${JSON.stringify({ cold, warm })}\n`, () => process.exit(0));
