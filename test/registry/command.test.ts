import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openRegistry, type Registry } from "../../src/registry/registry.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { registration } from "./registration.ts";

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A platform whose environment `local` has a registry with these versions, and `millwright` in its folder. */
function platformWith(register: (registry: Registry, scratch: string) => void) {
  const directory = temporaryFolder();
  writeFileSync(
    join(directory, "platform.ts"),
    `import { environment, platform } from "millwright";
export default platform({ name: "shop", assets: [], environments: { local: environment({}), other: environment({}) } });
`,
  );
  const paths = statePaths(directory, "local");
  const registry = openRegistry(paths.models);
  const scratch = join(directory, "scratch");
  mkdirSync(scratch);
  register(registry, scratch);
  registry.close();
  const millwright = async (
    ...args: string[]
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }> => {
    const crash = args[0]?.startsWith("MILLWRIGHT_CRASH=") === true ? args.shift()?.split("=")[1] : undefined;
    const env = { ...process.env, ...(crash === undefined ? {} : { MILLWRIGHT_CRASH: crash }) };
    const child = spawn(process.execPath, ["--import", sources, main, "model", ...args], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
      env,
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(child, "close");
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  };
  const events = () => {
    using journal = openJournal(paths.journal);
    return journal.events().map(({ type, body }) => [type, body["alias"], body["version"], body["by"], body["because"]]);
  };
  return { paths, millwright, events };
}

test("versions are listed, shown and compared, as text and as JSON", async () => {
  const { millwright } = platformWith((registry, scratch) => {
    registry.register(registration(scratch, "a"));
    const second = registration(scratch, "b", { wanted: 0.8, run: "run-2" });
    registry.register({
      ...second,
      description: {
        ...second.description,
        parameters: { trees: 5, refit: true },
        environment: { python: "3.11.7", packages: ["numpy==2.1.0"] },
      },
      provenance: { ...second.provenance, inputs: { delay_features: "77" } },
    });
  });
  const list = await millwright("list", "outcome");
  expect(list.code, list.stderr).toBe(0);
  expect(list.stdout).toMatch(
    /^model +version +status +AUC .*\noutcome +1 +accepted +0\.75 .* run-1 +champion\noutcome +2 +rejected +0\.75 .* run-2\n$/,
  );
  const all = await millwright("list", "--json");
  expect(JSON.parse(all.stdout).versions).toMatchObject([
    { version: 1, status: "accepted", aliases: ["champion"], metrics: { auc: 0.75 } },
    { version: 2, status: "rejected", aliases: [] },
  ]);
  const show = await millwright("show", "outcome");
  expect(show.stdout).toMatch(
    /^# outcome, version 1\n[\s\S]*## Decisions\n\nAliases now: champion\.\n\n- \S+ champion registered at version 1 by run run-1\n$/,
  );
  const compare = await millwright("compare", "outcome@1", "outcome@2");
  expect(compare.code, compare.stderr).toBe(0);
  for (const line of [
    /^ +outcome@1 +outcome@2 +difference$/m,
    /^\* +status +accepted +rejected$/m,
    /^ +auc +0\.75 +0\.75$/m,
    /^\* +delay_features snapshot +8954597067493422955 +77$/m,
    /^ +training rows +4 +4$/m,
    /^\* +trees +3 +5 +\+2$/m,
    /^\* +python +- +3\.11\.7$/m,
    /^\* +numpy +- +2\.1\.0$/m,
    /^ +distance +double, z-score: mean 812\.25/m,
    /^ +carrier UA: AUC +1 +1$/m,
    /^\d+ differences of \d+$/m,
  ])
    expect(compare.stdout).toMatch(line);
  const json = await millwright("compare", "outcome@1", "outcome@2", "--json");
  expect(JSON.parse(json.stdout).compared).toContainEqual({ section: "parameters", name: "trees", first: 3, second: 5, same: false });
});

test("aliases move, versions are approved and gone back from in one command, each told to the journal with who and why", async () => {
  const { millwright, events } = platformWith((registry, scratch) => {
    registry.register(registration(scratch, "a"));
    registry.register(registration(scratch, "b", { approval: "required" }));
  });
  expect((await millwright("alias", "outcome@1", "stable")).stdout).toBe("outcome: stable is version 1\n");
  const approved = await millwright("approve", "outcome", "--because", "calibrated better", "--by", "ada");
  expect(approved.stdout, approved.stderr).toBe(
    "outcome: champion is version 2, was 1\noutcome: challenger is taken away from version 2\n",
  );
  const back = await millwright("rollback", "outcome", "--because", "complaints", "--json");
  expect(JSON.parse(back.stdout)).toMatchObject({
    model: "outcome",
    changes: [{ alias: "champion", version: 1, previous: 2, because: "complaints" }],
  });
  expect(events().slice(2)).toEqual([
    ["model.aliased", "stable", 1, expect.stringMatching(/./), null],
    ["model.approved", "champion", 2, "ada", "calibrated better"],
    ["model.aliased", "challenger", null, "ada", "calibrated better"],
    ["model.aliased", "champion", 1, expect.stringMatching(/./), "complaints"],
  ]);
});

test("a decision whose process was killed before the journal knew is told by the next one", async () => {
  const { millwright, events } = platformWith((registry, scratch) => void registry.register(registration(scratch, "a")));
  expect((await millwright("MILLWRIGHT_CRASH=alias-moved", "alias", "outcome@1", "stable", "--because", "kept")).signal).toBe("SIGKILL");
  expect(events()).toEqual([]);
  expect((await millwright("alias", "outcome@1", "stable")).stdout).toBe("outcome: nothing to change\n");
  expect(events().slice(1)).toEqual([["model.aliased", "stable", 1, expect.stringMatching(/./), "kept"]]);
});

test("what cannot be done is refused with 2, saying what to do", async () => {
  const { millwright, paths } = platformWith((registry, scratch) => {
    registry.register(registration(scratch, "a"));
    registry.register(registration(scratch, "b"));
    registry.register(registration(scratch, "bad", { wanted: 0.9 }));
    registry.register(registration(scratch, "c", { approval: "required" }));
  });
  const registry = openRegistry(paths.models);
  appendFileSync(join(registry.resolve("outcome@1").directory, "model.onnx"), "!");
  registry.close();
  for (const [args, text] of [
    [["lists"], /use one of: list, show, compare/],
    [["approve", "outcome@2"], /no reason\n.*--because/],
    [["approve", "outcome@1", "--because", "x"], /not the registered/],
    [["alias", "outcome@4", "champion"], /has to be approved .*\n.*millwright model approve outcome@4/],
    [["rollback", "outcome", "--because", "x"], /not the registered/],
    [["list", "--env", "other"], /has no models yet/],
  ] as const) {
    const { code, stdout, stderr } = await millwright(...args);
    expect([code, stdout], `${args.join(" ")}: ${stderr}`).toEqual([2, ""]);
    expect(stderr).toMatch(text);
  }
});
