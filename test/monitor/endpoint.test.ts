import { expect, test } from "vitest";
import { boostedTrees, endpoint, environment, model, platform, source, type Definition } from "../../src/index.ts";
import { reportHtml } from "../../src/monitor/report/html.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { monitorEndpoint } from "../../src/run/monitor.ts";
import { up } from "../../src/run/up.ts";
import { sqlite } from "../../src/systems/index.ts";
import { openShop, type Shop } from "../run/shop.ts";
import { paymentsSql } from "../train/search/platform.ts";

const ops = source("ops");
const payments = ops.table("payments", {
  key: "id",
  cursor: "at",
  columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
});
const outcomes = ops.table("outcomes", { key: "amount", columns: { amount: "double", was_late: "integer" } });
const late = model("late", {
  from: payments,
  target: "late",
  ignore: ["id"],
  split: { by: "at", test: "last 10 days" },
  train: boostedTrees({ trees: 20 }),
  accept: { auc: ">= 0.6" },
});
const definition: Definition = platform({
  name: "shop",
  assets: [
    endpoint("score", {
      model: late,
      drift: "psi > 0.2",
      monitor: { window: "300 rows", labels: { table: outcomes, key: "amount", label: "was_late" }, processorHour: "$0.04" },
    }),
  ],
  environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
});

let shop: Shop;
let metrics: string;
const look = () =>
  monitorEndpoint({
    definition,
    environment: environmentOf(definition, "local"),
    directory: shop.directory,
    signal: new AbortController().signal,
    endpoint: "score",
  });

async function serve(): Promise<void> {
  shop = openShop();
  shop.source(`${paymentsSql}; CREATE TABLE outcomes (amount DOUBLE PRIMARY KEY, was_late INTEGER)`);
  await shop.run(definition);
  const running = await up({
    definition,
    environment: environmentOf(definition, "local"),
    directory: shop.directory,
    signal: new AbortController().signal,
    port: 0,
    note: () => undefined,
  });
  try {
    // The first window is like the training rows; in the second the amounts are all high.
    for (const amountOf of [(row: number) => (row * 37) % 100, (row: number) => 70 + ((row * 37) % 30)]) {
      const rows = Array.from({ length: 300 }, (_, row) => row);
      const reply = await fetch(`${running.doors.inference.http}/v2/models/score/infer`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          inputs: [
            { name: "amount", datatype: "FP64", shape: [300, 1], data: rows.map(amountOf) },
            { name: "country", datatype: "BYTES", shape: [300, 1], data: rows.map((row) => (row % 3 === 0 ? "DE" : "GB")) },
          ],
        }),
      });
      expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining("probabilities")]);
    }
    metrics = await (await fetch(`${running.doors.inference.http}/metrics`)).text();
  } finally {
    await running.stop();
  }
}

/** Before any label: drift by window, of inputs and of the predictions, and the performance that is to be expected. */
async function beforeLabels(): Promise<void> {
  const { drift, performance, version } = await look();
  expect(version).toBe("1");
  expect(drift.map(({ over, rows }) => [rows, over])).toEqual([
    [300, false],
    [300, true],
  ]);
  expect(drift[1]?.columns[0]).toMatchObject({ name: "amount", over: true });
  expect(performance.map(({ labelled, realised }) => [labelled, realised])).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(performance[0]?.estimated?.accuracy).toBeGreaterThan(0.7);
  expect(performance[1]?.prediction?.psi).toBeGreaterThan(0.2);
  expect(shop.events({ type: "performance.measured" })).toEqual([]);
}

/** When labels come, what came true is measured and told to the journal once, and again only when more come. */
async function whenLabelsCome(): Promise<void> {
  const outcome = (from: number, to: number) =>
    `WITH RECURSIVE n (a) AS (SELECT ${from} UNION ALL SELECT a + 1 FROM n WHERE a < ${to}) INSERT INTO outcomes SELECT a, a > 60 FROM n`;
  shop.source(outcome(0, 69));
  await shop.run(definition, { assets: ["outcomes"] });
  const { performance } = await look();
  expect(performance.map(({ labelled }) => labelled)).toEqual([210, 0]);
  expect(performance[0]?.realised?.accuracy).toBeGreaterThan(0.9);
  const told = () => shop.events({ type: "performance.measured" });
  expect(told().map(({ asset, body }) => [asset, body["labelled"]])).toEqual([["score", 210]]);
  await look();
  expect(told()).toHaveLength(1);
  shop.source(outcome(70, 99));
  await shop.run(definition, { assets: ["outcomes"] });
  const report = await look();
  expect(report.performance.map(({ labelled }) => labelled)).toEqual([300, 300]);
  expect(told().map(({ body }) => body["labelled"])).toEqual([210, 300, 300]);
}

/** The report is one page without scripts or anything from elsewhere, with the plots of every column. */
async function report(): Promise<void> {
  const html = reportHtml(await look());
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|https?:|src=/);
  for (const text of ["Drift over time", "Performance over time", "AUC", "amount", "country", "psi &gt; 0.2"]) expect(html).toContain(text);
  expect(html.match(/<svg /g)?.length).toBeGreaterThanOrEqual(5);
}

/** The processor's time and the cost of a thousand inferences are measured. */
function cost(): void {
  const perThousand = Number(/^millwright_inference_cpu_seconds_per_thousand (\S+)$/m.exec(metrics)?.[1]);
  expect(perThousand).toBeGreaterThan(0);
  const cost = Number(/^millwright_inference_cost_dollars_per_thousand\{endpoint="score"\} (\S+)$/m.exec(metrics)?.[1]);
  expect(cost / ((perThousand / 3600) * 0.04)).toBeCloseTo(1, 6);
  expect(shop.events({ type: "inference.costed" }).map(({ asset, body }) => [asset, body["inferences"]])).toEqual([["score", 600]]);
}

/** An endpoint that is none, or has nothing stored, is refused by its name. */
async function refusals(): Promise<void> {
  const options = { environment: environmentOf(definition, "local"), directory: shop.directory, signal: new AbortController().signal };
  await expect(monitorEndpoint({ ...options, definition, endpoint: "nope" })).rejects.toMatchObject({
    problem: { code: "unknown-endpoint" },
  });
}

test("an endpoint's predictions are judged before and after their labels come, reported on one page, and costed", async () => {
  await serve();
  await beforeLabels();
  await whenLabelsCome();
  await report();
  cost();
  await refusals();
}, 300_000);
