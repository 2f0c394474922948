import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import type { Job, Launcher, RunningJob } from "../../src/systems/roles.ts";
import { system } from "../../src/systems/slurm.ts";
import { launcherContract } from "../contracts/launcher.ts";
import { startSlurm, type Slurm } from "../servers/slurm.ts";

let slurm: Slurm;
beforeAll(async () => {
  slurm = await startSlurm();
  console.log(slurm.version);
});
afterAll(() => slurm?.stop());

async function open(): Promise<Launcher> {
  const launcher = await system.roles.launcher?.({ bin: slurm.bin, poll: 0.3 }, { directory: slurm.directory });
  if (launcher === undefined) throw new Error("Slurm is no launcher");
  return launcher;
}

launcherContract({
  name: "Slurm",
  outlives: true,
  endsForMemory: true,
  // Slurm counts in minutes, and looks twice in one.
  endsInSeconds: false,
  refused: [
    { resources: { nodes: 3 }, says: /asks for 3 nodes, and the cluster has 2/ },
    { resources: { memory: 1e12 }, says: /asks for 1 TB of memory of a node, and the largest has 8.39 GB/ },
    { resources: { accelerators: { type: "H100", count: 1 } }, says: /asks for 1 x H100 of a node, and the cluster has 2 x a100 on one/ },
    { resources: { accelerators: { type: "A100", count: 3 } }, says: /asks for 3 x A100/ },
    { resources: { threads: 64 }, says: /asks for 64 cores of a node, and the largest has 8/ },
  ],
  start: async () => ({ directory: await mkdtemp(join(slurm.directory, "contract-")), open, stop: async () => undefined }),
});

