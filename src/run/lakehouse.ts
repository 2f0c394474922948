import type { EnvironmentNode } from "../define/node.ts";
import type { CatalogOptions, RunningCatalog } from "../lake/catalog/start.ts";
import { localLake } from "../lake/local.ts";
import type { Engine, EngineContext, Lake, OutsideCatalog } from "../systems/roles.ts";
import { connectRole, resolveOptions } from "./bind.ts";
import type { StatePaths } from "./state.ts";

/** What is read of an environment here. */
type Bound = Pick<EnvironmentNode, "bindings">;

/** The lake of an environment with its catalog, and the engine that works on it. */
export interface Lakehouse {
  readonly lake: Lake;
  readonly catalog: RunningCatalog;
  readonly engine: Engine;
  close(): Promise<void>;
}

/** Connects an environment's lake and catalog; what is not bound is embedded. */
export async function openLake(
  environment: Bound,
  paths: StatePaths,
  options: Pick<CatalogOptions, "locations" | "namespace"> = {},
): Promise<{ readonly lake: Lake; readonly catalog: RunningCatalog }> {
  const [lake, outside, { startCatalog }] = await Promise.all([
    lakeOf(environment, paths),
    outsideCatalogOf(environment, paths.directory),
    import("../lake/catalog/start.ts"),
  ]);
  return { lake, catalog: await startCatalog({ directory: paths.state, storages: lake.storages, outside, ...options }) };
}

/** Opens an environment's lake, catalog and engine. */
export async function openLakehouse(options: {
  readonly environment: Bound;
  readonly paths: StatePaths;
  /** The platform's name. */
  readonly namespace: string;
  /** Folders beside the lake in which others may bring tables of their own. */
  readonly locations?: readonly string[];
}): Promise<Lakehouse> {
  const { environment, paths, namespace } = options;
  const { lake, catalog } = await openLake(environment, paths, { namespace, locations: options.locations ?? [] });
  try {
    const engine = await openEngine(environment, { directory: paths.directory, namespace, catalog, lake, state: paths.state });
    return {
      lake,
      catalog,
      engine,
      async close() {
        await engine.close();
        await catalog.stop();
      },
    };
  } catch (error) {
    await catalog.stop();
    throw error;
  }
}

/**
 * Looks at the tables of a platform in the catalog that others run, when one is bound: other programs may have written there, and a state
 * that was lost is made again. Nothing to do for the embedded catalog.
 *
 * @throws MillwrightError `catalog-unreachable` or `catalog-refused`.
 */
export async function followOutsideCatalog(environment: Bound, paths: StatePaths, namespace: string): Promise<void> {
  const outside = await outsideCatalogOf(environment, paths.directory);
  if (outside === null) return;
  const { openOutside } = await import("../lake/catalog/outside/outside.ts");
  const { followAll } = await import("../lake/catalog/outside/mirror.ts");
  await followAll(paths.state, await openOutside(outside), namespace);
}

/** Where the environment's tables stand: this machine's disk when nothing is bound. */
export async function lakeOf(environment: Bound, paths: StatePaths): Promise<Lake> {
  const binding = environment.bindings["lake"];
  if (binding !== undefined)
    return connectRole(binding, "lake", (roles) => roles.lake)(resolveOptions(binding), { directory: paths.directory });
  return localLake(paths.state);
}

async function outsideCatalogOf(environment: Bound, directory: string): Promise<OutsideCatalog | null> {
  const binding = environment.bindings["catalog"];
  if (binding === undefined) return null;
  return connectRole(binding, "catalog", (roles) => roles.catalog)(resolveOptions(binding), { directory });
}

async function openEngine(environment: Bound, context: EngineContext): Promise<Engine> {
  const binding = environment.bindings["engine"];
  if (binding !== undefined) return connectRole(binding, "engine", (roles) => roles.engine)(resolveOptions(binding), context);
  const { openDuckDBEngine } = await import("../systems/duckdb/engine.ts");
  return openDuckDBEngine(context);
}
