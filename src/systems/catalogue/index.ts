import type { SystemFacts } from "./facts.ts";
import { modelSystems } from "./models.ts";
import { operationSystems } from "./operations.ts";
import { sourceSystems } from "./sources.ts";
import { storageSystems } from "./storage.ts";

/** What is known of every system, whether Millwright runs it or can only plan and present it. */
export const systemFacts: ReadonlyMap<string, SystemFacts> = new Map(
  [...sourceSystems, ...storageSystems, ...modelSystems, ...operationSystems].map((row) => [row.name, row]),
);
