// What `npm start` and `npm test` begin with: installs when the lockfile changed since the last install, then builds
// when a source changed. Plain JavaScript for Node 20; everything after it runs on the Node 24 that npm installs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamps = join(modules, ".millwright");

/** The environment in which `node` is the installed Node 24. */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${join(modules, "node", "bin")}:${join(modules, ".bin")}:${process.env.PATH}`, ...extra };
}

/** Runs a command in the repository, its output shown; ends this process with its code when it fails. */
export function step(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: environment(), ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs and builds what is not installed and built yet. */
export function setup() {
  const lock = hashOf([join(root, "package-lock.json"), join(root, "package.json")]);
  if (stampOf("install") !== lock) {
    console.error("installing dependencies");
    // ONNX Runtime's CPU library is bundled; its installer would fetch CUDA's from a host of its own.
    step("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" } });
    stamp("install", lock);
  }
  const sources = hashOf([...filesBelow(join(root, "src")), join(root, "tsconfig.json"), join(root, "tsconfig.build.json")]);
  if (stampOf("build") !== sources || !existsSync(join(root, "dist", "cli", "main.js"))) {
    console.error("building");
    rmSync(join(root, "dist"), { recursive: true, force: true });
    step("tsc", ["-p", "tsconfig.build.json"]);
    stamp("build", sources);
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest("hex");
}

function stampOf(name) {
  const file = join(stamps, name);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

function stamp(name, value) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), value);
}
