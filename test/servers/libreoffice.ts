import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { debianPackages } from "./debian-own.ts";

const execute = promisify(execFile);

/** Debian's LibreOffice and Poppler: what opens office files, and what looks at PDFs. */
export interface Office {
  /** Opens documents and slides, and prints each as PDF into `folder`; gives their paths in the same order. */
  toPdf(files: readonly string[], folder: string): Promise<readonly string[]>;
  /** How many pages a PDF has. */
  pages(pdf: string): Promise<number>;
  /** Its text, page by page. */
  text(pdf: string): Promise<readonly string[]>;
  /** Its words with their places: points from the top left corner of their page. */
  words(pdf: string): Promise<readonly Word[]>;
  /** A picture of each page. */
  pictures(pdf: string, folder: string, resolution?: number): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface Word {
  readonly page: number;
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Unpacks both into the cache: programs to run rather than servers. */
export async function libreOffice(): Promise<Office> {
  const root = await debianPackages("libreoffice", [
    "libreoffice-core-nogui",
    "libreoffice-writer-nogui",
    "libreoffice-impress-nogui",
    "poppler-utils",
    "fonts-liberation",
    "fontconfig-config",
  ]);
  const folder = await mkdtemp(join(tmpdir(), "libreoffice-"));
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const fonts = join(folder, "fonts.conf");
  // Only its own fonts, so that pages look alike on every machine; Arial is Liberation Sans by its widths.
  await writeFile(
    fonts,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(root, "usr/share/fonts")}</dir><cachedir>${join(folder, "fontcache")}</cachedir>
<alias binding="same"><family>Arial</family><prefer><family>Liberation Sans</family></prefer></alias></fontconfig>
`,
  );
  const env = {
    ...process.env,
    HOME: folder,
    FONTCONFIG_FILE: fonts,
    LD_LIBRARY_PATH: `${join(root, "usr/lib/libreoffice/program")}:${libraries}:${join(root, "lib/x86_64-linux-gnu")}`,
  };
  // It was built for /usr and /etc; these say where it lies instead.
  const registry = `file://${root}/usr/lib/libreoffice/share/.registry`;
  const layers = `xcsxcu:${registry} res:${registry} user:!file://${folder}/profile/user/registrymodifications.xcu`;
  const places = [
    `-env:BRAND_BASE_DIR=file://${root}/usr/lib/libreoffice`,
    `-env:CONFIGURATION_LAYERS=${layers}`,
    `-env:UserInstallation=file://${folder}/profile`,
  ];
  const poppler = async (program: string, args: readonly string[]): Promise<string> =>
    (await execute(join(root, "usr/bin", program), [...args], { env, maxBuffer: 2 ** 26 })).stdout;
  return {
    async toPdf(files, into) {
      await mkdir(into, { recursive: true });
      const program = join(root, "usr/lib/libreoffice/program/soffice.bin");
      const args = [...places, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", into, ...files];
      const convert = () => execute(program, args, { env, timeout: 300_000, maxBuffer: 2 ** 24 });
      // It ends with 81 when it has made its profile, and wants to be started again.
      await convert().catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === 81) return convert();
        throw error;
      });
      return files.map((file) => join(into, basename(file).replace(/\.\w+$/, ".pdf")));
    },
    async pages(pdf) {
      return Number(/^Pages:\s+(\d+)/m.exec(await poppler("pdfinfo", [pdf]))?.[1] ?? Number.NaN);
    },
    async text(pdf) {
      return (await poppler("pdftotext", ["-layout", pdf, "-"])).split("\f").slice(0, -1);
    },
    async words(pdf) {
      const pages = (await poppler("pdftotext", ["-bbox", pdf, "-"])).split("<page ").slice(1);
      return pages.flatMap((page, index) =>
        [...page.matchAll(/<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)<\/word>/g)].map(
          ([, left, top, right, bottom, text = ""]) => ({
            page: index + 1,
            text,
            left: Number(left),
            top: Number(top),
            right: Number(right),
            bottom: Number(bottom),
          }),
        ),
      );
    },
    async pictures(pdf, into, resolution = 80) {
      await mkdir(into, { recursive: true });
      await poppler("pdftoppm", ["-png", "-r", String(resolution), pdf, join(into, basename(pdf, ".pdf"))]);
      return (await readdir(into))
        .filter((name) => name.startsWith(basename(pdf, ".pdf")))
        .toSorted()
        .map((name) => join(into, name));
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}
