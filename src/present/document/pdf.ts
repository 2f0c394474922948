import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPresenter } from "../peer.ts";
import type { Story } from "../story/vocabulary.ts";
import type { Picture } from "./pictures.ts";
import { endLabel, pictureFile, typstOf } from "./typst.ts";

/** A finished PDF. */
export interface Pdf {
  readonly bytes: Uint8Array;
  readonly pages: number;
  /** The same with the share of the last page that is full: 3.4. */
  readonly length: number;
}

/** Writes stories as PDF with fonts that come along, so that every machine gives the same bytes. */
export interface PdfWriter {
  write(story: Story): Pdf;
}

/** Paths of the font's files: regular, bold, italic. @throws MillwrightError `peer-missing` */
export async function fontFiles(): Promise<readonly string[]> {
  const { resolve } = createRequire(import.meta.url);
  return loadPresenter("@expo-google-fonts/arimo", async () =>
    ["400Regular", "700Bold", "400Regular_Italic"].map((style) => resolve(`@expo-google-fonts/arimo/${style}/Arimo_${style}.ttf`)),
  );
}

/** @throws MillwrightError `peer-missing` */
export async function openPdfWriter(picture: Picture): Promise<PdfWriter> {
  const fonts = await Promise.all((await fontFiles()).map((path) => readFile(path)));
  const { NodeCompiler } = await loadPresenter(
    "@myriaddreamin/typst-ts-node-compiler",
    () => import("@myriaddreamin/typst-ts-node-compiler"),
  );
  // The compiler wants a folder; it finds the picture there in memory, and reads nothing from it.
  const workspace = dirname(fileURLToPath(import.meta.url));
  const compiler = NodeCompiler.create({ workspace, fontArgs: [{ fontBlobs: fonts }] });
  compiler.mapShadow(join(workspace, pictureFile), Buffer.from(picture.svg));
  return {
    write(story) {
      const compiled = compiler.compile({ mainFileContent: typstOf(story, picture.height / picture.width) });
      const document = compiled.result;
      if (document === null) {
        const problems = compiled.takeDiagnostics();
        throw new Error(`typst refused the document: ${problems === null ? "" : JSON.stringify(problems.shortDiagnostics)}`);
      }
      const pages = document.numOfPages;
      return {
        bytes: compiler.pdf(document),
        pages,
        length: pages - 1 + filled(compiler.query(document, { selector: endLabel, field: "value" })),
      };
    },
  };
}

/** The share of the page that stands above the end. */
function filled(found: unknown): number {
  const share: unknown = Array.isArray(found) ? found[0] : undefined;
  if (typeof share !== "number") throw new TypeError("typst does not say where the document ends");
  return share;
}
