import { env } from "../../src/index.ts";
import { azure } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";
import { startAzure } from "../servers/azure.ts";

lakeContract({
  name: "Azure Blob Storage (azurite stands in)",
  refusesExisting: true,
  async start() {
    const server = await startAzure();
    return {
      binding: azure({
        account: server.account,
        container: await server.container("lake"),
        prefix: "some/where",
        key: env("TEST_LAKE_KEY"),
        access: "blob",
        endpoint: server.endpoint,
      }),
      env: { TEST_LAKE_KEY: server.key },
      secrets: [server.key],
      stop: () => server.stop(),
    };
  },
});
