import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Definition, EnvironmentNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { environmentOf } from "../run/bind.ts";

export interface LoadedPlatform {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  /** The platform file's folder. */
  readonly directory: string;
  readonly file: string;
}

/** Loads the platform file named by --file, or platform.ts here or in a folder above, and picks --env. */
export async function loadPlatform(options: {
  readonly file?: string | undefined;
  readonly env?: string | undefined;
}): Promise<LoadedPlatform> {
  const file = options.file === undefined ? findPlatformFile(process.cwd()) : resolve(options.file);
  if (!existsSync(file))
    throw new MillwrightError({ code: "no-platform", what: `there is no file ${file}`, fix: "name the platform file with --file" });
  const module: { default?: unknown } = await import(pathToFileURL(file).href);
  const definition = module.default;
  if (!isDefinition(definition)) {
    throw new MillwrightError({
      code: "no-platform",
      what: "the file's default export is no platform",
      where: { file, line: 1 },
      fix: "export default platform({ ... })",
    });
  }
  const name = options.env ?? Object.keys(definition.environments)[0];
  if (name === undefined)
    throw new MillwrightError({
      code: "no-environment",
      what: "the platform has no environment",
      where: definition.origin,
      fix: "add environments: { local: environment({ ... }) }",
    });
  return { definition, environment: environmentOf(definition, name), directory: dirname(file), file };
}

function findPlatformFile(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "platform.ts");
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) {
      throw new MillwrightError({
        code: "no-platform",
        what: `there is no platform.ts in ${start} or above`,
        fix: "write one with millwright init, or name it with --file",
      });
    }
  }
}

function isDefinition(value: unknown): value is Definition {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "platform" &&
    "assets" in value &&
    "environments" in value
  );
}
