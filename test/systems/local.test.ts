import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";

lakeContract({
  name: "A local folder",
  refusesExisting: true,
  async start() {
    // Addresses are not percent-encoded: what follows the scheme is the path as it stands.
    const directory = await mkdtemp(join(tmpdir(), "millwright other disk %20 "));
    return {
      binding: local({ directory: join(directory, "lake") }),
      env: {},
      secrets: [],
      stop: () => rm(directory, { recursive: true, force: true }),
    };
  },
});
