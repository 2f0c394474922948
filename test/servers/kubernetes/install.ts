import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { cacheDirectory } from "../../../src/fetch/wheel.ts";
import { tryLock } from "../../../src/run/lock.ts";

const execute = promisify(execFile);

export const versions = { kubernetes: "1.34.4", kwok: "0.7.0", kserve: "0.15.0" } as const;

/** Where the programs are, and the files of KServe's custom resources. */
export interface KubernetesPrograms {
  readonly bin: string;
  readonly resources: readonly string[];
}

const [major, minor] = versions.kubernetes.split(".");
/** The version that the programs say they are. */
const stamp = [`gitVersion=v${versions.kubernetes}`, `gitMajor=${major}`, `gitMinor=${minor}`].map(
  (value) => `-X k8s.io/component-base/version.${value}`,
);

/**
 * kube-apiserver, kube-controller-manager, kube-scheduler and kwok, built from their Go modules, and the custom resources of KServe's module; kept in the cache. The first
 * time takes about ten minutes on two cores and writes how far it is. Go checks every module against the sums that all the world sees.
 */
export async function kubernetesPrograms(): Promise<KubernetesPrograms> {
  const sources = await Promise.all(["go.mod", "main.go"].map((name) => readFile(new URL(name, import.meta.url))));
  const hash = createHash("sha256")
    .update(Buffer.concat([...sources, Buffer.from(JSON.stringify(versions))]))
    .digest("hex");
  const folder = join(cacheDirectory(), `kubernetes-${versions.kubernetes}-${hash.slice(0, 12)}`);
  if (!existsSync(folder)) {
    await mkdir(cacheDirectory(), { recursive: true });
    using _lock = await soleBuilder();
    if (!existsSync(folder)) await build(folder);
  }
  const resources = join(folder, "resources");
  return { bin: join(folder, "bin"), resources: (await readdir(resources)).toSorted().map((name) => join(resources, name)) };
}

/** Two builds at once would take twice as long, and the memory of both. */
async function soleBuilder(): Promise<Disposable> {
  for (;;) {
    const lock = tryLock(join(cacheDirectory(), "kubernetes.lock"));
    if (lock !== null) return lock;
    await sleep(500);
  }
}

async function build(folder: string): Promise<void> {
  const began = Date.now();
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    const [source, made] = [join(aside, "source"), join(aside, "made")];
    await Promise.all([source, join(made, "bin"), join(made, "resources")].map((name) => mkdir(name, { recursive: true })));
    for (const name of ["go.mod", "main.go"]) await copyFile(new URL(name, import.meta.url), join(source, name));
    const crds = join(await moduleFolder(`github.com/kserve/kserve@v${versions.kserve}`, aside), "config/crd/full");
    for (const name of (await readdir(crds)).filter((each) => each.startsWith("serving.")))
      await copyFile(join(crds, name), join(made, "resources", name));
    tell(`building Kubernetes ${versions.kubernetes} and kwok ${versions.kwok} from their Go modules, once; this takes minutes`);
    const bin = join(made, "bin");
    await compile("the control plane", ["build", "-mod=mod", "-o", join(bin, "kubernetes")], stamp, [".", source]);
    // It wants other versions of what the two share.
    await compile("kwok", ["install"], [], [`sigs.k8s.io/kwok/cmd/kwok@v${versions.kwok}`, aside], { GOBIN: bin });
    for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) await symlink("kubernetes", join(bin, name));
    await rename(made, folder);
    tell(`built in ${Math.round((Date.now() - began) / 1000)} s`);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Where Go keeps a module's files. */
async function moduleFolder(module: string, folder: string): Promise<string> {
  tell(`fetching ${module}`);
  const { stdout } = await execute("go", ["mod", "download", "-json", module], { cwd: folder, maxBuffer: 2 ** 24 });
  const said: { readonly Dir?: string } = JSON.parse(stdout);
  if (said.Dir === undefined) throw new Error(`go has no folder of ${module}: ${stdout}`);
  return said.Dir;
}

function compile(
  title: string,
  command: readonly string[],
  flags: readonly string[],
  [what, folder]: readonly [string, string],
  more: NodeJS.ProcessEnv = {},
): Promise<void> {
  const args = [...command, "-trimpath", "-v", "-ldflags", ["-s", "-w", ...flags].join(" "), what];
  const env = { ...process.env, CGO_ENABLED: "0", ...more };
  const child = spawn("go", args, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
  let [packages, told, said] = [0, Date.now(), ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
    packages += text.split("\n").length - 1;
    if (Date.now() - told < 15_000) return;
    told = Date.now();
    tell(`${title}: ${packages} packages fetched or compiled`);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`go ${command[0]} of ${title} ended with ${code}:\n${said}`)),
    );
  });
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
