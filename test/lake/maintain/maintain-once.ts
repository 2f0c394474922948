import { startCatalog } from "../../../src/lake/catalog/start.ts";
import { localLake } from "../../../src/lake/local.ts";
import { catalogClient } from "../../../src/lake/maintain/client.ts";
import { contentReader } from "../../../src/lake/maintain/content.ts";
import { openLeftovers } from "../../../src/lake/maintain/leftovers.ts";
import { maintainTable } from "../../../src/lake/maintain/maintain.ts";
import { openStorages } from "../../../src/lake/storage/storages.ts";
import { openDuckDBEngine } from "../../../src/systems/duckdb/engine.ts";

// Maintains the table `ns.t` of the folder in argv[2] once, in a process that may be killed; the crash point stands in MILLWRIGHT_CRASH.
const [, , directory = ""] = process.argv;
const lake = localLake(directory);
const catalog = await startCatalog({ directory, storages: lake.storages });
const engine = await openDuckDBEngine({ namespace: "ns", catalog, state: directory, lake, memoryLimit: "1GB" });
const storages = openStorages(lake.storages);
await maintainTable(
  {
    table: "t",
    client: catalogClient(catalog, "ns"),
    storages,
    reader: contentReader(storages),
    leftovers: openLeftovers(directory, "t"),
    now: Date.now,
    signal: new AbortController().signal,
  },
  {
    namespace: "ns",
    lake,
    engine,
    compact: { below: 64_000_000, into: null },
    expire: { olderThanSeconds: 0, keepLast: 1, keepTrained: true },
    orphans: null,
    needed: new Set(),
    others: [],
    fileSize: null,
  },
);
await engine.close();
await catalog.stop();
