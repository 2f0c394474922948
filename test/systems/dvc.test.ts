import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { PinnedTable } from "../../src/systems/dvc/pin.ts";
import { readPointer } from "../../src/systems/dvc/pointer.ts";
import { dvc, system } from "../../src/systems/dvc.ts";
import { publishedModel, trackedRun, trackerContract } from "../contracts/tracker.ts";
import { dvcRequirements } from "../servers/dvc-requirements.ts";
import { openShop } from "../run/shop.ts";
import { pythonEnvironment, type PythonEnvironment } from "../servers/python.ts";

// Each dvc is a process of its own, which takes seconds on a loaded machine.
vi.setConfig({ testTimeout: 400_000 });

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let python: PythonEnvironment;
let root: string;
let repository: string;
beforeAll(async () => {
  python = await pythonEnvironment(dvcRequirements);
  root = await mkdtemp(join(tmpdir(), "millwright-dvc-"));
  repository = join(root, "repository");
  await newRepository(repository);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs the real `dvc`; its standard output. */
async function run(folder: string, ...args: readonly string[]): Promise<string> {
  const env = { DVC_NO_ANALYTICS: "1", DVC_GLOBAL_CONFIG_DIR: join(root, "global"), DVC_SITE_CACHE_DIR: join(root, "site"), HOME: root };
  const { code, stdout, stderr } = await python.run(["-m", "dvc", ...args], { cwd: folder, env });
  if (code !== 0) throw new Error(`dvc ${args.join(" ")} failed: ${stdout}${stderr}`);
  return stdout;
}

async function newRepository(folder: string): Promise<void> {
  await mkdir(folder);
  await run(folder, "init", "--no-scm", "--quiet");
  await run(folder, "remote", "add", "--default", "shared", join(root, "shared"));
}

const sha256 = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

trackerContract({
  name: "DVC (the real program)",
  start: async () => ({
    binding: dvc({ repository: "repository", remote: "shared" }),
    directory: root,
    async run(experiment, name) {
      const names = await readdir(join(repository, "runs"), { recursive: true }).then((all) =>
        all.filter((file) => file.endsWith("run.json")).map((file) => `runs/${file}`),
      );
      const runs = await Promise.all(names.map(async (file) => ({ file, ...JSON.parse(await readFile(join(repository, file), "utf8")) })));
      const mine = runs.filter((one) => one.name === name && one.file.startsWith(`runs/${experiment}/`));
      const [first] = mine;
      if (first === undefined) return null;
      const metrics = JSON.parse(await run(repository, "metrics", "show", "--json"));
      const { data } = metrics[""].data[first.file.replace("run.json", "metrics.json")];
      // By the YAML reader that DVC uses.
      const script = "import sys, json, ruamel.yaml; print(json.dumps(ruamel.yaml.YAML(typ='safe').load(open(sys.argv[1]))))";
      const { stdout } = await python.run(["-c", script, join(repository, first.file.replace("run.json", "params.yaml"))]);
      const entries = Object.entries<unknown>(JSON.parse(stdout)).map(([key, value]) => [key, String(value)]);
      return { count: mine.length, parameters: Object.fromEntries(entries), metrics: data, outcome: first.outcome };
    },
    async model(name, alias) {
      const { versions, aliases } = JSON.parse(await readFile(join(repository, "models", name, "versions.json"), "utf8"));
      const version = aliases[alias];
      if (version === undefined) return null;
      const file = join(repository, "models", name, version, "model.onnx");
      return { count: Object.keys(versions).length, version, sha256: await sha256(file) };
    },
    async stop() {},
  }),
  more: (tracked) => {
    test("dvc finds nothing changed, and pulls a version elsewhere from the remote alone", async () => {
      const { directory, tracker } = tracked();
      await tracker.publish(publishedModel(directory, { model: "pulled" }));
      await expect(run(repository, "status")).resolves.toMatch(/up to date/);
      const clone = join(root, "clone");
      await cp(join(repository, "models"), join(clone, "models"), {
        recursive: true,
        filter: (path) => !/\.onnx$|\/metrics\.json$/.test(path),
      });
      await cp(join(repository, ".dvc", "config"), join(clone, ".dvc", "config"));
      await run(clone, "pull");
      expect(await sha256(join(clone, "models", "pulled", "1", "model.onnx"))).toBe(await sha256(join(directory, "model.onnx")));
      await writeFile(join(clone, "models", "pulled", "1", "metrics.json"), "{}");
      await expect(run(clone, "status")).resolves.toMatch(/modified:\s+models\/pulled\/1/);
    });

    test("dvc shows figures and plots of runs, and the champion's beside the model", async () => {
      const { directory, tracker } = tracked();
      await tracker.record(trackedRun(directory, { id: "run-9", experiment: "shown" }));
      await tracker.publish(publishedModel(directory, { model: "shown", run: "run-9" }));
      const { "": shown } = JSON.parse(await run(repository, "metrics", "show", "--json"));
      expect(shown.data["models/shown/metrics.json"].data).toEqual({ auc: 0.75, validation_loss: 0.55 });
      expect(shown.data["runs/shown/run-9/metrics.json"].data).toEqual({ auc: 0.75, validation_loss: 0.55 });
      await expect(run(repository, "plots", "show", "--json", "--out", join(root, "plots"))).resolves.toMatch(/validation_loss/);
      expect(existsSync(join(repository, "models", "shown", "params.yaml"))).toBe(true);
    });
  },
});

test("millwright pin gives the real dvc a snapshot that it verifies and pulls; the same snapshot twice is the same bytes", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots()["orders_clean"];
  writeFileSync(
    join(shop.directory, "platform.ts"),
    `import { shopPlatform } from ${JSON.stringify(new URL("../run/shop.ts", import.meta.url).href)};\nexport default shopPlatform();\n`,
  );
  const pin = async (what: string, ...to: readonly string[]): Promise<PinnedTable & { readonly snapshot: string }> => {
    const child = spawn(process.execPath, [main, "pin", what, "--json", ...to], { cwd: shop.directory, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(child, "close");
    if (child.exitCode !== 0) throw new Error(`${child.exitCode}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const data = join(repository, "data");
  const first = await pin("orders_clean", "--to", data, "--remote", "shared");
  expect(first).toMatchObject({ rows: 4, written: true, snapshot: before });
  expect(await pin("orders_clean", "--to", data, "--remote", "shared")).toMatchObject({ md5: first.md5, written: false });
  const other = await pin(`orders_clean@${before}`, "--to", join(repository, "data", "again"));
  expect(other).toMatchObject({ md5: first.md5, written: true });
  await expect(run(repository, "status", "data/orders_clean.parquet.dvc")).resolves.toMatch(/up to date/);

  // Elsewhere, by dvc alone.
  const clone = join(root, "reader");
  await cp(join(repository, ".dvc", "config"), join(clone, ".dvc", "config"));
  await cp(join(data, "orders_clean.parquet.dvc"), join(clone, "data", "orders_clean.parquet.dvc"));
  await run(clone, "pull");
  const [row] = await shop.ask(`SELECT count(*) AS rows, sum(amount) AS amount FROM '${join(clone, "data", "orders_clean.parquet")}'`);
  const [stored] = await shop.ask("SELECT count(*) AS rows, sum(amount) AS amount FROM lake.shop.orders_clean");
  expect(row).toEqual(stored);
  const { meta } = (await readPointer(join(clone, "data", "orders_clean.parquet"))) ?? {};
  expect(meta).toMatchObject({ table: "orders_clean", snapshot: before, platform: "shop", environment: "local", rows: "4" });

  await expect(pin("orders_clean@123", "--to", join(root, "repository", "new"))).rejects.toThrow(/^2: .*has no snapshot 123.*use one of/s);
  await expect(pin("nothing", "--to", data)).rejects.toThrow(/no rows of a table 'nothing'/);
  await expect(pin("orders_clean", "--to", shop.directory)).rejects.toThrow(/lies in no DVC repository/);
});

test("what is no DVC repository, or no remote of it, is refused in words", async () => {
  const connect = (repository: string, remote: string) => system.roles.tracker?.({ repository, remote }, { directory: root });
  await expect(connect(".", "shared")).rejects.toThrow(/lies in no DVC repository/);
  await expect(connect("repository", "nowhere")).rejects.toThrow(/has no remote 'nowhere'/);
});
