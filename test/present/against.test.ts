import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { changesOf } from "../../src/present/against/changes.ts";
import { changesText } from "../../src/present/against/notes.ts";
import { drawPlatform } from "../../src/present/diagram/platform.ts";
import { svgOf } from "../../src/present/diagram/svg.ts";
import { markdownOf } from "../../src/present/document/markdown.ts";
import { designFiles } from "../../src/present/design.ts";
import type { Feedback } from "../../src/present/review/feedback.ts";
import { details, storyOf } from "../../src/present/story/story.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { faults } from "./diagram/clear.ts";
import { madeUpPlan } from "./diagram/made-up.ts";
import { bare, flightsPlanned, hospital } from "./platforms.ts";

const feedback: readonly Feedback[] = [
  {
    id: "R1",
    reviewer: "ada",
    part: "engine",
    theme: "general",
    severity: "high",
    text: "one machine | will not do",
    answer: { outcome: "changed", because: "Spark now", by: "max" },
  },
  {
    id: "R2",
    reviewer: "ada",
    part: "cost",
    theme: "general",
    severity: "low",
    text: "too dear",
    answer: { outcome: "will not", because: "it is worth it", by: "max" },
  },
  { id: "R3", reviewer: "eve", part: "deck", theme: "general", severity: "low", text: "too long", answer: null },
];

const [local, cluster] = [flightsPlanned("local"), flightsPlanned("cluster")];
const changes = changesOf("v1", local.plan, cluster.plan, feedback);

test("the revised notes say each change once, and which comment led to what", () => {
  const text = changesText(changes);
  for (const heading of ["Structure", "Sizes", "Cost", "Service levels", "Compliance", "Requirements", "Choices"])
    expect(text).toContain(`\n## ${heading}\n`);
  for (const { of, from, to } of changes.diff.systems) expect(text).toContain(`| ${of} | ${from} | ${to} | another system |`);
  for (const { id, title } of changes.diff.added) expect(text).toContain(`| ${id} | – | ${title} | new |`);
  expect(text).toMatch(/\| R1 \| engine \| one machine \\\| will not do \(ada\) \| Spark now \(max\) \| engine: duckdb to spark/);
  expect(text).toContain("| R2 | cost | too dear (ada) | will not: it is worth it (max) |");
  expect(text).toContain("| R3 | deck | too long (eve) | open |");
  expect(changesText(changesOf("v1", local.plan, cluster.plan, feedback))).toBe(text);
});

test("nothing changed is said so, in notes and document", () => {
  const same = changesOf("v1", local.plan, local.plan, []);
  expect(changesText(same)).toContain("Nothing that a plan speaks of changed");
  expect(changesText(same)).toContain("No comment was answered with a change.");
  const story = storyOf(local.definition, local.plan, details[0] ?? { rows: 9, points: 5 }, same);
  expect(markdownOf(story, "diagram.svg")).toContain("Nothing that a plan speaks of is other than in v1.");
});

test("the document of version 2 begins with what changed, its numbers with where each came from", () => {
  for (const detail of details) {
    const story = storyOf(cluster.definition, cluster.plan, detail, changes);
    expect(story.title).toContain("version 2");
    expect(story.sections[0]?.title).toBe("What changed since v1");
    const text = markdownOf(story, "diagram.svg");
    expect(text).toContain("R1 on");
    const markers = new Set(story.notes.map(({ marker }) => marker));
    for (const [, marker = ""] of text.matchAll(/\[\^(\w+)\]/g)) expect(markers).toContain(marker);
  }
  expect(storyOf(cluster.definition, cluster.plan, details[0] ?? { rows: 9, points: 5 }).sections[0]?.title).not.toContain("changed");
});

const forms = ["page", "slide"] as const;
const views = ["architecture", "deployment", "data-flow"] as const;

test.for([
  ["flights from one machine to a cluster", cluster, local.plan],
  ["flights from a cluster to one machine", local, cluster.plan],
  ["a hospital that was one table", hospital(), bare().plan],
] as const)("%s: the diagrams mark what is new and changed and list what is removed, and nothing lies on anything", ([, now, before]) => {
  const since = changesOf("v1", before, now.plan, []);
  for (const view of views) {
    for (const form of forms) {
      const diagram = drawPlatform(now.definition, now.plan, view, form, since);
      expect(faults(diagram), `${view} ${form}`).toEqual([]);
      if (view === "data-flow") continue;
      const marks = new Map(
        diagram.nodes.map(({ id, lines }) => [id, lines.filter(({ tone }) => tone === "change").map(({ text }) => text)]),
      );
      for (const { id } of since.diff.added) expect(marks.get(id)).toEqual(["new"]);
      for (const { of } of since.diff.systems) expect(marks.get(of)).toEqual([expect.stringMatching(/^changed: was /)]);
      const removed = diagram.legend.filter(({ sample }) => sample === "removed").map(({ text }) => text.text);
      expect(removed.length).toBe(since.diff.removed.length);
      for (const { title } of since.diff.removed) expect(removed.some((text) => text.startsWith(`removed: ${title}`))).toBe(true);
      expect(svgOf(diagram)).toBe(svgOf(drawPlatform(now.definition, now.plan, view, form, since)));
    }
  }
});

