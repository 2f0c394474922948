import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Definition } from "../../src/define/node.ts";
import { planInputOf } from "../../src/plan/measure/measure.ts";
import { planPlatform } from "../../src/plan/platform.ts";
import { designFiles } from "../../src/present/design.ts";
import { root } from "../examples/workspace.ts";
import { libreOffice, type Office } from "../servers/libreoffice.ts";

const templates = join(root, "templates");
let office: Office;
let folder: string;

beforeAll(async () => {
  office = await libreOffice();
  folder = await mkdtemp(join(tmpdir(), "millwright-templates-"));
});
afterAll(async () => {
  await office?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test("every template's last environment is told on three to five pages, in PDF and Word, and shown on seven slides", async () => {
  const names = (await readdir(templates, { withFileTypes: true })).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect(names).toHaveLength(5);
  const openable: string[] = [];
  for (const name of names) {
    const directory = join(templates, name);
    const module: { readonly default: Definition } = await import(pathToFileURL(join(directory, "platform.ts")).href);
    const definition = module.default;
    const environment = Object.values(definition.environments).at(-1);
    if (environment === undefined) throw new Error(`${name} has no environment`);
    for (const file of await designFiles(definition, planPlatform(planInputOf({ definition, environment, directory })), () => {})) {
      if (!/^(document\.(pdf|docx)|deck\.pptx)$/.test(file.name)) continue;
      const path = join(folder, `${name}-${file.name}`);
      await writeFile(path, file.content);
      if (!file.name.endsWith(".pdf")) openable.push(path);
    }
  }
  const printed = await office.toPdf(openable, join(folder, "printed"));
  const pages = async (pdfs: readonly string[]): Promise<readonly number[]> => Promise.all(pdfs.map((pdf) => office.pages(pdf)));
  const documents = await pages([
    ...names.map((name) => join(folder, `${name}-document.pdf`)),
    ...printed.filter((pdf) => pdf.includes("-document")),
  ]);
  expect(documents).toHaveLength(10);
  expect(documents.filter((count) => count < 3 || count > 5)).toEqual([]);
  expect(await pages(printed.filter((pdf) => pdf.includes("-deck")))).toEqual([7, 7, 7, 7, 7]);
});
