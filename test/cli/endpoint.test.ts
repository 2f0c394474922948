import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openRegistry } from "../../src/registry/registry.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { registration } from "../registry/registration.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { smallModel } from "../serve/model.ts";

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A platform with an endpoint whose model has two accepted versions, the second the champion, and a rejected one. */
function platformWithVersions() {
  const directory = temporaryFolder();
  writeFileSync(
    join(directory, "platform.ts"),
    `import { boostedTrees, endpoint, environment, model, platform, source } from "millwright";
import { sqlite } from "millwright/systems";
const flights = source("ops").table("flights", { key: "id", columns: { id: "bigint", carrier: "text", late: "integer", at: "timestamp" } });
const outcome = model("outcome", { from: flights, target: "late", split: { by: "at", test: "last 5 days" }, train: boostedTrees(), accept: { auc: ">= 0.7" } });
export default platform({ name: "shop", assets: [endpoint("delay", { model: outcome })], environments: { local: environment({ ops: sqlite({ file: "ops.sqlite" }) }) } });
`,
  );
  const paths = statePaths(directory, "local");
  const registry = openRegistry(paths.models);
  const scratch = join(directory, "scratch");
  mkdirSync(scratch);
  for (const [bias, wanted] of [
    [0, 0.7],
    [2, 0.7],
    [3, 0.9],
  ] as const) {
    const trained = registration(scratch, String(bias), { wanted });
    writeFileSync(join(trained.directory, "model.onnx"), smallModel({ bias }));
    registry.register(trained);
  }
  registry.close();
  const millwright = async (
    ...args: string[]
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => {
    const child = spawn(process.execPath, ["--import", sources, main, "endpoint", ...args], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(child, "close");
    return { code: child.exitCode, stdout, stderr };
  };
  const events = () => {
    using journal = openJournal(paths.journal);
    return journal.events().map(({ type, asset, body }) => [type, asset, body["shares"], body["cause"], body["by"], body["because"]]);
  };
  return { millwright, events };
}

test("an endpoint's requests are divided, listed, gone back with and asked on the command line, each decision told to the journal", async () => {
  const { millwright, events } = platformWithVersions();
  const shared = await millwright("share", "delay", "1=90", "champion=10", "--because", "try it", "--by", "ada");
  expect(shared.stdout, shared.stderr).toBe(
    "delay: version 1 90 %, version 2 10 % (before: version 2 100 %); a running up follows within two seconds\n",
  );
  expect((await millwright("list")).stdout).toMatch(
    /^endpoint +version +percent +made \(UTC\) +aliases\ndelay +outcome@1 +90 .*\ndelay +outcome@2 +10 .* champion\n$/,
  );
  const row = JSON.stringify({ carrier: "UA", distance: 1400, day: 3, night: true, temp: 20 });
  const text = await millwright("predict", "delay", "--data", row);
  expect(text.stdout, text.stderr).toMatch(/^label +probabilities\n1 +0\.0\d+ 0\.9\d+\nby version 1\n$/);
  const json = await millwright("predict", "delay", "--data", `[${row}, {"day": 1}]`, "--version", "2", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    model_version: "2",
    outputs: [
      { name: "label", shape: [2] },
      { name: "probabilities", shape: [2, 2] },
    ],
  });
  const back = await millwright("rollback", "delay", "--because", "complaints", "--by", "ada", "--json");
  expect(JSON.parse(back.stdout)).toEqual({ endpoint: "delay", shares: { "2": 100 }, previous: { "1": 90, "2": 10 } });
  expect(events()).toEqual([
    ["endpoint.shared", "delay", { "1": 90, "2": 10 }, "shared", "ada", "try it"],
    ["endpoint.shared", "delay", { "2": 100 }, "rolled-back", "ada", "complaints"],
  ]);
});

test("what cannot be done with an endpoint is refused with 2, saying what to do, and nothing is told", async () => {
  const { millwright, events } = platformWithVersions();
  const refused = async (words: string, ...args: string[]): Promise<void> => {
    const { code, stderr } = await millwright(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  };
  await Promise.all([
    refused("cannot get 50, 20 percent", "share", "delay", "1=50", "2=20"),
    refused("missed its gate", "share", "delay", "2=90", "3=10"),
  ]);
  await Promise.all([
    refused("have never been divided otherwise", "rollback", "delay", "--because", "complaints"),
    refused("there is no endpoint 'dely'", "predict", "dely", "--data", "{}"),
  ]);
  await Promise.all([
    refused("the model has no feature 'carier'", "predict", "delay", "--data", '{"carier": "UA"}'),
    refused("'3:10' is no part of the requests", "share", "delay", "3:10"),
  ]);
  expect(events()).toEqual([]);
});
