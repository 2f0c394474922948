import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { designFiles } from "../../src/present/design.ts";
import { pythonEnvironment, type PythonEnvironment } from "../servers/python.ts";
import { hospital } from "./platforms.ts";

let folder: string;
let python: PythonEnvironment;
const { definition, plan } = hospital();

beforeAll(async () => {
  python = await pythonEnvironment([
    "python-pptx==1.0.2",
    "python-docx==1.2.0",
    "lxml==6.1.3",
    "Pillow==13.0.0",
    "typing_extensions==4.16.0",
    "XlsxWriter==3.3.1",
  ]);
  folder = await mkdtemp(join(tmpdir(), "millwright-office-"));
  for (const { name, content } of await designFiles(definition, plan, () => {}))
    if (/\.(pptx|docx)$/.test(name)) await writeFile(join(folder, name), content);
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

interface FoundSlide {
  readonly tables: number;
  readonly charts: readonly { readonly names: readonly string[]; readonly series: readonly (readonly number[])[] }[];
  /** Inches of the longer side. */
  readonly pictures: readonly number[];
  readonly shapes: number;
  readonly notes: string;
}

/** What a program prints of a file, as JSON. */
async function ask(program: string, file: string): Promise<string> {
  const { code, stdout, stderr } = await python.run(["-c", program, join(folder, file)]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

test("python-pptx finds shapes, tables and charts of PowerPoint's own, icons as the only pictures, and what is spoken", async () => {
  const program = `
import json, sys
from pptx import Presentation
deck = Presentation(sys.argv[1])
emu = 914400
print(json.dumps([{
  "tables": sum(s.has_table for s in slide.shapes),
  "charts": [{"names": list(p.categories), "series": [list(x.values) for x in p.series]} for s in slide.shapes if s.has_chart for p in s.chart.plots],
  "pictures": [max(s.width, s.height) / emu for s in slide.shapes if s.shape_type == 13],
  "shapes": len(slide.shapes),
  "notes": slide.notes_slide.notes_text_frame.text,
} for slide in deck.slides]))`;
  const slides: readonly FoundSlide[] = JSON.parse(await ask(program, "deck.pptx"));
  expect(slides).toHaveLength(7);
  expect(slides.map(({ tables }) => tables)).toEqual([0, 1, 0, 1, 1, 2, 0]);
  expect(slides.map(({ charts }) => charts.length)).toEqual([0, 0, 0, 0, 1, 1, 0]);
  expect(slides.flatMap(({ pictures }) => pictures).every((inches) => inches < 0.7)).toBe(true);
  expect(slides[2]?.pictures).toHaveLength(plan.parts.length);
  expect(slides[2]?.shapes).toBeGreaterThan(4 * plan.parts.length);
  for (const { notes } of slides) expect(notes).toMatch(/^\[\d:\d\d minutes\]/);
  // Bars are the plan's own numbers, the first at the top.
  const [cost, controls] = slides.flatMap(({ charts }) => charts);
  const options = plan.cost.options.filter(({ lines }) => lines.some(({ monthly }) => monthly.value !== null)).slice(0, 8);
  expect(cost?.names.map((name) => name.replace("≥ ", "")).toReversed()).toEqual(options.map(({ name }) => name));
  expect(cost?.series[0]?.toReversed()).toEqual(options.map(({ monthly, known }) => monthly.value ?? known.value));
  expect(controls?.names.toReversed()).toEqual(plan.compliance.map(({ standard }) => standard));
  const sums = controls?.names.map((_name, index) => controls.series.reduce((sum, values) => sum + (values[index] ?? 0), 0));
  expect(sums?.toReversed()).toEqual(plan.compliance.map((report) => report.controls.length));
});

test("python-docx finds headings, tables whose first row repeats, and the diagram with what it shows in words", async () => {
  const program = `
import json, sys
from docx import Document
document = Document(sys.argv[1])
print(json.dumps({
  "headings": [p.text for p in document.paragraphs if p.style.name.startswith("Heading")],
  "tables": len(document.tables),
  "repeated": sum("w:tblHeader" in t.rows[0]._tr.xml for t in document.tables),
  "pictures": [s._inline.docPr.get("descr") for s in document.inline_shapes],
  "made": str(document.core_properties.created),
}))`;
  const found: { readonly tables: number; readonly repeated: number; readonly made: string } = JSON.parse(
    await ask(program, "document.docx"),
  );
  expect(found).toMatchObject({
    headings: expect.arrayContaining(["1 Use case", "7 Cost", "10 Risks", "Where the numbers come from"]),
    pictures: [expect.stringContaining("hospital in the environment prod")],
  });
  // All but the large numbers at the top.
  expect(found.repeated).toBe(found.tables - 1);
  expect(found.made).toMatch(/^20\d\d-\d\d-\d\d 00:00:00/);
});
