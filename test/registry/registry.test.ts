import { execFile, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readModelFile } from "../../src/registry/files.ts";
import { openRegistry, type Registry } from "../../src/registry/registry.ts";
import { registration } from "./registration.ts";

let root: string;
let directory: string;
let registry: Registry;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millwright-registry-"));
  directory = join(root, "models");
  registry = openRegistry(directory);
});

afterEach(() => {
  registry.close();
  rmSync(root, { recursive: true, force: true });
});

describe("registering", () => {
  test("numbers versions from 1 and makes the accepted one the champion", () => {
    const first = registry.register(registration(root, "a"));
    const second = registry.register(registration(root, "b"));
    expect([first.version.version, second.version.version]).toEqual([1, 2]);
    expect(registry.resolve("outcome")).toMatchObject({ version: 2, status: "accepted", aliases: ["champion"] });
    expect(registry.get("outcome", 1)).toMatchObject({
      version: 1,
      aliases: [],
      provenance: { inputs: { delay_features: "8954597067493422955" } },
    });
    expect(registry.list("outcome").map(({ version }) => version)).toEqual([1, 2]);
    expect(registry.list()).toHaveLength(2);
  });

  test("gives the same version for the same content, whichever run made it", () => {
    registry.register(registration(root, "a"));
    registry.register(registration(root, "b"));
    const again = registry.register(registration(root, "a", { run: "run-9" }));
    expect(again).toMatchObject({ created: false, version: { version: 1, aliases: ["champion"], provenance: { run: "run-1" } } });
    expect(registry.list()).toHaveLength(2);
  });

  test("keeps a model that missed its gate as rejected, and the old champion", () => {
    registry.register(registration(root, "good"));
    const { version } = registry.register(registration(root, "bad", { wanted: 0.8 }));
    expect(version).toMatchObject({ version: 2, status: "rejected", aliases: [], description: { gate: { accepted: false } } });
    expect(registry.resolve("outcome@champion").version).toBe(1);
    expect(() => registry.alias("outcome", "champion", 2)).toThrow("missed its acceptance gate");
    registry.alias("outcome", "challenger", 2);
    expect(registry.resolve("outcome@challenger").version).toBe(2);
  });

  test("two processes at once get two versions", async () => {
    const child = fileURLToPath(new URL("./register-once.ts", import.meta.url));
    const run = promisify(execFile);
    const outputs = await Promise.all(["x", "y", "z"].map((weights) => run(process.execPath, [child, directory, root, weights])));
    expect(outputs.map(({ stdout }) => stdout.trim()).toSorted()).toEqual(["1", "2", "3"]);
    expect(registry.list().map(({ version }) => version)).toEqual([1, 2, 3]);
  }, 60_000);

  test("refuses a name that would leave its folder", () => {
    const parts = registration(root, "a");
    expect(() => registry.register({ ...parts, description: { ...parts.description, model: "../outcome" } })).toThrow(
      "cannot be a model's name",
    );
  });
});

describe("finding", () => {
  test("says what there is where a model or version is unknown", () => {
    expect(() => registry.resolve("outcome")).toThrow("millwright run");
    registry.register(registration(root, "a"));
    expect(() => registry.resolve("outcom")).toThrow("outcome (1 versions)");
    expect(() => registry.resolve("outcome@7")).toThrow("no '7' of model 'outcome'");
    expect(registry.get("outcome", "challenger")).toBeNull();
  });

  test("reads a file only with its registered content", async () => {
    const { version } = registry.register(registration(root, "weights"));
    expect((await readModelFile(version, "model.onnx")).toString()).toBe("weights");
    appendFileSync(join(version.directory, "model.onnx"), "!");
    await expect(readModelFile(version, "model.onnx")).rejects.toMatchObject({ problem: { code: "model-file-changed" } });
    rmSync(join(version.directory, "metrics.json"));
    await expect(readModelFile(version, "metrics.json")).rejects.toMatchObject({ problem: { code: "model-file-missing" } });
    await expect(readModelFile(version, "other")).rejects.toThrow("use one of: metrics.json, model.onnx");
  });

  test("the card tells data, preparation, figures by slice, gate, limits and how to reproduce", () => {
    const { version } = registry.register(registration(root, "a"));
    const card = readFileSync(join(version.directory, "card.md"), "utf8");
    for (const text of [
      "# outcome, version 1",
      "**accepted**",
      "| delay_features | 8954597067493422955 |",
      "z-score: mean 812.25",
      "| (missing) | 2 |",
      "| AUC | 0.75 |",
      "- met: auc 0.75 (is at least 0.7)",
      "7 rows without a label",
      "1.5e-7",
      "`c1`",
      "## Limits",
      "## How to reproduce",
    ]) {
      expect(card).toContain(text);
    }
  });
});

describe("a process killed while it registers", () => {
  const register = (weights: string, crash?: string): { signal: NodeJS.Signals | null; stdout: string } => {
    const child = fileURLToPath(new URL("./register-once.ts", import.meta.url));
    const { signal, stdout, stderr } = spawnSync(process.execPath, [child, directory, root, weights], {
      encoding: "utf8",
      env: { ...process.env, ...(crash === undefined ? {} : { MILLWRIGHT_CRASH: crash }) },
    });
    if (signal === null && stdout === "") throw new Error(stderr);
    return { signal, stdout };
  };
  const folders = (): string[] => (existsSync(join(directory, "outcome")) ? readdirSync(join(directory, "outcome")) : []);

  test("after the files leaves no half version; the next start clears them away, and the same model registers", () => {
    register("old");
    expect(register("new", "model-files").signal).toBe("SIGKILL");
    expect(registry.list()).toHaveLength(1);
    expect(registry.resolve("outcome").version).toBe(1);
    expect(folders()).toHaveLength(2);
    registry.close();
    registry = openRegistry(directory);
    expect(folders()).toHaveLength(1);
    expect(register("new").stdout.trim()).toBe("2");
    expect(registry.resolve("outcome").version).toBe(2);
  }, 60_000);

  test("after the row has made the version, and resuming gives the same one", async () => {
    expect(register("new", "model-registered").signal).toBe("SIGKILL");
    expect(register("new").stdout.trim()).toBe("1");
    const version = registry.resolve("outcome");
    expect(version).toMatchObject({ version: 1, aliases: ["champion"] });
    expect((await readModelFile(version, "model.onnx")).toString()).toBe("new");
  }, 60_000);

  test("models whose database is lost are not taken for leftovers", () => {
    register("old");
    registry.close();
    for (const name of readdirSync(directory).filter((entry) => entry.startsWith("registry.sqlite"))) rmSync(join(directory, name));
    registry = openRegistry(directory);
    expect(folders()).toHaveLength(1);
  }, 60_000);
});
