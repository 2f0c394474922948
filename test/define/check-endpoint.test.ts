import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkPlatform } from "../../src/define/check.ts";
import { boostedTrees, endpoint, environment, model, platform, source } from "../../src/index.ts";
import { sqlite } from "../../src/systems/index.ts";

const payments = source("ops").table("payments", {
  key: "id",
  columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
});
const late = model("late", {
  from: payments,
  target: "late",
  ignore: ["id"],
  split: { by: "at", test: "last 5 days" },
  train: boostedTrees({ trees: 5 }),
  accept: { auc: ">= 0.6" },
});

async function problems(without: readonly string[]): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), "millwright-check-"));
  try {
    const definition = platform({
      name: "shop",
      assets: [endpoint("score", { model: late, log: { sample: 0.5, without } })],
      environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
    });
    return (await checkPlatform({ definition, directory, offline: true })).problems
      .filter(({ code }) => code === "unknown-column")
      .map(({ what }) => what);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test("what an endpoint is not to log must be an input of its model: a misspelt name would keep nothing out", async () => {
  expect(await problems(["country"])).toEqual([]);
  expect(await problems(["county", "id", "late"])).toEqual([
    "endpoint 'score' is not to log 'county', which is no input of the model 'late'",
    "endpoint 'score' is not to log 'id', which is no input of the model 'late'",
    "endpoint 'score' is not to log 'late', which is no input of the model 'late'",
  ]);
});

test.each([-0.1, 1.5, Number.NaN])("a sample of %d is refused", (sample) => {
  expect(() => endpoint("score", { model: late, log: { sample } })).toThrow(/give sample between 0 and 1/);
});
