import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { processes } from "../../src/systems/process/session.ts";
import { debianPackages } from "./debian-own.ts";
import { startMySQL } from "./mysql.ts";
import { freePort } from "./port.ts";
import { startServer, type ServerProcess } from "./process.ts";

const execute = promisify(execFile);

export interface Slurm {
  /** `slurm-wlm 22.05.8` */
  readonly version: string;
  /** The folder of `sbatch`, `squeue`, `sacct`, `scancel`, `sinfo` and the rest. */
  readonly bin: string;
  /** A folder that every node sees. */
  readonly directory: string;
  /**
   * Ends a node as a loss of power does: its daemon and all that runs there, at once; and tells the controller so, as the monitoring of a cluster does.
   * By itself it notices after half a minute.
   */
  killNode(name: string): Promise<void>;
  startNode(name: string): Promise<void>;
  /** What a command of Slurm's writes. */
  ask(command: string, ...args: readonly string[]): Promise<string>;
  /** Ends all daemons and jobs and removes their folders. */
  stop(): Promise<void>;
}

const daemons = ["slurmctld", "slurmd", "slurmstepd", "slurmdbd", "munged"];
const commands = ["sbatch", "squeue", "sacct", "scancel", "scontrol", "sinfo", "sacctmgr", "srun"];

/**
 * A real Slurm of Debian with two nodes, `one` (which has two accelerators named `a100`, which are /dev/null) and `two`, of 8 cores and 8 GB each, and accounting in a
 * real MySQL. The nodes are two daemons on this machine, and the cores are more than it has: scheduling is tested, not speed. It runs as the user who starts
 * it: as another than root, jobs run as that user, which is all that tests need. Its daemons listen on all addresses where they cannot be told another; each message is
 * authenticated by a key of this installation.
 */
export async function startSlurm(): Promise<Slurm> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      // Somebody else may have taken a port in between.
      if (attempt === 3 || !/address already in use|bind/i.test(String(error))) throw error;
    }
  }
}

async function start(): Promise<Slurm> {
  const root = await debianPackages("slurm", ["slurmctld", "slurmd", "slurm-client", "slurmdbd", "slurm-wlm-mysql-plugin", "munge"]);
  const database = await startMySQL();
  const folder = await mkdtemp(join(tmpdir(), "slurm-"));
  await chmod(folder, 0o755);
  const at = (name: string): string => join(folder, name);
  for (const name of ["bin", "munge", "state", "spool", "log", "gpu", "shared", "spool/one", "spool/two"])
    await mkdir(at(name), { mode: 0o755 });
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  await writeConfiguration(root, folder, ports, database);
  await writeWrappers(root, folder);
  const running = new Map<string, ServerProcess>();
  const daemon = (name: string, ...args: readonly string[]): ServerProcess => {
    const server = startServer(at(`bin/${name}`), args);
    running.set(name, server);
    return server;
  };
  const ask = async (command: string, ...args: readonly string[]): Promise<string> => (await execute(at(`bin/${command}`), args)).stdout;
  const killNode = async (name: string): Promise<void> => {
    const mark = [`MILLWRIGHT_NODE=${folder}/${name}\0`, `SLURMD_NODENAME=${name}\0`];
    for (;;) {
      const found = processesWith(folder, mark);
      if (found.length === 0) break;
      // What watches over a job first: it would still tell the controller how the job ended.
      for (const pid of [...stepsOf(found), ...found]) endProcess(pid);
      await sleep(20);
    }
    await running.get(`slurmd-${name}`)?.stop();
  };
  const loseNode = async (name: string): Promise<void> => {
    await killNode(name);
    await ask("scontrol", "update", `NodeName=${name}`, "State=DOWN", "Reason=no power");
  };
  const startNode = async (name: string): Promise<void> => {
    const server = daemon(`slurmd-${name}`, "-D", "-N", name, "-d", at(`bin/slurmstepd-${name}`));
    await server.ready(/slurmd(-wlm)? started on/, 120);
  };
  const stop = async (): Promise<void> => {
    for (const name of ["one", "two"]) await killNode(name);
    for (const name of ["slurmctld", "slurmdbd", "munged"]) await running.get(name)?.stop();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await daemon("munged", "--foreground", "--force", ...mungeOptions(folder)).ready(/Created socket/, 60);
    await daemon("slurmdbd", "-D").ready(/slurmdbd version .* started/, 120);
    // A controller that begins before its cluster is known there ends again.
    await until(async () => (await ask("sacctmgr", "--immediate", "--noheader", "--parsable2", "add", "cluster", "millwright")) !== "", 60);
    await daemon("slurmctld", "-D").ready(/version .* started on cluster/, 120);
    await Promise.all([startNode("one"), startNode("two")]);
    await until(
      async () =>
        (await ask("sinfo", "--noheader", "--Node", "--format=%T"))
          .trim()
          .split("\n")
          .every((state) => state === "idle"),
      120,
    );
    return {
      version: (await ask("sinfo", "--version")).trim(),
      bin: at("bin"),
      directory: at("shared"),
      killNode: loseNode,
      startNode,
      ask,
      stop,
    };
  } catch (error) {
    const said = [...running].map(([name, server]) => `${name}:\n${server.output().slice(-3000)}`).join("\n");
    await stop();
    throw new Error(`Slurm did not start:\n${said}`, { cause: error });
  }
}

