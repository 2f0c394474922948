import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as millwright from "../../src/index.ts";
import * as systems from "../../src/systems/index.ts";
import { root, type Snippet } from "./snippets.ts";

/** What became of each snippet, by its index; one that is not there was right. */
export interface Judged {
  readonly compiled: ReadonlyMap<number, string>;
  readonly ran: ReadonlyMap<number, string>;
  /** What the compiler said of anything but the snippets. */
  readonly elsewhere: string;
}

/** A folder in which the built package is installed. */
export function packageFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "millwright-documentation-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "millwright"), "dir");
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Compiles all snippets in one go, each a module of its own, against the built package, and then runs each.
 * Where a snippet is no module by itself it stands inside a function, and may name anything that the package exports and the
 * tables and models of examples/flights, whose schema lock gives the types.
 */
export function judge(snippets: readonly Snippet[]): Judged {
  const { folder, remove } = packageFolder();
  try {
    const example = join(root, "examples", "flights");
    copyFileSync(join(example, "schema.lock.d.ts"), join(folder, "schema.lock.d.ts"));
    const platform = readFileSync(join(example, "platform.ts"), "utf8");
    const declarations = platform.slice(0, platform.indexOf("// Where things are.")).replaceAll(/^const (?=\w+ =)/gm, "export const ");
    writeFileSync(join(folder, "flights.ts"), declarations);
    const preamble = [
      `import { ${Object.keys(millwright).join(", ")} } from "millwright";`,
      `import { ${Object.keys(systems).join(", ")} } from "millwright/systems";`,
      `import { ${[...declarations.matchAll(/^export const (\w+)/gm)].map((match) => match[1]).join(", ")} } from "./flights.ts";`,
      "export async function example(): Promise<unknown> {",
      "",
    ].join("\n");
    snippets.forEach(({ code }, index) => {
      const text = /^(?:import |export \{\})/m.test(code)
        ? code
        : `${preamble}${code.replace(/^export default /m, "return ")}return null;\n}\n`;
      writeFileSync(join(folder, `snippet${index}.ts`), text);
    });
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2024",
          module: "nodenext",
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          allowImportingTsExtensions: true,
          allowUnreachableCode: true,
          skipLibCheck: true,
          types: ["node"],
          typeRoots: [join(root, "node_modules", "@types")],
        },
        include: ["*.ts"],
      }),
    );
    writeFileSync(join(folder, "run.js"), runner(snippets.length));
    const { stdout: compiler } = node(folder, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", ".", "--pretty", "false"]);
    const { stdout: failures, stderr } = node(folder, ["run.js"]);
    if (stderr !== "") throw new Error(`the snippets could not be run: ${stderr}`);
    return { ...bySnippet(compiler), ran: new Map(JSON.parse(failures)) };
  } finally {
    remove();
  }
}

function node(folder: string, args: readonly string[]): { stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, OPS_DATABASE_URL: "mysql://user:secret@127.0.0.1:3306/ops" },
  });
}

/** Imports each snippet, calls it, and prints those that failed; a snippet that shows how an error is thrown throws. */
function runner(count: number): string {
  return `const failed = [];
for (let index = 0; index < ${count}; index++) {
  try {
    const { example } = await import(\`./snippet\${index}.ts\`);
    await example?.();
  } catch (error) {
    if (!/^\\s*throw /m.test(String((await import("node:fs")).readFileSync(\`snippet\${index}.ts\`)))) failed.push([index, String(error?.stack ?? error)]);
  }
}
process.stdout.write(JSON.stringify(failed));
`;
}

function bySnippet(output: string): { compiled: Map<number, string>; elsewhere: string } {
  const compiled = new Map<number, string>();
  let elsewhere = "";
  let current: number | null = null;
  for (const line of output.split("\n").filter((text) => text.trim() !== "")) {
    if (!line.startsWith(" ")) current = Number(/^snippet(\d+)\.ts\(/.exec(line)?.[1] ?? Number.NaN);
    if (current === null || Number.isNaN(current)) elsewhere += `${line}\n`;
    else compiled.set(current, `${compiled.get(current) ?? ""}${line}\n`);
  }
  return { compiled, elsewhere };
}
