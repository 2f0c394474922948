import { arch, platform } from "node:os";
import { MillwrightError } from "../../error.ts";
import { wheelFile } from "../../fetch/wheel.ts";
import { loadWithOpenMP } from "./openmp.ts";

/** The LightGBM whose C library is used. */
export const lightgbmVersion = "4.7.0";

/** Its PyPI wheels, by operating system and processor: SHA-256 of the wheel, and the library inside it. */
const wheels: Readonly<Record<string, { readonly sha256: string; readonly path: string }>> = {
  "linux-x64": { sha256: "d23e922acd891e77212e4d0fbcee9ba973c96dee479491341d05ba595357ebb7", path: "lightgbm/lib/lib_lightgbm.so" },
  "linux-arm64": { sha256: "d4529acec5c6fefe4768302a529707d0ead90f6a6f42df694b856212e09695b8", path: "lightgbm/lib/lib_lightgbm.so" },
  "darwin-arm64": { sha256: "129535462686f274df179133643118c5c5c5667167fe6c3a28d955f0b3c8e868", path: "lightgbm/lib/lib_lightgbm.dylib" },
};

/** A pointer to one of the library's objects, opaque to us. */
export type Handle = unknown;

/** The calls of LightGBM's C interface that we use; each throws the library's own message when it fails. See LightGBM's include/LightGBM/c_api.h. */
export interface LightGBM {
  datasetFromMatrix(matrix: Float32Array, rows: number, columns: number, parameters: string, reference: Handle | null): Handle;
  setLabels(dataset: Handle, labels: Float32Array): void;
  freeDataset(dataset: Handle): void;
  createBooster(dataset: Handle, parameters: string): Handle;
  addValidation(booster: Handle, dataset: Handle): void;
  /** True when no further split improves the model. */
  update(booster: Handle): boolean;
  /** The present probabilities of the first validation data set, written into an array of its length. */
  validationProbabilities(booster: Handle, into: Float64Array): void;
  /** The model as text, with at most `trees` trees. */
  save(booster: Handle, trees: number): string;
  load(text: string): Handle;
  /** Probabilities of the positive label. */
  predict(booster: Handle, matrix: Float32Array, rows: number, columns: number, parameters: string): Float64Array<ArrayBuffer>;
  freeBooster(booster: Handle): void;
}

/** Downloads LightGBM's C library when the cache lacks it; gives its path. */
export async function lightgbmFile(): Promise<string> {
  const wheel = wheels[`${platform()}-${arch()}`];
  if (wheel === undefined) {
    throw new MillwrightError({
      code: "platform-unsupported",
      what: `there is no LightGBM library for ${platform()} on ${arch()}`,
      fix: "train on Linux (x86-64, ARM64) or macOS (ARM64)",
    });
  }
  return wheelFile({ package: "lightgbm", version: lightgbmVersion, ...wheel });
}

/**
 * Loads the library into this process.
 *
 * @throws MillwrightError `openmp-missing` where the OpenMP run-time library that it needs can be had neither from the system nor by download.
 */
export async function loadLightGBM(file: string): Promise<LightGBM> {
  const { default: koffi } = await import("koffi");
  const library = await loadWithOpenMP((path) => koffi.load(path), file);
  const lastError = library.func("const char* LGBM_GetLastError()");
  const call = (declaration: string): ((...values: unknown[]) => void) => {
    const native = library.func(declaration);
    return (...values) => {
      if (native(...values) !== 0) throw new Error(`LightGBM: ${String(lastError())}`);
    };
  };
  const datasetCreateFromMat = call(
    "int LGBM_DatasetCreateFromMat(const void* data, int type, int32_t rows, int32_t columns, int row_major, const char* parameters, void* reference, _Out_ void** out)",
  );
  const datasetSetField = call("int LGBM_DatasetSetField(void* dataset, const char* name, const void* data, int count, int type)");
  const datasetFree = call("int LGBM_DatasetFree(void* dataset)");
  const boosterCreate = call("int LGBM_BoosterCreate(void* dataset, const char* parameters, _Out_ void** out)");
  const boosterAddValidData = call("int LGBM_BoosterAddValidData(void* booster, void* dataset)");
  const boosterUpdateOneIter = call("int LGBM_BoosterUpdateOneIter(void* booster, _Out_ int* finished)");
  const boosterGetPredict = call("int LGBM_BoosterGetPredict(void* booster, int data, _Out_ int64_t* length, void* out)");
  const boosterSaveModelToString = call(
    "int LGBM_BoosterSaveModelToString(void* booster, int start, int trees, int importance, int64_t capacity, _Out_ int64_t* length, void* out)",
  );
  const boosterLoadModelFromString = call("int LGBM_BoosterLoadModelFromString(const char* text, _Out_ int* iterations, _Out_ void** out)");
  const boosterPredictForMat = call(
    "int LGBM_BoosterPredictForMat(void* booster, const void* data, int type, int32_t rows, int32_t columns, int row_major, int kind, int start, int trees, const char* parameters, _Out_ int64_t* length, void* out)",
  );
  const boosterFree = call("int LGBM_BoosterFree(void* booster)");
  const float32 = 0;
  const rowMajor = 1;
  return {
    datasetFromMatrix(matrix, rows, columns, parameters, reference) {
      const out: Handle[] = [null];
      datasetCreateFromMat(matrix, float32, rows, columns, rowMajor, parameters, reference, out);
      return out[0];
    },
    setLabels: (dataset, labels) => datasetSetField(dataset, "label", labels, labels.length, float32),
    freeDataset: (dataset) => datasetFree(dataset),
    createBooster(dataset, parameters) {
      const out: Handle[] = [null];
      boosterCreate(dataset, parameters, out);
      return out[0];
    },
    addValidation: (booster, dataset) => boosterAddValidData(booster, dataset),
    update(booster) {
      const finished = [0];
      boosterUpdateOneIter(booster, finished);
      return finished[0] === 1;
    },
    validationProbabilities: (booster, into) => boosterGetPredict(booster, 1, [0], into),
    save(booster, trees) {
      const length = [0];
      boosterSaveModelToString(booster, 0, trees, 0, 0, length, null);
      const text = Buffer.alloc(Number(length[0]));
      boosterSaveModelToString(booster, 0, trees, 0, text.length, length, text);
      return text.toString("utf8", 0, text.length - 1); // without the closing zero byte
    },
    load(text) {
      const out: Handle[] = [null];
      boosterLoadModelFromString(text, [0], out);
      return out[0];
    },
    predict(booster, matrix, rows, columns, parameters) {
      const probabilities = new Float64Array(rows);
      boosterPredictForMat(booster, matrix, float32, rows, columns, rowMajor, 0, 0, -1, parameters, [0], probabilities);
      return probabilities;
    },
    freeBooster: (booster) => boosterFree(booster),
  };
}
