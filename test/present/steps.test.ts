import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stepsOf } from "../../src/present/steps/steps.ts";
import type { Folder, PlatformLine, Step } from "../../src/present/steps/vocabulary.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { bare, planned } from "./platforms.ts";
import { root } from "../examples/workspace.ts";
import { loadPlatform } from "../../src/cli/platform.ts";
import { renderers } from "../../src/render/kinds.ts";

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which nothing stands yet. */
const nothing: Folder = {
  files: [],
  summary: null,
  design: { directory: "design", before: null, next: "design-2", files: [], plan: null },
};

/** Runs a line of a shell in which `millwright` is this one. */
async function shell(folder: string, line: string): Promise<Result> {
  const child = spawn("sh", ["-c", `millwright() { "$NODE" --import "$SOURCES" "$MAIN" "$@"; }; ${line}`], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE: process.execPath, SOURCES: sources, MAIN: main },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

/** Adds a line to the platform file where it says that it belongs. */
async function add(folder: string, { text, after }: PlatformLine): Promise<void> {
  const file = join(folder, "platform.ts");
  const content = await readFile(file, "utf8");
  const at = after === null ? content.indexOf("export default") : content.indexOf(after) + after.length;
  if (at < 0 || (after !== null && !content.includes(after))) throw new Error(`there is no place for '${text}' in ${content}`);
  await writeFile(file, `${content.slice(0, at)}${after === null ? `${text}\n` : `\n${text}`}${content.slice(at)}`);
}

/** Does what the steps say, one thing after the other, until nothing is missing; gives what was done, and the steps at the end. */
async function walk(
  folder: string,
): Promise<{ readonly commands: readonly string[]; readonly lines: readonly string[]; readonly steps: readonly Step[] }> {
  const [commands, lines, asked]: [string[], string[], string[]] = [[], [], []];
  for (let round = 0; round < 40; round++) {
    const told = await shell(folder, "millwright design --steps --json");
    expect([0, 1], told.stderr).toContain(told.code);
    const { steps, open }: { readonly steps: readonly Step[]; readonly open: number } = JSON.parse(told.stdout);
    expect([told.code, steps.length]).toEqual([open === 0 ? 0 : 1, 10]);
    for (const { state, missing } of steps) expect(missing.length === 0).toBe(state === "done");
    if (open === 0) return { commands, lines, steps };
    const next = steps.flatMap(({ missing }) => missing).find(({ command, lines: added }) => command !== null || added.length > 0);
    if (next === undefined) throw new Error(`nothing completes ${told.stdout}`);
    for (const one of next.lines) {
      expect(lines, `line for ${next.what}`).not.toContain(one.text);
      lines.push(one.text);
      await add(folder, one);
    }
    if (next.command !== null) {
      // A command is named again only for something else.
      expect(asked, next.command).not.toContain(next.what);
      asked.push(next.what);
      commands.push(next.command);
      expect(await shell(folder, next.command), next.command).toMatchObject({ code: 0 });
    }
  }
  throw new Error(`the way has no end: ${commands.join("\n")}`);
}

// Side by side: each has a folder of its own.
describe.concurrent("the ten steps", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millwright-steps-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  test(
    "lead from an empty folder to the full package: each command that they name is run, and at the end nothing is missing",
    { timeout: 600_000 },
    async () => {
      const own = join(folder, "hospital");
      await mkdir(own);
      const { commands, steps } = await walk(own);
      expect(commands[0]).toBe("millwright init --template healthcare");
      expect(commands.map((command) => command.split(" ")[1])).toEqual([
        "init",
        "check",
        "run",
        "render",
        "design",
        "review",
        "review",
        "review",
        "design",
      ]);
      expect(steps.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => "done"));
      for (const file of [
        "design/document.pdf",
        "design/deck.pptx",
        "design/oscal/hipaa/component-definition.json",
        "review.md",
        "design-2/changes.md",
      ])
        expect([file, existsSync(join(own, file))]).toEqual([file, true]);
      const text = await shell(own, "millwright design --steps");
      expect([text.code, text.stdout]).toEqual([0, expect.stringContaining("all ten steps are done")]);
    },
  );

  test(
    "lead from one's own data to the full package: each line that they name is added, and each command is run",
    { timeout: 600_000 },
    async () => {
      const own = join(folder, "clinic");
      await mkdir(own);
      const rows = Array.from({ length: 1200 }, (_, index) => {
        const age = 20 + ((index * 37) % 70);
        const left = new Date(Date.UTC(2026, 0, 1) + index * 3 * 3_600_000).toISOString();
        return [index + 1, age, 1 + ((index * 13) % 9), left, age + ((index * 29) % 40) > 75].join(",");
      });
      await writeFile(join(own, "visits.csv"), `id,age,days,left_at,returned\n${rows.join("\n")}\n`);
      expect(await shell(own, "millwright init")).toMatchObject({ code: 0 });
      const { lines, commands } = await walk(own);
      for (const part of [
        "domain:",
        "purpose:",
        "requirements:",
        "compliance:",
        "prediction,",
        'endpoint("answers"',
        "place:",
        "monitor:",
        "decisions:",
      ])
        expect([part, lines.some((one) => one.includes(part))]).toEqual([part, true]);
      expect(commands.map((command) => command.split(" ")[1])).toContain("run");
    },
  );
});

