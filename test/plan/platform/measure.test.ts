import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Figure } from "../../../src/plan/figure.ts";
import { measure } from "../../../src/plan/measure/measure.ts";
import type { PlatformPlan, Verdict } from "../../../src/plan/vocabulary.ts";
import { boostedTrees, endpoint, environment, model, platform, source, table, type Definition } from "../../../src/index.ts";
import { environmentOf } from "../../../src/run/bind.ts";
import { readJournal } from "../../../src/run/journal.ts";
import { silent } from "../../../src/run/report.ts";
import { runPlatform } from "../../../src/run/run.ts";
import { sqlite } from "../../../src/systems/index.ts";

const sources = new URL("../../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

function payments(): Definition {
  const paid = source("ops").table("payments", {
    key: "id",
    cursor: "at",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const clean = table("clean", paid).check({ amount: { between: [0, 1000] } });
  const late = model("late", {
    from: clean,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees({ trees: 5 }),
    accept: { auc: ">= 0.6" },
  });
  const here = sqlite({ file: "shop.sqlite" });
  return platform({
    name: "shop",
    assets: [endpoint("score", { model: late })],
    environments: { local: environment({ ops: here }), elsewhere: environment({ ops: here }) },
  });
}

/** The same, as a user has it. */
const platformFile = (
  requirements: string,
): string => `import { boostedTrees, endpoint, environment, model, platform, source, table } from "millwright";
import { sqlite } from "millwright/systems";

const paid = source("ops").table("payments", { key: "id", cursor: "at", columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" } });
const clean = table("clean", paid).check({ amount: { between: [0, 1000] } });
const late = model("late", { from: clean, target: "late", ignore: ["id"], split: { by: "at", test: "last 5 days" }, train: boostedTrees({ trees: 5 }), accept: { auc: ">= 0.6" } });

export default platform({
  name: "shop",
  requirements: ${requirements},
  assets: [endpoint("score", { model: late })],
  environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
});
`;

let directory: string;

/** One run for all tests: they only read what it left. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "millwright-measure-"));
  using database = new DatabaseSync(join(directory, "shop.sqlite"));
  database.exec(`CREATE TABLE payments (id BIGINT PRIMARY KEY, amount DOUBLE, country TEXT, late INTEGER, at TIMESTAMP);
    WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 600)
    INSERT INTO payments SELECT id, id * 37 % 100, CASE id % 3 WHEN 0 THEN 'DE' ELSE 'GB' END, id * 37 % 100 > 60, strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 3600, 'unixepoch') FROM n`);
  const definition = payments();
  const { outcome } = await runPlatform({
    definition,
    environment: environmentOf(definition, "local"),
    directory,
    assets: [],
    reporter: silent,
    signal: new AbortController().signal,
  });
  expect(outcome).toBe("succeeded");
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

/** Each command in a process of its own. */
async function millwright(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, ["--import", sources, main, ...args], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

const measured = (name: string) => {
  const definition = payments();
  return measure({ definition, environment: environmentOf(definition, name), directory: directory });
};

function isFigure(value: unknown): value is Figure {
  return typeof value === "object" && value !== null && "origin" in value && "unit" in value;
}

describe("measurements of an environment", () => {
  test("tables by their newest commits, bytes by the files that the snapshot names", () => {
    const { tables } = measured("local");
    expect([tables["payments"]?.rows.value, tables["clean"]?.rows.value]).toEqual([600, 600]);
    const lake = join(directory, ".millwright", "local", "lake");
    const files = readdirSync(lake, { recursive: true, encoding: "utf8" }).filter((file) =>
      /[/\\]clean-[^/\\]*[/\\].*\.parquet$/.test(file),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(tables["clean"]?.bytes.value).toBe(files.reduce((sum, file) => sum + statSync(join(lake, file)).size, 0));
  });

  test("the model's quality, its file and what it computes; the endpoint's latency and rate as its release measured them", () => {
    const { models, endpoints, machine } = measured("local");
    expect(models["late"]?.quality["auc"]?.value).toBeGreaterThan(0.6);
    expect(models["late"]?.bytes.value).toBeGreaterThan(500);
    expect(models["late"]?.operations.value).toBeGreaterThan(10);
    const score = endpoints["score"];
    const [p50, p99, rate] = [score?.p50.value ?? 0, score?.p99.value ?? 0, score?.rate.value ?? 0];
    expect(p50).toBeGreaterThan(0);
    expect(p99).toBeGreaterThanOrEqual(p50);
    expect(rate).toBeGreaterThan(0);
    expect(score?.processorSeconds.value).toBeGreaterThan(0);
    expect([score?.cores.value, machine?.cores.value]).toEqual([machine?.cores.value, score?.cores.value]);
  });

  test("every figure names its run and its time", () => {
    using journal = readJournal(join(directory, ".millwright", "local", "journal.sqlite"));
    const [run] = journal?.events({ type: "run.started" }) ?? [];
    const figures: Figure[] = [];
    JSON.stringify(measured("local"), (_, value: unknown) => {
      if (isFigure(value)) figures.push(value);
      return value;
    });
    expect(figures.length).toBeGreaterThan(12);
    for (const { origin, name } of figures)
      expect(origin, name).toMatchObject({ kind: "measured", run: run?.run, time: expect.stringMatching(/^20\d\d-/) });
  });

  test("what was never measured there is taken from another environment and says so; evidence is not, and no folder is made", () => {
    const elsewhere = measured("elsewhere");
    expect(elsewhere.tables["clean"]?.rows.origin).toMatchObject({ what: "the table clean in the environment local" });
    expect(elsewhere.evidence).toEqual([]);
    expect(measured("local").evidence.map(({ type }) => type)).toContain("endpoint.released");
    expect(existsSync(join(directory, ".millwright", "elsewhere"))).toBe(false);
  });
});

describe("millwright plan and check", () => {
  const write = (requirements: string): void => writeFileSync(join(directory, "platform.ts"), platformFile(requirements));

  test("what is met leaves 0; the plan is one document, and reads as text with the requirements first", async () => {
    write(`{ latency: { p99: "30 seconds" }, requests: "1/second", volume: "1 GB/day", quality: { auc: ">= 0.6" } }`);
    const json = await millwright("plan", "--json");
    expect([json.code, json.stderr]).toEqual([0, ""]);
    const plan: PlatformPlan = JSON.parse(json.stdout);
    expect(plan.requirements.map(({ requirement, outcome }: Verdict) => [requirement.name, outcome])).toEqual([
      ["latency.p99", "met"],
      ["requests", "given"],
      ["volume", "given"],
      ["quality.auc", "met"],
    ]);
    const text = await millwright("plan", "--all");
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^shop in the environment local: 4 requirements: 2 met, 2 given\n\nrequirements\n {2}met/);
    for (const title of ["sizes", "cost", "service levels", "choices"]) expect(text.stdout).toContain(`\n${title}\n`);
    const checked = await millwright("check", "--json");
    expect([checked.code, JSON.parse(checked.stdout).requirements.length]).toEqual([0, 4]);
  }, 120_000);

  test("what is missed makes plan and check exit with 1 and say what", async () => {
    write(`{ quality: { auc: ">= 1.5" } }`);
    for (const command of ["plan", "check"]) {
      const { code, stdout, stderr } = await millwright(command);
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/missed +quality\.auc +>= 1\.5 +\S+ misses at least 1\.5: measured on the test rows/);
    }
  }, 120_000);

  test("wrong input leaves 2, and where it stands can be said on the line of the command", async () => {
    write(`{ uptime: "99.9%", region: "EU" }`);
    for (const args of [["--region", "eu-west-1"], ["--provider", "nowhere"], ["--prices", "nowhere.csv"], ["nonsense"]]) {
      const { code, stderr } = await millwright("plan", ...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: /)]);
    }
    const at = await millwright("plan", "--json", "--provider", "aws", "--region", "eu-west-1", "--zones", "3");
    const plan: PlatformPlan = JSON.parse(at.stdout);
    expect(plan.requirements.map(({ outcome }) => outcome)).toEqual(["met", "met"]);
    expect([at.code, plan.cost.chosen.region]).toEqual([0, "eu-west-1"]);
  }, 120_000);
});
