import type { Origin } from "../error.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { OnnxModel } from "./graph.ts";
import type { PackageCheck, PackagePart } from "./manifest.ts";
import type { CheckRows } from "./rows.ts";

/** What a package is built from. */
export interface PackageSource {
  readonly version: ModelVersion;
  /** The version's served ONNX file, its hash checked. */
  readonly bytes: Uint8Array;
  readonly model: OnnxModel;
  /** An empty folder for the package's files. */
  readonly directory: string;
  /** Rows to compare with, read when they are first asked for. @throws MillwrightError `no-rows` for an imported model. */
  readonly rows: () => Promise<CheckRows>;
  /** Who asks, for errors. */
  readonly where: Origin;
  readonly signal: AbortSignal;
}

/** What a kind's builder says of the files that it wrote into the folder. */
export interface BuiltPackage {
  readonly parts: readonly PackagePart[];
  readonly checks: readonly PackageCheck[];
  readonly unproven: readonly string[];
  readonly madeBy: readonly string[];
}

export interface PackageBuilder {
  build(source: PackageSource): Promise<BuiltPackage>;
}

/** Each kind's builder; loaded when it is asked for. */
export const kinds = {
  onnx: async (): Promise<PackageBuilder> => (await import("./onnx.ts")).onnxPackage,
  openvino: async (): Promise<PackageBuilder> => (await import("./openvino.ts")).openvinoPackage,
  tensorrt: async (): Promise<PackageBuilder> => (await import("./tensorrt.ts")).tensorrtPackage,
} as const;

export type PackageKind = keyof typeof kinds;

export function isPackageKind(name: string): name is PackageKind {
  return Object.hasOwn(kinds, name);
}
