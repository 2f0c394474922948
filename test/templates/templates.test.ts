import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Figure } from "../../src/plan/figure.ts";
import type { PlatformPlan } from "../../src/plan/vocabulary.ts";
import { root } from "../examples/workspace.ts";
import { libreOffice, type Office } from "../servers/libreoffice.ts";

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

async function node(
  directory: string,
  ...args: string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

/** Every row of the catalogue that a figure comes from. */
function rowsOf(figure: Figure): readonly { readonly source: string; readonly date: string }[] {
  const { origin } = figure;
  if (origin.kind === "catalogue") return [origin];
  return origin.kind === "computed" ? origin.from.flatMap(rowsOf) : [];
}

let office: Office;
beforeAll(async () => {
  office = await libreOffice();
});
afterAll(() => office?.stop());

describe.each(["healthcare", "finance", "retail", "autonomous-vehicles", "smart-city"])("%s", (template) => {
  let folder: string;
  const millwright = (...args: string[]) => node(folder, "--import", sources, main, ...args);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `millwright-${template}-`));
    expect(await millwright("init", "--template", template)).toMatchObject({ code: 0 });
    const { code, stderr } = await millwright("run");
    expect(code, stderr).toBe(0);
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  test("is a whole platform that runs on embedded defaults, with types that hold", { timeout: 240_000 }, async () => {
    const status: { readonly assets: readonly { readonly status: string }[] } = JSON.parse((await millwright("status", "--json")).stdout);
    expect(status.assets.length).toBeGreaterThan(6);
    expect(status.assets.filter((asset) => asset.status !== "fresh")).toEqual([]);
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules/millwright"));
    const options = {
      target: "es2024",
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...options, allowImportingTsExtensions: true }, include: ["*.ts"] }),
    );
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    expect((await node(folder, compiler, "-p", ".", "--pretty", "false")).stdout).toBe("");
  });

  test(
    "is planned: every price has a row with source and date, and the bill adds up to the cent by hand",
    { timeout: 120_000 },
    async () => {
      const { code, stdout, stderr } = await millwright("plan", "--env", "prod", "--json");
      expect([0, 1], stderr).toContain(code);
      const plan: PlatformPlan = JSON.parse(stdout);
      const verdicts = plan.requirements.map(({ outcome }) => outcome);
      expect(verdicts.filter((outcome) => outcome === "met").length).toBeGreaterThan(4);
      for (const { lines, monthly, known } of plan.cost.options) {
        const cents = lines.map((line) => (line.monthly.value === null ? null : Math.round(line.monthly.value * 100)));
        const sum = cents.reduce<number>((total, one) => total + (one ?? 0), 0) / 100;
        expect(known.value).toBe(cents.every((one) => one === null) ? null : sum);
        expect(monthly.value).toBe(cents.includes(null) || lines.length === 0 ? null : sum);
        for (const { quantity, price, monthly: amount } of lines) {
          if (amount.value === null || price.value === null || quantity.value === null) continue;
          expect(Math.abs(amount.value - quantity.value * price.value)).toBeLessThanOrEqual(0.005 + 1e-9 * amount.value);
          for (const row of rowsOf(price)) expect([row.source === "", /^\d{4}/.test(row.date)]).toEqual([false, true]);
        }
      }
      // Every choice of a template has its reason.
      expect(plan.choices.filter(({ because }) => because === null).map(({ topic }) => topic)).toEqual([]);
    },
  );

  test("is presented: a document of three to five pages and a deck of five to seven slides", { timeout: 240_000 }, async () => {
    const out = join(folder, "design");
    const { code, stderr } = await millwright("design", "--env", "prod", "--out", out);
    expect(code, stderr).toBe(0);
    const printed = await office.toPdf([join(out, "document.docx"), join(out, "deck.pptx")], out);
    const [pdf, docx, slides] = await Promise.all(
      [join(out, "document.pdf"), printed[0] ?? "", printed[1] ?? ""].map((file) => office.pages(file)),
    );
    for (const pages of [pdf, docx]) expect(pages).toBeGreaterThanOrEqual(3);
    for (const pages of [pdf, docx]) expect(pages).toBeLessThanOrEqual(5);
    expect(slides).toBeGreaterThanOrEqual(5);
    expect(slides).toBeLessThanOrEqual(7);
    expect(await readFile(join(out, "README.md"), "utf8")).toContain("document.pdf");
  });
});
