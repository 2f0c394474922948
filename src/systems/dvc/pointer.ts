import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Pinned } from "./objects.ts";

/** What a `.dvc` file says besides: DVC leaves `meta` alone, and shows `desc`. */
export interface Words {
  readonly description: string;
  readonly meta: Readonly<Record<string, string | number>>;
}

/** Writes `<path>.dvc`, which pins the file or folder `path`, and keeps git from taking that in. */
export async function writePointer(path: string, { md5, size, files }: Pinned, { description, meta }: Words): Promise<void> {
  const name = basename(path);
  const lines = [
    "outs:",
    `- md5: ${md5}`,
    `  size: ${size}`,
    ...(files === null ? [] : [`  nfiles: ${files}`]),
    "  hash: md5",
    `  path: ${JSON.stringify(name)}`,
    `desc: ${JSON.stringify(description)}`,
    "meta:",
    "  millwright:",
    ...Object.entries(meta).map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`),
  ];
  await writeWhole(`${path}.dvc`, `${lines.join("\n")}\n`);
  const ignore = join(dirname(path), ".gitignore");
  const ignored = existsSync(ignore) ? await readFile(ignore, "utf8") : "";
  if (!ignored.split("\n").includes(`/${name}`))
    await writeWhole(ignore, `${ignored === "" || ignored.endsWith("\n") ? ignored : `${ignored}\n`}/${name}\n`);
}

/** What a `.dvc` file pins, and our own words in it; null when there is none. */
export async function readPointer(path: string): Promise<{ readonly md5: string; readonly meta: Readonly<Record<string, string>> } | null> {
  if (!existsSync(`${path}.dvc`)) return null;
  const text = await readFile(`${path}.dvc`, "utf8");
  const md5 = /^\s*-?\s*md5:\s*['"]?([0-9a-f]{32}(?:\.dir)?)['"]?\s*$/m.exec(text)?.[1];
  if (md5 === undefined) return null;
  const meta = [...text.matchAll(/^ {4}['"]?([^'":\n]+)['"]?: (.+)$/gm)].map(([, key = "", value = ""]) => [
    key,
    value.replace(/^(["'])(.*)\1$/, "$2"),
  ]);
  return { md5, meta: Object.fromEntries(meta) };
}

/** Writes a small file whole or not at all, and not when it holds that already. */
export async function writeWhole(file: string, content: string): Promise<void> {
  if (existsSync(file) && (await readFile(file, "utf8")) === content) return;
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.partial`;
  await writeFile(aside, content);
  await rename(aside, file);
}
