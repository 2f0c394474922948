import { connectRole, resolveOptions } from "../../src/run/bind.ts";
import { triton } from "../../src/systems/index.ts";
import { modelServerContract } from "../contracts/model-server.ts";
import { startTriton } from "../servers/triton.ts";

modelServerContract("Triton with its Python backend, behind our router", async () => {
  const server = await startTriton([]);
  const binding = triton({ url: server.url, repository: server.repository, backend: "python" });
  return {
    connect: () => connectRole(binding, "server", (roles) => roles.server)(resolveOptions(binding), { directory: server.repository }),
    // Triton refuses null in JSON.
    nulls: false,
    stop: () => server.stop(),
  };
});
