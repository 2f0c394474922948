import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { canonicalJson } from "../define/canonical.ts";
import { MillwrightError } from "../error.ts";
import type { PackageKind } from "./kinds.ts";

/** A named tensor, as the Open Inference Protocol describes it. */
export interface PackageTensor {
  readonly name: string;
  readonly datatype: string;
  /** -1 is the rows of a request. */
  readonly shape: readonly number[];
}

/** One file, or several that belong together, that one runtime loads. */
export interface PackagePart {
  readonly name: "model" | "preparation" | "core";
  /** `onnxruntime`, `openvino`, `tensorrt`. */
  readonly runtime: string;
  /** What the runtime is given; the part's other files lie beside it. */
  readonly file: string;
  readonly inputs: readonly PackageTensor[];
  readonly outputs: readonly PackageTensor[];
}

/** How a package was held against ONNX Runtime. */
export interface PackageCheck {
  readonly what: string;
  readonly rows: number;
  /** `test rows`: of the version's own test period, read again; `profile`: made up from how the features were distributed. */
  readonly from: "test rows" | "profile";
  /** The largest difference of a probability that was allowed, and the one that was found. */
  readonly tolerance: number;
  readonly maximumDifference: number;
}

/** `manifest.json` of a package: what it is, and every file's hash. */
export interface PackageManifest {
  readonly format: "millwright-package/1";
  /** SHA-256 over this document without this line, as canonical JSON; and so, by the files' hashes, over everything in the folder. */
  readonly address: `sha256:${string}`;
  readonly kind: PackageKind;
  readonly model: string;
  readonly version: number;
  /** Version of ONNX's operators. */
  readonly opset: number;
  /** What a request to the whole holds: raw features, where the model was trained here. */
  readonly inputs: readonly PackageTensor[];
  readonly outputs: readonly PackageTensor[];
  /** In the order in which they run, the outputs of one being the inputs of the next. */
  readonly parts: readonly PackagePart[];
  readonly checks: readonly PackageCheck[];
  /** What could not be shown on the machine that made the package, and how to show it. */
  readonly unproven: readonly string[];
  readonly provenance: {
    /** The registered version's own content hash, and that of the file that it serves. */
    readonly content: string;
    readonly onnx: string;
    /** Table to snapshot. */
    readonly inputs: Readonly<Record<string, string>>;
    readonly definitionHash: string;
    readonly codeHash: string;
    readonly trainer: string;
    /** Programs that made the files: `openvino 2026.4.1`. */
    readonly madeBy: readonly string[];
  };
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

/** The manifest's name in every package. */
export const manifestName = "manifest.json";

/** The address of what a manifest says. */
export function addressOf(manifest: Omit<PackageManifest, "address">): `sha256:${string}` {
  const { address: _, ...rest }: Partial<PackageManifest> = manifest;
  return `sha256:${sha256(canonicalJson(rest))}`;
}

/** SHA-256 in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Names of all files of a folder and its folders, with `/` between, sorted. */
export async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .toSorted();
}

/** Hash and size of the files of a folder, but for its manifest. */
export async function describePackageFiles(directory: string): Promise<PackageManifest["files"]> {
  const names = (await filesIn(directory)).filter((name) => name !== manifestName);
  const described = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(directory, name));
      return [name, { sha256: sha256(content), bytes: content.length }] as const;
    }),
  );
  return Object.fromEntries(described);
}

/**
 * Reads a package and holds it against its address: manifest, every file's hash, no file missing or too many.
 *
 * @param expected - The address that the package must have; without it, the one that its own manifest names.
 * @throws MillwrightError `package-missing`; `package-changed` with the file that differs; `package-address` where it is another package than expected.
 */
export async function verifyPackage(directory: string, expected?: string): Promise<PackageManifest> {
  const manifest = await readManifest(directory);
  const changed = (what: string, where: string): MillwrightError =>
    new MillwrightError({ code: "package-changed", what, where, fix: "do not serve it; make the package again: millwright package" });
  const address = addressOf(manifest);
  if (address !== manifest.address)
    throw changed(
      `the manifest of the package was changed: it has the address ${address} and names ${manifest.address}`,
      join(directory, manifestName),
    );
  if (expected !== undefined && expected !== address)
    throw new MillwrightError({
      code: "package-address",
      what: `the package is ${address} (${manifest.model}, version ${manifest.version}, ${manifest.kind}), not ${expected}`,
      where: directory,
      fix: "name the package's own address, or fetch the one that was meant",
    });
  const found = await describePackageFiles(directory);
  for (const [name, { sha256: registered, bytes }] of Object.entries(manifest.files)) {
    const file = found[name];
    if (file === undefined) throw changed(`the package's file ${name} is gone`, join(directory, name));
    if (file.sha256 !== registered)
      throw changed(
        `the package's file ${name} has the hash ${file.sha256} (${file.bytes} bytes), not ${registered} (${bytes} bytes)`,
        join(directory, name),
      );
  }
  const foreign = Object.keys(found).find((name) => manifest.files[name] === undefined);
  if (foreign !== undefined)
    throw changed(`the package holds the file ${foreign}, which its manifest does not name`, join(directory, foreign));
  return manifest;
}

async function readManifest(directory: string): Promise<PackageManifest> {
  const file = join(directory, manifestName);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    throw new MillwrightError({
      code: "package-missing",
      what: "there is no package",
      where: file,
      fix: "name the folder that millwright package wrote with --out",
    });
  });
  const unreadable = (reason: string): MillwrightError =>
    new MillwrightError({
      code: "package-changed",
      what: `the manifest cannot be read: ${reason}`,
      where: file,
      fix: "make the package again",
    });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
  if (!isManifest(document)) throw unreadable("it is no manifest of a package, or of a later format");
  return document;
}

function isManifest(value: unknown): value is PackageManifest {
  if (typeof value !== "object" || value === null || !("format" in value) || value.format !== "millwright-package/1") return false;
  return "address" in value && "files" in value && typeof value.files === "object" && value.files !== null;
}
