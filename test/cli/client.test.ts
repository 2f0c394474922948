import { expect, test } from "vitest";
import { clientOf } from "../../src/cli/client.ts";
import { boostedTrees, endpoint, environment, model, platform, source } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { embedded, sqlite } from "../../src/systems/index.ts";
import { openShop } from "../run/shop.ts";

test("a client is made of the champion: features by their columns' types, dates as dates, and the document says that keys are asked for", async () => {
  const shop = openShop();
  shop.source(`CREATE TABLE payments (id BIGINT PRIMARY KEY, amount DOUBLE, country TEXT, day DATE, due TIMESTAMP, gift INTEGER, late INTEGER, at TIMESTAMP);
    WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 600)
    INSERT INTO payments SELECT id, id * 37 % 100, CASE id % 3 WHEN 0 THEN 'DE' ELSE 'GB' END, date(1767225600 + id * 3600, 'unixepoch'),
      strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 7200, 'unixepoch'), id % 2, id * 37 % 100 > 60, strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 3600, 'unixepoch') FROM n`);
  const payments = source("ops").table("payments", {
    key: "id",
    cursor: "at",
    columns: {
      id: "bigint",
      amount: "double",
      country: "text",
      day: "date",
      due: "timestamp",
      gift: "integer",
      late: "integer",
      at: "timestamp",
    },
  });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees({ trees: 5 }),
    accept: { auc: ">= 0.6" },
  });
  const server = embedded({ keys: { file: "inference.keys" } });
  const definition = platform({
    name: "shop",
    assets: [endpoint("score", { model: late })],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }), server }) },
  });
  const loaded = { definition, environment: environmentOf(definition, "local"), directory: shop.directory };
  await expect(clientOf(loaded, ["score"], "typescript")).rejects.toMatchObject({ problem: { code: "no-champion" } });
  await shop.run(definition);
  const { text, version } = await clientOf(loaded, [], "typescript");
  expect(version).toBe("1");
  expect(text).toContain("export function scoreClient(options: ClientOptions): ScoreClient {");
  const features = /export interface ScoreFeatures \{\n([^}]*)\}/.exec(text)?.[1];
  expect(features?.replaceAll(/ *\/\*\*.*\n/g, "")).toBe(
    `  readonly amount: number | null;
  readonly country: string | null;
  readonly day: Date | null;
  readonly due: Date | null;
  readonly gift: number | null;
`,
  );
  const document: { readonly security?: unknown; readonly paths: object } = JSON.parse((await clientOf(loaded, ["score"], "openapi")).text);
  expect(document.security).toEqual([{ key: [] }]);
  expect(Object.keys(document.paths)).toContain("/v2/models/score/infer");
  await expect(clientOf(loaded, ["scores"], "openapi")).rejects.toMatchObject({
    problem: { code: "unknown-asset", fix: expect.stringContaining("score") },
  });
});
