import { env } from "../../src/index.ts";
import { gcs } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";
import { startGCS } from "../servers/gcs.ts";

lakeContract({
  name: "Google Cloud Storage (fake-gcs-server stands in)",
  // The service does; what stands in does not.
  refusesExisting: false,
  async start() {
    const server = await startGCS();
    return {
      binding: gcs({
        bucket: await server.bucket("lake"),
        prefix: "some/where",
        hmacKey: env("TEST_LAKE_HMAC_KEY"),
        hmacSecret: env("TEST_LAKE_HMAC_SECRET"),
        endpoint: server.endpoint,
      }),
      env: { TEST_LAKE_HMAC_KEY: server.hmacKey, TEST_LAKE_HMAC_SECRET: server.hmacSecret },
      secrets: [server.hmacSecret],
      stop: () => server.stop(),
    };
  },
});
