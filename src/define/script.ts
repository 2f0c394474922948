import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * SHA-256 (cut to 128 bits) over a Python script and the modules and packages beside it that it imports, and those that they import.
 * Null when the script is not there.
 *
 * @param script - From `directory`.
 */
export function scriptHash(script: string, directory: string): string | null {
  const start = resolve(directory, script);
  if (!existsSync(start)) return null;
  const folder = dirname(start);
  const hash = createHash("sha256");
  const read = new Set<string>();
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (read.has(file)) continue;
    read.add(file);
    const content = readFileSync(file);
    hash.update(`${file.slice(folder.length)}\0${content.length}\0`).update(content);
    waiting.push(...localModules(content.toString("utf8"), folder, dirname(file)).toSorted());
  }
  return hash.digest("hex").slice(0, 32);
}

/** The files of a text's imports that lie in one of the folders; packages of PyPI do not, and are known by their versions. */
function localModules(text: string, ...folders: readonly string[]): string[] {
  const names = [...text.matchAll(/^[ \t]*(?:from[ \t]+\.*([\w.]*)[ \t]+import[ \t]+([^\n#]*)|import[ \t]+([\w., \t]+))/gm)].flatMap(
    ([, from, imported, plain]) =>
      plain === undefined ? [from ?? "", ...words(imported ?? "").map((name) => (from === "" ? name : `${from}.${name}`))] : words(plain),
  );
  return names.flatMap((name) => {
    const path = name.split(".").filter((part) => part !== "");
    const parents = path.map((_, depth) => join(...path.slice(0, depth + 1)));
    return folders
      .flatMap((folder) => parents.flatMap((parent) => [join(folder, `${parent}.py`), join(folder, parent, "__init__.py")]))
      .filter((file) => existsSync(file));
  });
}

/** `a, b as c` to `a` and `b`. */
function words(list: string): string[] {
  return list.split(",").flatMap((part) => /^[\s(]*([\w.]+)/.exec(part)?.[1] ?? []);
}