async function until(test: () => Promise<boolean>, seconds: number): Promise<void> {
  let last: unknown = null;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    const done = await test().catch((error: unknown) => {
      last = error;
      return false;
    });
    if (done) return;
  }
  throw new Error(`not within ${seconds} s`, { cause: last });
}

function mungeOptions(folder: string): readonly string[] {
  const munge = join(folder, "munge");
  return [
    `--socket=${munge}/socket`,
    `--key-file=${munge}/key`,
    `--pid-file=${munge}/pid`,
    `--log-file=/dev/stdout`,
    `--seed-file=${munge}/seed`,
  ];
}

async function writeConfiguration(
  root: string,
  folder: string,
  [controller = 0, accounting = 0, one = 0, two = 0]: readonly number[],
  database: { readonly port: number; readonly user: string; readonly password: string },
): Promise<void> {
  const [host, socket, user] = [hostname().split(".")[0], join(folder, "munge/socket"), (await execute("id", ["-un"])).stdout.trim()];
  const plugins = join(root, "usr/lib/x86_64-linux-gnu/slurm-wlm");
  const node = (name: string, port: number, more: string): string =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=8 Sockets=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=8000 ${more} State=UNKNOWN`;
  await writeFile(join(folder, "munge/key"), randomBytes(1024), { mode: 0o600 });
  for (const name of ["gpu0", "gpu1"]) await symlink("/dev/null", join(folder, "gpu", name));
  await writeFile(join(folder, "gres.conf"), `NodeName=one Name=gpu Type=a100 File=${folder}/gpu/gpu[0-1]\n`);
  await writeFile(
    join(folder, "slurm.conf"),
    `ClusterName=millwright
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${socket}
CryptoType=crypto/munge
PluginDir=${plugins}
CommunicationParameters=NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=500
SlurmdParameters=config_overrides
ReturnToService=2
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmdTimeout=5
KillWait=2
InactiveLimit=0
SchedulerParameters=bf_interval=1,batch_sched_delay=0,sched_interval=1
GresTypes=gpu
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=${accounting}
AccountingStoragePass=${socket}
AccountingStorageTRES=gres/gpu
${node("one", one, "Gres=gpu:a100:2")}
${node("two", two, "")}
PartitionName=training Nodes=one,two Default=YES MaxTime=INFINITE State=UP
`,
  );
  await writeFile(
    join(folder, "slurmdbd.conf"),
    `AuthType=auth/munge
AuthInfo=socket=${socket}
DbdHost=${host}
DbdAddr=127.0.0.1
DbdPort=${accounting}
SlurmUser=${user}
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=${database.port}
StorageUser=${database.user}
StoragePass=${database.password}
StorageLoc=slurm_accounting
PidFile=${folder}/slurmdbd.pid
PluginDir=${plugins}
`,
    { mode: 0o600 },
  );
}

/** Each program by a script that sets its libraries, which must not reach the jobs. A daemon believes that it is one only by its name. */
async function writeWrappers(root: string, folder: string): Promise<void> {
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  await mkdir(join(folder, "programs"));
  const write = async (name: string, program: string, more: string = ""): Promise<void> => {
    const text = `#!/bin/sh
export LD_LIBRARY_PATH='${libraries}:${libraries}/slurm-wlm' SLURM_CONF='${folder}/slurm.conf' MARIADB_PLUGIN_DIR='${libraries}/libmariadb3/plugin'
${more}exec '${program}' "$@"
`;
    await writeFile(join(folder, "bin", name), text, { mode: 0o755 });
  };
  for (const name of daemons) {
    const renamed = ["slurmctld", "slurmd", "slurmstepd"].includes(name);
    const program = join(folder, "programs", name);
    await symlink(join(root, "usr/sbin", renamed ? `${name}-wlm` : name), program);
    await write(name, program);
    for (const node of name === "slurmd" || name === "slurmstepd" ? ["one", "two"] : [])
      await write(`${name}-${node}`, program, `export MILLWRIGHT_NODE='${folder}/${node}'\n`);
  }
  for (const name of commands) await write(name, join(root, "usr/bin", name));
}

/** The daemons of Slurm above these processes: they write their title over their environment. */
function stepsOf(pids: readonly number[]): readonly number[] {
  const parents = new Map(processes().map(({ pid, parent }) => [pid, parent]));
  const above = (pid: number): number[] => {
    const parent = parents.get(pid);
    return parent === undefined || !programOf(parent).startsWith("slurmstepd") ? [] : [parent, ...above(parent)];
  };
  return [...new Set(pids.flatMap(above))];
}

/** The name of the program that a process runs; empty when it has ended. */
function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH", "EACCES"].includes(String(error.code))) return "";
    throw error;
  }
}

/** Processes of this Slurm whose environment holds one of the marks. */
function processesWith(folder: string, marks: readonly string[]): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/environ`, "latin1");
      if (!text.includes(folder) || !marks.some((mark) => `${text}\0`.includes(mark))) return [];
      return /^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, "latin1")) ? [] : [Number(name)];
    } catch (error) {
      // It has ended meanwhile, or is another user's.
      if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(String(error.code))) return [];
      throw error;
    }
  });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
