import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { designFiles } from "../present/design.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, required } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { formatSeconds, plural } from "./text.ts";

/** `millwright design` */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parsing(() => parseArgs({ args: [...args], options: { ...commonOptions, out: { type: "string" } } }));
  const began = performance.now();
  const out = resolve(required(values.out, "--out", "design"));
  const note = (text: string): void => {
    if (!values.json) stderr.write(`${text}\n`);
  };
  const { definition, environment, directory } = await loadPlatform(values);
  note(`planning ${definition.name} in ${environment.name}`);
  const plan = planPlatform(planInputOf({ definition, environment, directory }));
  const files = await designFiles(definition, plan, note);
  await mkdir(out, { recursive: true });
  for (const { name, content } of files) await writeFile(join(out, name), content);
  const list = files.map(({ name, what, content }) => ({ name, what, bytes: Buffer.byteLength(content) }));
  stdout.write(
    values.json
      ? `${JSON.stringify({ directory: out, environment: environment.name, files: list })}\n`
      : `${plural(files.length, "file")} in ${out}, ${formatSeconds((performance.now() - began) / 1000)}; begin with README.md\n`,
  );
  return exitCodes.done;
}
