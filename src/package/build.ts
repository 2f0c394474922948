import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { MillwrightError, type Origin } from "../error.ts";
import { readModelFile } from "../registry/files.ts";
import type { ModelVersion } from "../registry/version.ts";
import { opsetOf, readModel } from "./graph.ts";
import { kinds, type PackageKind } from "./kinds.ts";
import { addressOf, describePackageFiles, manifestName, sha256, verifyPackage, type PackageManifest } from "./manifest.ts";
import { profileRows, type CheckRows } from "./rows.ts";
import { signatureOf } from "./signature.ts";

export interface BuildOptions {
  /** Rows to compare on. @default made from the version's profile */
  readonly rows?: () => Promise<CheckRows>;
  /** Who asks, for errors of what is installed. */
  readonly where: Origin;
  readonly signal: AbortSignal;
}

/**
 * Makes a package of a registered version: a folder that a server loads, with a manifest that names every file by its hash and the whole by one address.
 * The folder comes into being whole or not at all. One that is there and holds the same package is left as it is.
 *
 * @param out - A folder that does not exist, is empty, or holds the same package.
 * @throws MillwrightError `model-file-changed` where the version's file is not the registered one; `no-core` where the runtime cannot run such a model;
 *   `package-differs` where it gives other results than ONNX Runtime; `package-exists` where something else lies in the folder.
 *
 * @example
 * const { address } = await buildPackage(registry.resolve("arrival_delay@champion"), "openvino", "out/openvino", { where, signal });
 */
export async function buildPackage(version: ModelVersion, kind: PackageKind, out: string, options: BuildOptions): Promise<PackageManifest> {
  const target = resolve(out);
  const bytes = new Uint8Array(await readModelFile(version, "model.onnx"));
  const model = readModel(bytes, join(version.directory, "model.onnx"));
  const builder = await kinds[kind]();
  const aside = join(dirname(target), `.${randomBytes(6).toString("hex")}.partial`);
  await mkdir(aside, { recursive: true });
  try {
    const rows = once(options.rows ?? (() => profileRows(version)));
    const { where, signal } = options;
    const built = await builder.build({ version, bytes, model, directory: aside, rows, where, signal });
    const { description, provenance } = version;
    const manifest = {
      format: "millwright-package/1",
      kind,
      model: version.model,
      version: version.version,
      opset: opsetOf(model),
      ...signatureOf(version),
      parts: built.parts,
      checks: built.checks,
      unproven: built.unproven,
      provenance: {
        content: version.content,
        onnx: sha256(bytes),
        inputs: provenance.inputs,
        definitionHash: provenance.definitionHash,
        codeHash: provenance.codeHash,
        trainer: description.trainer,
        madeBy: built.madeBy,
      },
      files: await describePackageFiles(aside),
    } as const;
    const addressed: PackageManifest = { ...manifest, address: addressOf(manifest) };
    await writeFile(join(aside, manifestName), `${JSON.stringify(addressed, null, 1)}\n`);
    return await place(aside, target, addressed);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Moves a finished package to its place, unless the same one is there. */
async function place(aside: string, target: string, manifest: PackageManifest): Promise<PackageManifest> {
  if (existsSync(target) && (await readdir(target)).length > 0) {
    const there = await verifyPackage(target).catch((error: unknown) => {
      if (error instanceof MillwrightError) return null;
      throw error;
    });
    if (there?.address === manifest.address) return there;
    throw new MillwrightError({
      code: "package-exists",
      what:
        there === null
          ? "the folder is not empty"
          : `the folder holds another package: ${there.address}, ${there.model} version ${there.version}`,
      where: target,
      fix: "name another folder with --out, or empty this one",
    });
  }
  await rm(target, { recursive: true, force: true });
  await rename(aside, target);
  return manifest;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= work());
}