test("platforms made up, each against another: nothing lies on anything", { timeout: 120_000 }, () => {
  for (const count of [4, 9, 16, 24]) {
    const [before, now] = [madeUpPlan(count * 31, count + 3), madeUpPlan(count * 7919, count)];
    const since = changesOf("v1", before, now, []);
    for (const form of forms)
      expect(faults(drawPlatform(local.definition, now, "architecture", form, since)), `${count} parts, ${form}`).toEqual([]);
  }
});

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

function platformText(lake: string, budget: string): string {
  return `import { environment, platform, source, table } from "millwright";
import { files, s3 } from "millwright/systems";
import { name } from "./name.ts";
const orders = source("data").table("orders", { key: "id" });
export default platform({ name, assets: [table("clean", orders)], requirements: { volume: "1 GB/day", budget: "${budget}" }, environments: {
  cloud: environment({ data: files({ directory: "data" }), ${lake}place: { provider: "aws", region: "us-east-1" } }),
} });
`;
}

test(
  "a revision of git is planned beside the platform file; working tree, index and branch stay as they are, and the bytes are the same again",
  { timeout: 240_000 },
  async () => {
    const repository = temporaryFolder();
    const git = (...args: string[]) => execFileSync("git", args, { cwd: repository, encoding: "utf8" });
    const folder = join(repository, "shop");
    const write = (path: string, text: string) => writeFileSync(join(repository, path), text);
    git("init", "--quiet", "--initial-branch=main");
    mkdirSync(folder);
    write(".gitignore", ".millwright\n");
    write("shop/name.ts", 'export const name = "shop";\n');
    write("shop/platform.ts", platformText("", "$900/month"));
    git("add", ".");
    git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", "first");
    git("tag", "v1");
    write("shop/platform.ts", platformText('lake: s3({ bucket: "shop" }), ', "$800/month"));
    write("shop/staged.txt", "staged\n");
    git("add", "shop/staged.txt");
    const before = [git("status", "--porcelain=v2", "--branch"), git("diff"), git("diff", "--cached")];
    const design = async (...args: string[]) => {
      const child = spawn(process.execPath, ["--import", sources, main, "design", ...args], {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stderr = "";
      child.stdout.resume();
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      await once(child, "close");
      return { code: child.exitCode, stderr };
    };
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    expect(await design("--out", one, "--against", "v1")).toMatchObject({ code: 0 });
    expect(await design("--out", two, "--against", "v1")).toMatchObject({ code: 0 });
    expect([git("status", "--porcelain=v2", "--branch"), git("diff"), git("diff", "--cached")]).toEqual(before);
    expect(existsSync(join(folder, ".millwright"))).toBe(false);
    const notes = readFileSync(join(one, "changes.md"), "utf8");
    expect(notes).toContain("| lake | local | s3 | another system |");
    expect(notes).toContain("| budget | $900/month: unknown | $800/month: unknown |");
    expect(notes).not.toContain("revision-");
    for (const name of readdirSync(one))
      expect([name, readFileSync(join(two, name)).equals(readFileSync(join(one, name)))]).toEqual([name, true]);

    expect(await design("--out", two, "--against", "v7")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no earlier version 'v7'/),
    });
    expect(await design("--out", two, "--against=--output=x")).toMatchObject({ code: 2 });
  },
);

test("the document of version 2 keeps within five pages, whatever has changed", async () => {
  for (const [now, before] of [
    [cluster, local.plan],
    [hospital(), bare().plan],
    [hospital(), local.plan],
  ] as const) {
    const files = await designFiles(now.definition, now.plan, () => {}, changesOf("v1", before, now.plan, feedback));
    const pdf = Buffer.from(files.find(({ name }) => name === "document.pdf")?.content ?? "").toString("latin1");
    const pages = Number(/\/Type\s*\/Pages[^>]*\/Count (\d+)/.exec(pdf)?.[1] ?? /\/Count (\d+)[^>]*\/Type\s*\/Pages/.exec(pdf)?.[1]);
    expect(pages).toBeGreaterThanOrEqual(3);
    expect(pages).toBeLessThanOrEqual(5);
    const list = String(files.find(({ name }) => name === "README.md")?.content);
    for (const { name } of files) if (name !== "README.md") expect(list).toContain(`(${name})`);
    expect(list).toContain("(changes.md)");
    const standards = new Set(now.plan.compliance.map(({ standard }) => standard.toLowerCase().replaceAll(" ", "-")));
    for (const standard of standards) expect(list).toContain(`(oscal/${standard}/component-definition.json)`);
  }
});
