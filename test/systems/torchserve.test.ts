import { connectRole, resolveOptions } from "../../src/run/bind.ts";
import { torchserve } from "../../src/systems/index.ts";
import { modelServerContract } from "../contracts/model-server.ts";
import { startTorchserve } from "../servers/torchserve.ts";

modelServerContract(
  "TorchServe with our handler (a stand-in for the module torch, which its worker imports), behind our router",
  async () => {
    const server = await startTorchserve();
    const binding = torchserve({ url: server.url, management: server.management, store: server.store });
    return {
      connect: () => connectRole(binding, "server", (roles) => roles.server)(resolveOptions(binding), { directory: server.store }),
      stop: () => server.stop(),
    };
  },
);
