import { connectRole, resolveOptions } from "../../src/run/bind.ts";
import { mlserver } from "../../src/systems/index.ts";
import { modelServerContract } from "../contracts/model-server.ts";
import { startMlserver } from "../servers/mlserver.ts";

modelServerContract("MLServer with our runtime, behind our router", async () => {
  const server = await startMlserver();
  const binding = mlserver({ url: server.url, repository: server.repository });
  return {
    connect: () => connectRole(binding, "server", (roles) => roles.server)(resolveOptions(binding), { directory: server.repository }),
    stop: () => server.stop(),
  };
});
