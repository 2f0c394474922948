import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readArchive } from "../../src/present/archive.ts";
import { designFiles, type DesignFile } from "../../src/present/design.ts";
import { root } from "../examples/workspace.ts";
import { libreOffice, type Office, type Word } from "../servers/libreoffice.ts";
import { all } from "./platforms.ts";

let office: Office;
let folder: string;

beforeAll(async () => {
  office = await libreOffice();
  folder = await mkdtemp(join(tmpdir(), "millwright-design-"));
});
afterAll(async () => {
  await office?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe.each(all)("%s", (name, make) => {
  const { definition, plan } = make();
  let files: readonly DesignFile[];
  let printed: readonly string[];
  const own = name.replaceAll(/\W+/g, "-");
  const path = (file: string): string => join(folder, `${own}-${file}`);

  beforeAll(async () => {
    files = await designFiles(definition, plan, () => {});
    for (const file of files) {
      await mkdir(dirname(path(file.name)), { recursive: true });
      await writeFile(path(file.name), file.content);
    }
    printed = await office.toPdf([path("document.docx"), path("deck.pptx")], folder);
  });

  test("is told on three to five pages, as PDF and in LibreOffice's Writer", async () => {
    for (const pdf of [path("document.pdf"), printed[0] ?? ""]) {
      const pages = await office.pages(pdf);
      expect([pdf, pages >= 3 && pages <= 5, pages]).toEqual([pdf, true, pages]);
    }
  });

  test("is shown on seven slides by LibreOffice's Impress, and no word stands on another or leaves its slide", async () => {
    expect(await office.pages(printed[1] ?? "")).toBe(7);
    const words = await office.words(printed[1] ?? "");
    expect(words.length).toBeGreaterThan(200);
    expect(
      words.filter(({ left, top, right, bottom }) => left < 30 || top < 15 || right > 945 || bottom > 535).map(({ text }) => text),
    ).toEqual([]);
    expect(clashes(words)).toEqual([]);
  });

  test("says the same in Markdown, PDF, Word and on slides: each number of the cost and the requirements", async () => {
    const texts = await Promise.all([path("document.pdf"), ...printed].map(async (pdf) => squeezed((await office.text(pdf)).join(" "))));
    const [pdf = "", docx = ""] = texts;
    const markdown = String(files.find(({ name: file }) => file === "document.md")?.content);
    const numbers = [...markdown.matchAll(/(\$[\d,.]*\d(?:\/month)?|\d[\d,.]* (?:ms|GB|TB|%))\[\^/g)].map(([, number = ""]) =>
      squeezed(number),
    );
    expect(numbers.filter((number) => !pdf.includes(number))).toEqual([]);
    expect(numbers.filter((number) => !docx.includes(number))).toEqual([]);
  });

  test("leaves lines of the Word file as high as what stands in them, so that LibreOffice cuts no picture off", () => {
    const docx = files.find(({ name: file }) => file === "document.docx")?.content;
    const text = readArchive(Buffer.from(docx ?? ""))
      .flatMap(({ name: file, bytes }) => (/^word\/(document|styles)\.xml$/.test(file) ? [Buffer.from(bytes).toString()] : []))
      .join("");
    const spacings = [...text.matchAll(/<w:spacing[^>]* w:line=[^>]*>/g)].map(([spacing]) => spacing);
    expect(spacings.length).toBeGreaterThan(10);
    expect(spacings.filter((spacing) => !spacing.includes('w:lineRule="auto"'))).toEqual([]);
  });

  test("is written with the same bytes again", async () => {
    const again = await designFiles(definition, plan, () => {});
    expect(again.map(({ name: file }) => file)).toEqual(files.map(({ name: file }) => file));
    expect(
      again
        .filter(({ content }, index) => Buffer.compare(Buffer.from(content), Buffer.from(files[index]?.content ?? "")) !== 0)
        .map((file) => file.name),
    ).toEqual([]);
  });

  test("lists every file, and gives the plan as it was", () => {
    const content = new Map(files.map((file) => [file.name, String(file.content)]));
    for (const { name: file } of files) if (file !== "README.md") expect(content.get("README.md")).toContain(`(${file})`);
    expect(JSON.parse(content.get("plan.json") ?? "")).toEqual(JSON.parse(JSON.stringify(plan)));
  });
});

describe("the command", () => {
  const sources = new URL("../crash/sources.ts", import.meta.url).href;
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const design = async (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const child = spawn(process.execPath, ["--import", sources, main, "design", ...args], {
      cwd: join(folder, "flights"),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    await once(child, "close");
    return { code: child.exitCode, stdout, stderr };
  };

  beforeAll(() =>
    cp(join(root, "examples", "flights"), join(folder, "flights"), {
      recursive: true,
      filter: (path) => !/\/(\.data|\.millwright|node_modules)(\/|$)/.test(path),
    }),
  );

  test("writes the package of an environment, the same bytes in another process, and tells what it does", async () => {
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    const first = await design("--out", one, "--env", "cluster");
    expect(first).toMatchObject({
      code: 0,
      stderr: "planning flights in cluster\ndrawing the diagrams\nwriting the document\nmaking the deck\n",
    });
    const second = await design("--out", two, "--env", "cluster", "--json");
    expect(second).toMatchObject({ code: 0, stderr: "" });
    const { files }: { files: readonly { readonly name: string; readonly bytes: number }[] } = JSON.parse(second.stdout);
    for (const { name, bytes } of files) {
      const content = await readFile(join(two, name));
      expect([name, content.length]).toEqual([name, bytes]);
      expect([name, content.equals(await readFile(join(one, name)))]).toEqual([name, true]);
    }
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["document.pdf", "document.docx", "document.md", "deck.pptx", "diagram.svg", "plan.json", "README.md"]),
    );
  });

  test("says what is missing, and exits with 2", async () => {
    expect(await design()).toMatchObject({ code: 2, stderr: expect.stringContaining("--out is missing") });
    expect(await design("--out", join(folder, "none"), "--env", "moon")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("moon"),
    });
  });
});

/** Without any white space: lines break where they will. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

/** Words of a page that lie on each other: by more than a point across, and by more than a third of the lower one's height. */
function clashes(words: readonly Word[]): readonly string[] {
  const pages = Map.groupBy(words, ({ page }) => page);
  return [...pages].flatMap(([page, of]) =>
    of.flatMap((a, index) =>
      of
        .slice(index + 1)
        .filter(
          (b) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.bottom - a.top, b.bottom - b.top) / 3,
        )
        .map((b) => `slide ${page}: ${a.text} on ${b.text}`),
    ),
  );
}
