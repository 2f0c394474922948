import { contentHash } from "../define/canonical.ts";
import type { BindingNode, EnvironmentNode } from "../define/node.ts";
import type { ModelServer } from "../systems/roles.ts";
import { connectRole, resolveOptions } from "./bind.ts";

/** The server that an environment binds; null where endpoints are served by `millwright up` itself. */
export function boundServer({ bindings }: Pick<EnvironmentNode, "bindings">): BindingNode | null {
  const binding = bindings["server"];
  return binding === undefined || binding.system === "embedded" ? null : binding;
}

/** What tells servers apart: another one, or other options of it, is another place; null where endpoints are served by `millwright up` itself. */
export function placeOf(environment: Pick<EnvironmentNode, "bindings">): string | null {
  const binding = boundServer(environment);
  return binding === null ? null : contentHash({ system: binding.system, options: binding.options });
}

/** Connects to a bound server, does work with it, and lets it go. @param directory the platform file's folder */
export async function withServer<T>(binding: BindingNode, directory: string, work: (server: ModelServer) => Promise<T>): Promise<T> {
  const server = await connectServer(binding, directory);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

/** @throws MillwrightError `wrong-role` for a system that serves no models */
export async function connectServer(binding: BindingNode, directory: string): Promise<ModelServer> {
  return connectRole(binding, "server", ({ server }) => server)(resolveOptions(binding), { directory });
}
