import type { BindingNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { startRouter } from "../serve/router.ts";
import { connectServer } from "./model-server.ts";
import type { Serving, ServingContext } from "./serving.ts";

/**
 * Where endpoints answer that another server serves: at our router, which divides their requests, where that server cannot; else at
 * the server itself, and nothing runs here for it. What is there, `millwright run` and `millwright endpoint` have brought.
 */
export async function serveThere(context: ServingContext, binding: BindingNode): Promise<Serving> {
  refuseOwnOptions(context, binding);
  const { edge, metrics, endpoints, paths, note } = context;
  const server = await connectServer(binding, paths.directory);
  const [first] = endpoints;
  if (server.routed === undefined || first === undefined) {
    const http = first === undefined ? "" : server.address(first.name).url;
    // Each may have an address of its own there.
    for (const { name } of endpoints) note(`${name} answers at ${server.address(name).url}`);
    return { http, stop: () => server.close() };
  }
  try {
    const router = await startRouter({ ...edge.options, registry: metrics, server, endpoints: endpoints.map(({ name }) => name), note });
    return {
      http: router.url,
      async stop() {
        await router.stop();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
/** What our own server could do, and another one does by itself or not at all. */
function refuseOwnOptions({ grpcPort, control }: ServingContext, { system, origin }: BindingNode): void {
  if (grpcPort === undefined && !control) return;
  throw new MillwrightError({
    code: "bad-option",
    what: `${control ? "--control" : "--grpc-port"} is for endpoints that millwright serves itself; here ${system} does`,
    where: origin,
    fix: "ask that server itself, or leave the option out",
  });
}
