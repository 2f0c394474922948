import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * What the compiler says about each line, by its index, of a file that begins with `preamble`; -1: about anything else.
 * All lines are compiled together, because the compiler takes a while to start. In the preamble `SRC` is this repository's src.
 * A line that begins with `const` is a statement, every other one an expression.
 */
export function compilerMessages(preamble: string, lines: readonly string[]): ReadonlyMap<number, string> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-types-"));
  try {
    const start = preamble.replaceAll("SRC/", join(root, "src/"));
    writeFileSync(
      join(folder, "platform.ts"),
      `${start}${lines.map((code, index) => (code.startsWith("const") ? `{ ${code}; }` : `export const line${index} = ${code};`)).join("\n")}\n`,
    );
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const options = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        declaration: false,
        rootDir: "/",
        typeRoots: [join(root, "node_modules/@types")],
      },
      include: ["platform.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false", "--noErrorTruncation"],
      { encoding: "utf8" },
    );
    return byLine(stdout, start.split("\n").length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param first the number of the first line, from 1 */
function byLine(output: string, first: number): Map<number, string> {
  const messages = new Map<number, string>();
  let current = -1;
  for (const line of output.split("\n")) {
    const place = /platform\.ts\((\d+),\d+\): error /.exec(line);
    if (place) current = Math.max(-1, Number(place[1]) - first);
    else if (!line.startsWith("  ")) current = -1;
    if (line.trim() !== "") messages.set(current, `${messages.get(current) ?? ""}${line}\n`);
  }
  return messages;
}
