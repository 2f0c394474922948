import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MillwrightError } from "../error.ts";
import type { ModelFile, ModelVersion } from "./version.ts";

/** Hash and size of each file of a folder. */
export function describeFiles(directory: string, names: readonly string[]): Record<string, ModelFile> {
  return Object.fromEntries(
    names.toSorted().map((name) => {
      const content = readFileSync(join(directory, name));
      return [name, { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length }];
    }),
  );
}

/** Copies files into `target`, whole or not at all: aside first, on the disk for good, then renamed. A `target` left by a crash is replaced. */
export function placeFiles(source: string, names: readonly string[], extra: Readonly<Record<string, string>>, target: string): void {
  const aside = `${target}.partial`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  for (const name of names) {
    copyFileSync(join(source, name), join(aside, name));
    synchronise(join(aside, name));
  }
  for (const [name, content] of Object.entries(extra)) {
    writeFileSync(join(aside, name), content);
    synchronise(join(aside, name));
  }
  synchronise(aside);
  rmSync(target, { recursive: true, force: true });
  renameSync(aside, target);
  synchronise(join(target, ".."));
}

function synchronise(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes every folder `<root>/<model>/<name>` that `known` does not list: what a crash left behind. */
export function removeLeftovers(root: string, known: ReadonlySet<string>): void {
  for (const model of readdirSync(root, { withFileTypes: true })) {
    if (!model.isDirectory()) continue;
    for (const entry of readdirSync(join(root, model.name), { withFileTypes: true })) {
      const path = join(root, model.name, entry.name);
      if (entry.isDirectory() && !known.has(path)) rmSync(path, { recursive: true, force: true });
    }
  }
}

/**
 * The content of one of a version's files.
 *
 * @throws MillwrightError `model-file-missing`, or `model-file-changed` where its hash is not the registered one.
 */
export async function readModelFile(
  version: Pick<ModelVersion, "model" | "version" | "directory" | "files">,
  name: string,
): Promise<Buffer> {
  const registered = version.files[name];
  const path = join(version.directory, name);
  if (registered === undefined) {
    throw new MillwrightError({
      code: "model-file-missing",
      what: `version ${version.version} of model '${version.model}' has no file ${name}`,
      fix: `use one of: ${Object.keys(version.files).join(", ")}`,
    });
  }
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new MillwrightError({
      code: "model-file-missing",
      what: `the file ${name} of version ${version.version} of model '${version.model}' is gone`,
      where: path,
      fix: "restore it from a backup, or train the model again",
    });
  });
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (sha256 !== registered.sha256) {
    throw new MillwrightError({
      code: "model-file-changed",
      what: `the file ${name} of version ${version.version} of model '${version.model}' has the hash ${sha256}, not the registered ${registered.sha256}`,
      where: path,
      fix: "restore it from a backup, or train the model again; do not serve it",
    });
  }
  return content;
}
