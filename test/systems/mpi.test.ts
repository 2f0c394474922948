import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import { system } from "../../src/systems/mpi.ts";
import type { Job, Launcher, TaskEnd } from "../../src/systems/roles.ts";
import { launcherContract } from "../contracts/launcher.ts";
import { openMPI, type OpenMPI } from "../servers/openmpi.ts";
import { pythonEnvironment } from "../servers/python.ts";

let installed: OpenMPI;
let directory: string;
beforeAll(async () => {
  installed = await openMPI();
  directory = await mkdtemp(join(tmpdir(), "mpi-"));
});
afterAll(async () => {
  await installed?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function open(): Promise<Launcher> {
  const launcher = await system.roles.launcher?.({ launcher: installed.mpirun, slots: 8 }, { directory });
  if (launcher === undefined) throw new Error("MPI is no launcher");
  return launcher;
}

launcherContract({
  name: "Open MPI",
  outlives: false,
  endsForMemory: true,
  endsInSeconds: true,
  refused: [
    { resources: { nodes: 2 }, says: /asks for 2 nodes, and this is one/ },
    { resources: { processesPerNode: 9 }, says: /asks for 9 processes of a node, and each has 8 slots/ },
    { resources: { memory: 1e15, processesPerNode: 2 }, says: /asks for 2000 TB of memory, and there are/ },
    { resources: { accelerators: { type: "A100", count: 9 } }, says: /asks for 9 x A100/ },
  ],
  start: async () => ({ directory: await mkdtemp(join(directory, "contract-")), open, stop: async () => undefined }),
});

describe("MPI", () => {
  let launcher: Launcher;
  beforeAll(async () => {
    launcher = await open();
  });
  afterAll(() => launcher?.close());

  const run = async (
    name: string,
    command: Job["command"],
    more: Partial<Job>,
  ): Promise<{ readonly end: TaskEnd; readonly lines: string[] }> => {
    const folder = join(directory, name);
    await mkdir(folder);
    const resources = { ...anyResources, threads: 1, ...more.resources };
    const running = await launcher.submit({
      name,
      command,
      directory: folder,
      variables: {},
      tasks: [{}],
      after: [],
      requeues: 0,
      ...more,
      resources,
    });
    const lines: string[] = [];
    for await (const line of running.lines(0)) lines.push(line);
    return { end: await running.end(0), lines };
  };

  test("each process knows its rank, their number and its threads", async () => {
    const resources = { ...anyResources, processesPerNode: 3, threads: 2 };
    const { lines } = await run(
      "ranks",
      ["/bin/sh", "-c", "echo $RANK of $WORLD_SIZE, $LOCAL_RANK with $OMP_NUM_THREADS at $MASTER_ADDR"],
      { resources },
    );
    expect(lines.toSorted()).toEqual([0, 1, 2].map((rank) => `${rank} of 3, ${rank} with 2 at 127.0.0.1`));
  });

  test("one process that fails ends all", async () => {
    const resources = { ...anyResources, processesPerNode: 2, threads: 1 };
    const { end } = await run("failing", ["/bin/sh", "-c", "[ $RANK = 1 ] && exit 5; sleep 1000"], { resources });
    expect(end).toMatchObject({ outcome: "failed", exitCode: 5 });
  });

  test("a model trained on 2 ranks equals that on 1 rank within rounding", async () => {
    const { python, env } = await pythonEnvironment(["mpi4py==4.1.1", "numpy==2.3.4"]);
    const script = fileURLToPath(new URL("../../examples/trainers/mpi/train.py", import.meta.url));
    const models: { readonly ranks: number; readonly weights: readonly number[] }[] = [];
    for (const processesPerNode of [1, 2]) {
      const name = `model-${processesPerNode}`;
      const resources = { ...anyResources, processesPerNode, threads: 1 };
      const { end, lines } = await run(name, [python, script], { resources, variables: env });
      expect([end.outcome, ...lines]).toEqual(["succeeded", ...[10, 20, 30, 40, 50].map((step) => `step ${step} of 50`)]);
      models.push(JSON.parse(await readFile(join(directory, name, "model.json"), "utf8")));
    }
    expect(models.map(({ ranks }) => ranks)).toEqual([1, 2]);
    const [one, two] = models.map(({ weights }) => weights);
    const furthest = Math.max(...(one ?? []).map((weight, index) => Math.abs(weight - (two?.[index] ?? Number.NaN))));
    expect(furthest).toBeLessThan(1e-12);
    expect(one?.[1]).toBeLessThan(-1.5);
  });

  test("a machine without mpirun says how to install it", async () => {
    await expect(system.roles.launcher?.({ launcher: "no-such-mpirun" }, { directory })).rejects.toMatchObject({
      problem: { code: "no-mpirun", fix: expect.stringContaining("openmpi-bin") },
    });
  });
});