describe("Slurm", () => {
  let launcher: Launcher;
  let jobs = 0;
  beforeAll(async () => {
    launcher = await open();
  });
  afterAll(() => launcher?.close());

  const jobOf = async (command: Job["command"], more: Partial<Job> = {}): Promise<Job> => {
    const directory = join(slurm.directory, `beyond-${++jobs}`);
    await mkdir(directory);
    const resources = { ...anyResources, threads: 1, ...more.resources };
    return { name: "training", command, directory, variables: {}, tasks: [{}], after: [], requeues: 0, ...more, resources };
  };
  const linesOf = async (running: RunningJob): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of running.lines(0)) lines.push(line);
    return lines;
  };
  const lineMatching = async (running: RunningJob, pattern: RegExp): Promise<string> => {
    for await (const line of running.lines(0)) if (pattern.test(line)) return line;
    throw new Error(`no line matches ${pattern.source}`);
  };

  test.concurrent("accelerators are asked for by type and count, as the cluster names them", async () => {
    const shell: Job["command"] = ["/bin/sh", "-c", "echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"];
    const resources = { ...anyResources, threads: 1, accelerators: { type: "A100", count: 2 } };
    expect(await linesOf(await launcher.submit(await jobOf(shell, { resources })))).toEqual(["one 0,1"]);
    const any = { ...resources, accelerators: { type: "GPU", count: 1 } };
    expect(await linesOf(await launcher.submit(await jobOf(shell, { resources: any })))).toEqual([expect.stringMatching(/^one [01]$/)]);
  });

  test.concurrent("processes on two nodes know their rank, their number and where to meet", async () => {
    const shell: Job["command"] = [
      "/bin/sh",
      "-c",
      "echo $RANK of $WORLD_SIZE, $LOCAL_RANK on $SLURMD_NODENAME with $OMP_NUM_THREADS: $MASTER_PORT",
    ];
    const resources = { ...anyResources, nodes: 2, processesPerNode: 2, threads: 2 };
    const running = await launcher.submit(await jobOf(shell, { resources }));
    const lines = (await linesOf(running)).toSorted();
    const port = /\d+$/.exec(lines[0] ?? "")?.[0];
    expect(lines).toEqual([
      `0 of 4, 0 on one with 2: ${port}`,
      `1 of 4, 1 on one with 2: ${port}`,
      `2 of 4, 0 on two with 2: ${port}`,
      `3 of 4, 1 on two with 2: ${port}`,
    ]);
    expect((await running.end(0)).usage.nodes).toEqual(["one", "two"]);
  });

  test.concurrent("variables lie in a file of their owner's while the job runs, and are gone after it", async () => {
    const job = await jobOf(["/bin/sh", "-c", "echo $SECRET; while [ ! -e go ]; do sleep 0.05; done"], {
      variables: { SECRET: "of the job" },
    });
    process.env["SECRET_OF_ANOTHER"] = "not for jobs";
    const running = await launcher.submit(job);
    const held = join(job.directory, ".slurm", `${running.id}.variables`);
    expect(await lineMatching(running, /./)).toBe("of the job");
    expect((await stat(held)).mode & 0o777).toBe(0o600);
    expect(await slurm.ask("scontrol", "write", "batch_script", running.id, "-")).not.toContain("of the job");
    const other = await jobOf(["/bin/sh", "-c", `env > env; touch '${job.directory}/go'`]);
    const own = await launcher.submit(other);
    expect(await own.end(0)).toMatchObject({ outcome: "succeeded" });
    await running.end(0);
    delete process.env["SECRET_OF_ANOTHER"];
    await running.cancel();
    expect((await readdir(join(job.directory, ".slurm"))).filter((name) => !name.endsWith(".txt"))).toEqual([]);
    const environment = await readFile(join(other.directory, "env"), "utf8");
    expect(environment).toContain("SLURM_JOB_ID=");
    expect(environment).not.toContain("SECRET_OF_ANOTHER");
  });

  test.concurrent("a job whose submitter was killed runs on and is found by its number", async () => {
    const job = await jobOf(["/bin/sh", "-c", "echo first; while [ ! -e go ]; do sleep 0.05; done; echo last"]);
    const script = new URL(`./slurm-starter${extname(import.meta.url)}`, import.meta.url).pathname;
    const starter = spawn(process.execPath, [script, slurm.bin, JSON.stringify(job)], { stdio: ["ignore", "pipe", "inherit"] });
    const [said]: Buffer[] = await once(starter.stdout, "data");
    starter.kill("SIGKILL");
    await once(starter, "exit");
    const found = await launcher.find(String(said).trim(), job);
    if (found === null) throw new Error("the job was not found");
    expect(await lineMatching(found, /first/)).toBe("first");
    await (await launcher.submit(await jobOf(["touch", join(job.directory, "go")]))).end(0);
    expect(await linesOf(found)).toEqual(["first", "last"]);
    expect(await found.end(0)).toMatchObject({ outcome: "succeeded" });
  });

  test("a training whose node is lost in the middle begins again on another, goes on from its checkpoint, and ends with the same model", async () => {
    const script = new URL("checkpointing.py", import.meta.url).pathname;
    const undisturbed = await jobOf(["python3", script, "60", "0"]);
    expect(await (await launcher.submit(undisturbed)).end(0)).toMatchObject({ outcome: "succeeded" });
    const disturbed = await jobOf(["python3", script, "60", "0.1"], { requeues: 1 });
    const running = await launcher.submit(disturbed);
    const node = (await lineMatching(running, /^from step 0 on /)).split(" ").at(-1) ?? "";
    await lineMatching(running, /^step 10$/);
    await slurm.killNode(node);
    // Slurm lets two minutes pass before it begins such a task again.
    await slurm.ask("scontrol", "update", `JobId=${running.id}_0`, "StartTime=now");
    const lines = await linesOf(running);
    expect(await running.end(0)).toMatchObject({ outcome: "succeeded", exitCode: 0 });
    const begun = lines.filter((line) => line.startsWith("from step"));
    expect(begun).toHaveLength(2);
    const [, resumed, other] = /^from step (\d+) on (\w+)$/.exec(begun[1] ?? "") ?? [];
    expect(Number(resumed)).toBeGreaterThanOrEqual(10);
    expect(Number(resumed)).toBeLessThan(60);
    expect(other).not.toBe(node);
    expect(await readFile(join(disturbed.directory, "model.json"), "utf8")).toBe(
      await readFile(join(undisturbed.directory, "model.json"), "utf8"),
    );
    await slurm.startNode(node);
  });

  test("a task that may not begin again is lost with its node", async () => {
    const running = await launcher.submit(await jobOf(["/bin/sh", "-c", "echo on $SLURMD_NODENAME; sleep 1000"]));
    const node = (await lineMatching(running, /^on /)).split(" ").at(-1) ?? "";
    await slurm.killNode(node);
    expect(await running.end(0)).toMatchObject({ outcome: "lost", reason: expect.stringContaining("NODE_FAIL") });
  });
});
