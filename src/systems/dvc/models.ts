import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MillwrightError } from "../../error.ts";
import type { PublishedModel } from "../roles.ts";
import { filesOf, keepFolder, takeFile } from "./objects.ts";
import { readPointer, writePointer, writeWhole } from "./pointer.ts";
import type { Repository } from "./repository.ts";
import { fileName, filesOfRuns } from "./runs.ts";

/** `versions.json` of a model's folder. */
interface Versions {
  readonly versions: Readonly<
    Record<string, { readonly description: string; readonly run: string; readonly tags: Readonly<Record<string, string>> }>
  >;
  /** Alias to version. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** Pins a version as `models/<model>/<version>.dvc`. The champion's figures and parameters stand beside it, so that their changes are those of git. */
export async function publishModel({ root, stores }: Repository, model: PublishedModel): Promise<void> {
  const folder = join(root, "models", fileName(model.model));
  const version = String(model.version);
  const before = await readVersions(folder);
  const pinned = await keepFolder(stores, model.directory, model.files);
  const target = join(folder, version);
  for (const { md5, relpath } of await filesOf(stores, pinned.md5)) {
    await mkdir(dirname(join(target, relpath)), { recursive: true });
    if (!existsSync(join(target, relpath))) await takeFile(stores, md5, join(target, relpath));
  }
  await writePointer(target, pinned, {
    description: model.description,
    meta: { model: model.model, version: model.version, run: model.run },
  });
  const others = Object.entries(before.aliases).filter(([alias, of]) => of !== version && !model.aliases.includes(alias));
  const { description, run, tags } = model;
  const now: Versions = {
    versions: { ...before.versions, [version]: { description, run, tags } },
    aliases: Object.fromEntries([...others, ...model.aliases.map((alias) => [alias, version] as const)].toSorted()),
  };
  await writeWhole(join(folder, "versions.json"), `${JSON.stringify(now, null, 1)}\n`);
  if (model.aliases.includes("champion")) {
    const figures = join(root, "runs", fileName(model.model), fileName(run));
    for (const name of ["params.yaml", "metrics.json"])
      if (existsSync(join(figures, name))) await copyFile(join(figures, name), join(folder, name));
  }
  await writeWhole(join(folder, "dvc.yaml"), `${filesOfRuns(folder, [""])}${artifacts(model.model, now)}`);
}

/** DVC's registry words: `dvc artifacts get` finds a version by `<model>-v<version>`. */
function artifacts(model: string, { versions, aliases }: Versions): string {
  const name = model.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const entries = Object.entries(versions).flatMap(([version, { description }]) => {
    const labels = Object.keys(aliases).filter((alias) => aliases[alias] === version);
    return [
      `  ${name}-v${version}:`,
      `    path: ${JSON.stringify(version)}`,
      "    type: model",
      `    desc: ${JSON.stringify(description)}`,
      ...(labels.length === 0 ? [] : [`    labels: ${JSON.stringify(labels)}`]),
    ];
  });
  return ["artifacts:", ...entries, ""].join("\n");
}

/** The version that a number or alias means. @throws MillwrightError `unknown-model` */
export async function resolveVersion({ root }: Repository, model: string, reference: string): Promise<string> {
  const { versions, aliases } = await readVersions(join(root, "models", fileName(model)));
  const version = versions[reference] === undefined ? aliases[reference] : reference;
  if (version !== undefined) return version;
  throw new MillwrightError({
    code: "unknown-model",
    what: `the DVC repository has no '${reference}' of a model '${model}'`,
    where: root,
    fix:
      Object.keys(versions).length === 0
        ? "publish the model first: bind the repository as the tracker of the platform that trains it"
        : `it has: ${[...Object.keys(versions), ...Object.keys(aliases)].join(", ")}`,
  });
}

/** Copies a version's ONNX file out of DVC's cache. */
export async function fetchModel(
  repository: Repository,
  model: string,
  reference: string,
  directory: string,
): Promise<{ readonly file: string; readonly version: string }> {
  const version = await resolveVersion(repository, model, reference);
  const pointer = await readPointer(join(repository.root, "models", fileName(model), version));
  const entries = pointer === null ? [] : await filesOf(repository.stores, pointer.md5);
  const onnx = entries.find(({ relpath }) => relpath === "model.onnx") ?? entries.find(({ relpath }) => relpath.endsWith(".onnx"));
  if (onnx === undefined)
    throw new MillwrightError({
      code: "no-onnx",
      what: `version ${version} of the model '${model}' holds no ONNX file`,
      where: repository.root,
      fix: "export the model as model.onnx in its training",
    });
  await mkdir(directory, { recursive: true });
  const file = basename(onnx.relpath);
  await takeFile(repository.stores, onnx.md5, join(directory, file));
  return { file, version };
}

async function readVersions(folder: string): Promise<Versions> {
  const file = join(folder, "versions.json");
  if (!existsSync(file)) return { versions: {}, aliases: {} };
  const versions: Versions = JSON.parse(await readFile(file, "utf8"));
  return versions;
}
