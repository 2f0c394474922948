import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { changesOf } from "../present/against/changes.ts";
import { designFiles } from "../present/design.ts";
import { feedbackFile, readFeedback } from "../present/review/feedback.ts";
import { runSteps } from "./design-steps.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, required } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { planAt } from "./reference.ts";
import { formatSeconds, plural } from "./text.ts";

/** `millwright design` */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parsing(() =>
    parseArgs({
      args: [...args],
      options: { ...commonOptions, out: { type: "string" }, steps: { type: "boolean", default: false }, against: { type: "string" } },
    }),
  );
  if (values.steps) return runSteps(values);
  const began = performance.now();
  const out = resolve(required(values.out, "--out", "design"));
  const note = (text: string): void => {
    if (!values.json) stderr.write(`${text}\n`);
  };
  const loaded = await loadPlatform(values);
  const { definition, environment, directory } = loaded;
  note(`planning ${definition.name} in ${environment.name}`);
  const plan = planPlatform(planInputOf({ definition, environment, directory }));
  const changes =
    values.against === undefined
      ? null
      : changesOf(
          isAbsolute(values.against) ? basename(values.against) : values.against,
          await planAt(values.against, loaded),
          plan,
          readFeedback(join(directory, feedbackFile)),
        );
  const files = await designFiles(definition, plan, note, changes);
  for (const { name, content } of files) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    await writeFile(join(out, name), content);
  }
  const list = files.map(({ name, what, content }) => ({ name, what, bytes: Buffer.byteLength(content) }));
  stdout.write(
    values.json
      ? `${JSON.stringify({ directory: out, environment: environment.name, files: list })}\n`
      : `${plural(files.length, "file")} in ${out}, ${formatSeconds((performance.now() - began) / 1000)}; begin with README.md\n`,
  );
  return exitCodes.done;
}
