import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProcessLauncher } from "../../src/systems/process/launcher.ts";
import { launcherContract } from "../contracts/launcher.ts";

launcherContract({
  name: "the processes of this machine",
  outlives: false,
  endsForMemory: true,
  endsInSeconds: true,
  refused: [
    { resources: { nodes: 2 }, says: /asks for 2 nodes, and this is one/ },
    { resources: { memory: 2e15 }, says: /asks for 2000 TB of memory, and there are/ },
    { resources: { accelerators: { type: "A100", count: 9 } }, says: /asks for 9 x A100, and there (is no accelerator|are \d+ x)/ },
    { resources: { processesPerNode: 4 }, says: /mpi\(/ },
  ],
  async start() {
    const directory = await mkdtemp(join(tmpdir(), "launcher-process-"));
    return {
      directory,
      open: () => openProcessLauncher({ cores: 8, grace: 1 }),
      stop: () => rm(directory, { recursive: true, force: true }),
    };
  },
});
