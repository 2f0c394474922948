import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lakeOf } from "../../src/run/lakehouse.ts";
import { nfs } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { statePaths } from "../../src/run/state.ts";

/** Every Linux has one: a file system of its own kind, mounted on a folder. */
const mounted = { mount: "/dev/shm", types: ["tmpfs"] };

lakeContract({
  name: "NFS (a mounted folder in memory stands in)",
  refusesExisting: true,
  async start() {
    const directory = await mkdtemp(join(mounted.mount, "millwright-nfs-"));
    return {
      binding: nfs({ directory: join(directory, "lake"), ...mounted }),
      env: {},
      secrets: [],
      stop: () => rm(directory, { recursive: true, force: true }),
    };
  },
});

test("a folder on which nothing, or something else, is mounted is refused before anything is written", async () => {
  const directory = temporaryFolder();
  const connect = (options: Parameters<typeof nfs>[0]) => lakeOf({ bindings: { lake: nfs(options) } }, statePaths(directory, "local"));
  await expect(connect({ directory })).rejects.toThrow(`nfs cannot use ${directory}: nothing is mounted there`);
  await expect(connect({ directory: join(directory, "none") })).rejects.toThrow("there is no such folder");
  await expect(connect({ directory: "/dev/shm/lake", mount: "/dev/shm" })).rejects.toThrow(
    "what is mounted there is tmpfs, not nfs or nfs4",
  );
  await expect(connect({ directory: tmpdir(), mount: "/dev/shm" })).rejects.toThrow("the option mount must be the directory");
});
