import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { boostedTrees, endpoint, environment, model, platform, source, type Definition } from "../../src/index.ts";
import type { EndpointNode } from "../../src/define/node.ts";
import { tellAliases } from "../../src/registry/event.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openJournal } from "../../src/run/journal.ts";
import { boundServer, connectServer } from "../../src/run/model-server.ts";
import { predictOnce } from "../../src/run/predict.ts";
import { statePaths } from "../../src/run/state.ts";
import { up } from "../../src/run/up.ts";
import { rollBackEndpoint, shareEndpoint, type DecisionPlace } from "../../src/serve/decide.ts";
import { releaseThere } from "../../src/serve/release.ts";
import { sqlite, triton } from "../../src/systems/index.ts";
import { openShop, type Shop } from "../run/shop.ts";
import { paymentsSql } from "../train/search/platform.ts";
import { startTriton, type Triton } from "../servers/triton.ts";

let server: Triton;
beforeAll(async () => {
  server = await startTriton([]);
});
afterAll(() => server?.stop());

function scored(trees: number): Definition {
  const payments = source("ops").table("payments", {
    key: "id",
    cursor: "at",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees({ trees }),
    accept: { auc: ">= 0.6" },
    ...(trees > 5 ? { approval: "required" } : {}),
  });
  const bound = triton({ url: server.url, repository: server.repository, backend: "python" });
  return platform({
    name: "shop",
    assets: [endpoint("score", { model: late })],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }), server: bound }) },
  });
}

const nodeOf = (definition: Definition): EndpointNode => {
  const found = definition.assets.find((asset) => asset.kind === "endpoint");
  if (found === undefined) throw new Error("there is no endpoint");
  return found;
};

function open(shop: Shop, definition: Definition): DecisionPlace {
  const paths = statePaths(shop.directory, "local");
  const [registry, journal] = [openRegistry(paths.models), openJournal(paths.journal)];
  onTestFinished(() => {
    registry.close();
    journal.close();
  });
  return { registry, journal, binding: boundServer(environmentOf(definition, "local")), directory: shop.directory };
}

const row = { amount: 90, country: "DE" };
const ada = { by: "ada", because: "complaints" };

test("an endpoint is released to a real Triton, its canary gets its part at up's router, and it goes back and forth with journal and model", async () => {
  const shop = openShop();
  shop.source(paymentsSql);
  const first = await shop.run(scored(5));
  expect(first.outcomes["score"], first.detail("score") ?? "").toBe("created");
  expect(first.detail("score")).toBe("late version 1 on triton");
  const [released] = shop.events({ type: "endpoint.released" });
  expect(released?.body).toMatchObject({
    version: 1,
    server: "triton",
    url: server.url,
    shares: { "1": 100 },
    deployed: ["1"],
    removed: [],
  });
  expect((await shop.run(scored(5))).outcomes["score"]).toBe("unchanged");

  // A version that waits for its approval stands beside the champion, without a part.
  const definition = scored(7);
  await shop.run(definition);
  const place = open(shop, definition);
  const node = nodeOf(definition);
  const { binding, registry, journal } = place;
  if (binding === null) throw new Error("no server is bound");
  const connected = await connectServer(binding, shop.directory);
  onTestFinished(() => connected.close());
  expect(await connected.versions("score")).toEqual([
    { version: "1", ready: true, percent: 100 },
    { version: "2", ready: true, percent: 0 },
  ]);

  const running = await up({
    definition,
    environment: environmentOf(definition, "local"),
    directory: shop.directory,
    signal: new AbortController().signal,
    port: 0,
    note: () => undefined,
  });
  onTestFinished(() => running.stop());
  const request = {
    inputs: ["amount", "country"].map((name) => ({
      name,
      datatype: name === "amount" ? "FP64" : "BYTES",
      shape: [1, 1],
      data: [name === "amount" ? 90 : "DE"],
    })),
  };
  const answering = async (): Promise<string> => {
    const reply = await fetch(`${running.doors.inference.http}/v2/models/score/infer`, { method: "POST", body: JSON.stringify(request) });
    const answer: { readonly model_version?: string; readonly error?: string } = JSON.parse(await reply.text());
    return answer.model_version ?? `${reply.status} ${answer.error}`;
  };
  const until = async (parts: Readonly<Record<string, number>>): Promise<void> => {
    for (;;) {
      const found: Record<string, number> = {};
      for (let asked = 0; asked < 10; asked++) {
        const version = await answering();
        found[version] = (found[version] ?? 0) + 1;
      }
      if (JSON.stringify(found) === JSON.stringify(parts)) return;
      expect(Object.keys(found).filter((version) => version !== "1" && version !== "2")).toEqual([]);
      await sleep(100);
    }
  };
  await until({ "1": 10 });
  expect(await shareEndpoint(place, node, { champion: 80, challenger: 20 }, ada)).toEqual({
    division: { "1": 80, "2": 20 },
    previous: { "1": 100 },
  });
  await until({ "1": 8, "2": 2 });
  expect((await predictOnce(place, node, null, row)).model_version).toBe("1");
  const asked = await predictOnce(place, node, "2", row);
  expect([asked.model_version, asked.outputs.map(({ name }) => name)]).toEqual(["2", ["label", "probabilities"]]);

  // A run leaves the division as it stands.
  expect((await shop.run(definition)).outcomes["score"]).toBe("unchanged");
  await rollBackEndpoint(place, node, ada);
  await until({ "1": 10 });
  expect(
    shop
      .events({ type: "endpoint.shared" })
      .map(({ body }) => [body["cause"], body["shares"], body["by"], body["because"], body["server"]]),
  ).toEqual([
    ["shared", { "1": 80, "2": 20 }, "ada", "complaints", "triton"],
    ["rolled-back", { "1": 100 }, "ada", "complaints", "triton"],
  ]);

  // The champion's move ends every division.
  registry.approve("late", 2, ada);
  tellAliases(registry, journal);
  const last = journal.latest("endpoint.released").get("score")?.body;
  expect(await releaseThere(place, binding, node, { run: null, last })).toMatchObject({
    outcome: "updated",
    detail: "late version 2 on triton",
  });
  await until({ "2": 10 });
  expect((await shop.run(definition)).outcomes["score"]).toBe("unchanged");
});
