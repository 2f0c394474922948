import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { environment, model, platform, python, source, type Definition } from "../../../src/index.ts";
import { checkPlatform } from "../../../src/define/check.ts";
import { openRegistry } from "../../../src/registry/registry.ts";
import type { ModelVersion } from "../../../src/registry/version.ts";
import { statePaths } from "../../../src/run/state.ts";
import { process, sqlite } from "../../../src/systems/index.ts";
import { fencedBlocks } from "../../documentation/snippets.ts";
import { openShop, type Shop } from "../../run/shop.ts";

vi.setConfig({ testTimeout: 300_000 }); // a first run downloads uv and the packages

const requirements = fileURLToPath(new URL("../../../examples/trainers/requirements/scikit-learn.txt", import.meta.url));

/** The script that the page shows. */
const script = fencedBlocks("docs/training.md").find(({ language }) => language === "python")?.code ?? "";

function shopWithScript(): { readonly shop: Shop; readonly file: string } {
  const shop = openShop();
  shop.source(`CREATE TABLE payments (id BIGINT PRIMARY KEY, amount DOUBLE, country TEXT, late INTEGER, at TIMESTAMP);
    WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 600)
    INSERT INTO payments SELECT id, id * 37 % 100, CASE id % 3 WHEN 0 THEN 'DE' ELSE 'GB' END, id * 37 % 100 > 60, strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 3600, 'unixepoch') FROM n`);
  const file = join(shop.directory, "train.py");
  writeFileSync(file, script);
  return { shop, file };
}

/** Declared anew, as a platform file that is read again. */
function paidLate(file: string): Definition {
  const payments = source("ops").table("payments", {
    key: "id",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 5 days" },
    prepare: { amount: "zscore", country: "onehot" },
    train: python(file, { requirements, parameters: { C: 2 }, resources: { threads: 1, memory: "4 GB" } }),
    accept: { auc: ">= 0.9" },
  });
  return platform({
    name: "shop",
    assets: [late],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }), launcher: process({ cores: 2 }) }) },
  });
}

function versions({ directory }: Shop): readonly ModelVersion[] {
  const registry = openRegistry(statePaths(directory, "local").models);
  try {
    return registry.list("late");
  } finally {
    registry.close();
  }
}

test("a run trains by the script that the page shows, registers what it used, and trains again only when the script changes", async () => {
  const { shop, file } = shopWithScript();
  expect((await checkPlatform({ definition: paidLate(file), directory: shop.directory, offline: true })).problems).toEqual([]);
  const first = await shop.run(paidLate(file));
  expect(first.outcomes, first.detail("late") ?? "").toEqual({ payments: "created", late: "created" });
  const [version] = versions(shop);
  expect(version?.status).toBe("accepted");
  expect(version?.description).toMatchObject({
    trainer: expect.stringMatching(/^train\.py, Python 3\.\d+\.\d+, 13 packages$/),
    parameters: { C: 2, seed: 1 },
  });
  expect(version?.description.environment?.packages).toContain("scikit-learn==1.9.1");
  expect(Object.keys(version?.files ?? {})).toEqual(["metrics.json", "model.json", "model.onnx", "profile.json", "requirements.txt"]);
  const folder = version?.directory ?? "";
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(["card.md"]));
  const card = readFileSync(join(folder, "card.md"), "utf8");
  for (const said of ["Trained by train.py, Python", "scikit-learn==1.9.1", "| C | 2 |"]) expect(card).toContain(said);
  expect(existsSync(join(statePaths(shop.directory, "local").state, "training", "late"))).toBe(false);

  expect((await shop.run(paidLate(file))).outcomes).toMatchObject({ late: "unchanged" });
  writeFileSync(file, `${script}print("once more")\n`);
  expect((await shop.run(paidLate(file))).outcomes).toMatchObject({ late: "updated" });
  const [, second] = versions(shop);
  expect(readFileSync(join(second?.directory ?? "", "training.log"), "utf8")).toBe("once more\n");
});

test("a script that fails registers nothing, and the run says what it said last", async () => {
  const { shop, file } = shopWithScript();
  writeFileSync(file, 'import sys\nprint("the rows are strange")\nsys.exit(7)\n');
  const ran = await shop.run(paidLate(file));
  expect(ran.outcomes).toMatchObject({ late: "failed" });
  expect(JSON.stringify(ran.results)).toMatch(/exit code 7.*the rows are strange/);
  expect(versions(shop)).toEqual([]);
});

test("a script that is not there is found before anything runs", async () => {
  const { shop } = shopWithScript();
  const { problems } = await checkPlatform({
    definition: paidLate(join(shop.directory, "nowhere.py")),
    directory: shop.directory,
    offline: true,
  });
  expect(problems).toMatchObject([{ severity: "error", code: "no-script", fix: expect.stringContaining("nowhere.py") }]);
});
