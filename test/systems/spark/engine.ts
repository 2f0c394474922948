import type { Engine, EngineContext, Options } from "../../../src/systems/roles.ts";
import { system } from "../../../src/systems/spark.ts";

/** The engine that an environment with `engine: spark(options)` gets; the namespace is `shop`. */
export async function sparkEngine(options: Options, context: Pick<EngineContext, "catalog" | "lake" | "state">): Promise<Engine> {
  if (system.roles.engine === undefined) throw new Error("spark is no engine");
  return system.roles.engine(options, { namespace: "shop", directory: context.state, ...context });
}