test("steps are a pure function: without a platform file only the first names a command, and whoever answers in batches owes no endpoint", () => {
  const none = stepsOf({ platform: null, folder: nothing, feedback: [] });
  expect(none.map(({ missing }) => missing.map(({ command }) => command))).toEqual([
    ["millwright init --template healthcare"],
    ...Array.from({ length: 9 }, () => [null]),
  ]);
  const { definition, plan } = bare();
  const told = (serving: string) => {
    const node = {
      kind: "requirement" as const,
      name: "serving",
      origin: definition.origin,
      text: serving,
      bound: "is" as const,
      value: serving,
      unit: null,
    };
    return stepsOf({ platform: { definition: { ...definition, requirements: [node] }, plan, columns: {} }, folder: nothing, feedback: [] });
  };
  const lines = (steps: readonly Step[]) => steps.flatMap(({ missing }) => missing.flatMap((one) => one.lines.map(({ text }) => text)));
  expect(lines(told("real-time")).some((text) => text.startsWith("endpoint("))).toBe(true);
  expect(lines(told("batch")).some((text) => text.startsWith("endpoint("))).toBe(false);
  expect(told("batch")).toEqual(told("batch"));
});

test("a platform file that cannot be loaded is an error, not a missing step", { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, "platform.ts"), "export default 7;\n");
  expect(await shell(folder, "millwright design --steps")).toMatchObject({ code: 2, stderr: expect.stringContaining("no platform") });
  expect(await shell(folder, "millwright design --steps --file other.ts")).toMatchObject({ code: 2 });
});

test.for(["healthcare", "finance", "retail", "autonomous-vehicles", "smart-city"])(
  "the template %s lacks no line of the platform file, and the monitoring that its fifth step names can be rendered",
  async (name) => {
    const { definition } = await loadPlatform({ file: join(root, "templates", name, "platform.ts") });
    const { plan } = planned(definition, "prod", { tables: {}, models: {}, endpoints: {}, machine: null, evidence: [] });
    const steps = stepsOf({ platform: { definition, plan, columns: {} }, folder: nothing, feedback: [] });
    expect(steps.flatMap(({ missing }) => missing.flatMap(({ lines }) => lines))).toEqual([]);
    expect(steps[4]?.missing.map(({ command }) => command)).toEqual(["millwright render monitoring --out operations --env prod"]);
    const environment = definition.environments["prod"];
    if (environment === undefined) throw new Error("there is no environment prod");
    const render = await renderers.monitoring();
    expect(render({ definition, environment }).files.length).toBeGreaterThan(5);
  },
);
