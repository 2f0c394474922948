import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { isRenderKind, renderers, renderKinds, type RenderKind } from "../render/kinds.ts";
import type { Rendered } from "../render/file.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, required } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { plural } from "./text.ts";

/** What became of a file. */
interface Written {
  /** From the folder that was asked for. */
  readonly path: string;
  readonly change: "created" | "changed" | "unchanged";
}

/** `millwright render` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { ...commonOptions, out: { type: "string" } } }),
  );
  const kinds = (positionals.length === 0 ? renderKinds : positionals).map(known);
  const out = required(values.out, "--out", "render");
  const { definition, environment } = await loadPlatform(values);
  // All of it is computed before any of it is written.
  const rendered = new Map<RenderKind, Rendered>();
  for (const kind of kinds) rendered.set(kind, (await renderers[kind]())({ definition, environment }));
  const files: Written[] = [];
  const notes: string[] = [];
  for (const [kind, each] of rendered) {
    files.push(...(await writeAll(join(out, kind), kind, each)));
    notes.push(...each.notes, ...(await leftBehind(join(out, kind), kind, each)));
  }
  if (values.json) stdout.write(`${JSON.stringify({ directory: out, files, notes })}\n`);
  else {
    const counts = (["created", "changed", "unchanged"] as const).map((change) => [
      files.filter((file) => file.change === change).length,
      change,
    ]);
    for (const { path, change } of files) if (change !== "unchanged") stdout.write(`${change.padEnd(8)} ${join(out, path)}\n`);
    stdout.write(`${plural(files.length, "file")}: ${counts.map(([count, change]) => `${count} ${change}`).join(", ")}\n`);
  }
  for (const note of notes) stderr.write(`note: ${note}\n`);
  return exitCodes.done;
}

function known(kind: string): RenderKind {
  if (isRenderKind(kind)) return kind;
  throw new MillwrightError({ code: "bad-option", what: `nothing renders '${kind}'`, fix: `use one of: ${renderKinds.join(", ")}` });
}

async function writeAll(directory: string, kind: RenderKind, { files }: Rendered): Promise<Written[]> {
  return Promise.all(
    files.map(async ({ path, content }) => {
      const file = join(directory, path);
      const before = existsSync(file) ? await readFile(file, "utf8") : null;
      if (before !== content) {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
      const change = before === null ? "created" : before === content ? "unchanged" : "changed";
      return { path: `${kind}/${path}`, change } as const;
    }),
  );
}

/** Files of an earlier rendering that this one has no more: programs that read whole folders would still find them. */
async function leftBehind(directory: string, kind: RenderKind, { files }: Rendered): Promise<string[]> {
  const now = new Set(files.map(({ path }) => path));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .filter((path) => !now.has(path))
    .map((path) => `${kind}/${path} is not rendered any more, and was left as it is`);
}
