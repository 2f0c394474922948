import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";

/** `millwright init`: a platform file with one table per data file of the folder, or a whole platform of a domain with its own data. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { ...commonOptions, template: { type: "string" } } }),
  );
  const folder = resolve(positionals[0] ?? ".");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "platform.ts");
  if (existsSync(file))
    throw new MillwrightError({ code: "exists", what: `${file} is there already`, fix: "edit it, or choose another folder" });
  if (values.template !== undefined) {
    copyTemplate(values.template, folder);
    stdout.write(
      values.json
        ? `${JSON.stringify({ file })}\n`
        : `wrote ${file} and what makes its synthetic data\nnext: npx millwright run, then npx millwright plan --env prod and npx millwright design --env prod --out design\n`,
    );
    return exitCodes.done;
  }
  const found = readdirSync(folder).filter((name) => /\.(csv|jsonl|ndjson|parquet)(\.gz|\.zst)?$/.test(name));
  const example = found.length === 0;
  if (example)
    writeFileSync(
      join(folder, "orders.csv"),
      "id,customer,amount,ordered_at\n1,ada,12.50,2026-01-05T09:30:00Z\n2,max,8.00,2026-01-05T10:00:00Z\n3,ada,20.00,2026-01-06T11:15:00Z\n",
    );
  writeFileSync(file, platformText(identifierOf(basename(folder)), example ? ["orders.csv"] : found));
  if (values.json) stdout.write(`${JSON.stringify({ file })}\n`);
  else
    stdout.write(
      `wrote ${file}\nnext: npx millwright run, then npx millwright query "select * from ${tableName(example ? "orders.csv" : (found[0] ?? ""))} limit 10"\n`,
    );
  return exitCodes.done;
}

const templates = fileURLToPath(new URL("../../templates/", import.meta.url));

/** Copies the files of a domain's template. @throws MillwrightError `unknown-template` listing those there are, `exists` before any file is written. */
function copyTemplate(name: string, folder: string): void {
  const names = readdirSync(templates, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  if (!names.includes(name))
    throw new MillwrightError({ code: "unknown-template", what: `there is no template '${name}'`, fix: `use one of: ${names.join(", ")}` });
  const copies = [
    ...readdirSync(join(templates, name)).map((file) => [join(templates, name, file), join(folder, file)] as const),
    [join(templates, "synthetic.ts"), join(folder, "synthetic.ts")] as const,
  ];
  const there = copies.find(([, to]) => existsSync(to));
  if (there !== undefined)
    throw new MillwrightError({ code: "exists", what: `${there[1]} is there already`, fix: "choose another folder" });
  for (const [from, to] of copies) copyFileSync(from, to);
}

/** The text of a platform file that extracts these files as they are. */
export function platformText(name: string, files: readonly string[]): string {
  const tables = files.map((file) => ({ file, table: tableName(file) }));
  // A file called after its table is found by itself.
  const others = tables.filter(({ file, table }) => basename(file).replace(/\..*$/, "") !== table);
  const named =
    others.length === 0 ? "" : `, tables: { ${tables.map(({ file, table }) => `${table}: { path: ${JSON.stringify(file)} }`).join(", ")} }`;
  return `import { environment, platform, source } from "millwright";
import { files } from "millwright/systems";

${tables.map(({ table }) => `const ${variableName(table)} = source("data").table("${table}");`).join("\n")}

export default platform({
  name: "${name}",
  assets: [${tables.map(({ table }) => variableName(table)).join(", ")}],
  environments: { local: environment({ data: files({ directory: "."${named} }) }) },
});
`;
}

function tableName(file: string): string {
  return identifierOf(basename(file).replace(/\..*$/, ""));
}

function identifierOf(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  return /^[a-z]/.test(name) ? name : `t_${name}`;
}

function variableName(table: string): string {
  return table.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
