import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { boostedTrees, endpoint, environment, model, platform, source } from "../../src/index.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { up } from "../../src/run/up.ts";
import { rollBackEndpoint, shareEndpoint } from "../../src/serve/decide.ts";
import { sqlite } from "../../src/systems/index.ts";
import { registration } from "../registry/registration.ts";
import { jsonRequest, rowOf, smallModel } from "../serve/model.ts";
import { temporaryFolder } from "./temporary.ts";

test("a running up divides an endpoint's requests as the journal says, at its start and while it runs", async () => {
  const directory = temporaryFolder();
  const flights = source("ops").table("flights", {
    key: "id",
    columns: { id: "bigint", carrier: "text", late: "integer", at: "timestamp" },
  });
  const outcome = model("outcome", {
    from: flights,
    target: "late",
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees(),
    accept: { auc: ">= 0.7" },
  });
  const delay = endpoint("delay", { model: outcome, log: { sample: 0 } });
  const definition = platform({
    name: "shop",
    assets: [delay],
    environments: { local: environment({ ops: sqlite({ file: "ops.sqlite" }) }) },
  });
  const paths = statePaths(directory, "local");
  const registry = openRegistry(paths.models);
  const journal = openJournal(paths.journal);
  onTestFinished(() => {
    registry.close();
    journal.close();
  });
  for (const bias of [0, 2]) {
    const trained = registration(directory, String(bias));
    writeFileSync(join(trained.directory, "model.onnx"), smallModel({ bias }));
    registry.register(trained);
  }
  const place = { registry, journal, binding: null, directory };
  const ada = { by: "ada", because: "try it" };
  await shareEndpoint(place, delay.node, { "1": 20, champion: 80 }, ada);
  const running = await up({
    definition,
    environment: environmentOf(definition, "local"),
    directory,
    signal: new AbortController().signal,
    port: 0,
    note: () => undefined,
  });
  onTestFinished(() => running.stop());
  const body = JSON.stringify(jsonRequest([rowOf(1)]));
  const answering = async (): Promise<Readonly<Record<string, number>>> => {
    const found: Record<string, number> = {};
    for (let asked = 0; asked < 10; asked++) {
      const reply = await fetch(`${running.doors.inference.http}/v2/models/delay/infer`, { method: "POST", body });
      const { model_version: version = `${reply.status}` }: { readonly model_version?: string } = JSON.parse(await reply.text());
      found[version] = (found[version] ?? 0) + 1;
    }
    return found;
  };
  expect(await answering()).toEqual({ "1": 2, "2": 8 });
  await rollBackEndpoint(place, delay.node, ada);
  while ((await answering())["1"] !== undefined) await sleep(50);
  expect(await answering()).toEqual({ "2": 10 });
});
