import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MillwrightError } from "../../error.ts";
import { newestModel } from "../../run/standing.ts";
import { unknown, type Figure } from "../figure.ts";
import { modelOfFile } from "../inference/onnx.ts";
import type { ModelMeasurements } from "../vocabulary.ts";
import { measured, numberOf, partOf, type Told } from "./told.ts";

/** Figures of a model's newest version, accepted or not; null before there is one. */
export function measuredModel(name: string, told: Told): ModelMeasurements | null {
  const event = newestModel(name, told.latest);
  if (event === undefined) return null;
  const { body } = event;
  const version = String(body["version"]);
  const by = { what: `version ${version} of ${name}${told.where}`, run: event.run, time: event.time };
  const quality = Object.entries(partOf(body, "metrics") ?? {}).flatMap(([metric, value]): [string, Figure][] =>
    numberOf(value) === null ? [] : [[metric, measured(metric, "count", value, by)]],
  );
  return Object.freeze<ModelMeasurements>({
    version,
    quality: Object.fromEntries(quality),
    seconds: measured("seconds of its training", "seconds", body["seconds"], by),
    rows: measured("rows that it was trained on", "count", body["rows"], by),
    ...ofFile(join(told.state, "models", name, String(body["content"]), "model.onnx"), by),
  });
}

/** Bytes; what is larger is not read each time that somebody plans. */
const readable = 2 ** 28;

/** What the registry's file of a version says by itself. */
function ofFile(file: string, by: Parameters<typeof measured>[3]): Pick<ModelMeasurements, "operations" | "bytes"> {
  const bytes = existsSync(file) ? statSync(file).size : null;
  return { operations: operationsOf(file, bytes, by), bytes: measured("bytes of its file", "bytes", bytes, by) };
}

function operationsOf(file: string, bytes: number | null, by: Parameters<typeof measured>[3]): Figure {
  const name = "operations of a prediction";
  if (bytes === null || bytes > readable)
    return unknown(name, "count", bytes === null ? "its file is not here" : "its file is too large to be counted here");
  try {
    const { gigaOperations } = modelOfFile(readFileSync(file), file, undefined);
    return measured(name, "count", Math.round(gigaOperations * 1e9), { ...by, what: `counted in the file of ${by.what}` });
  } catch (error) {
    if (!(error instanceof MillwrightError)) throw error;
    return unknown(name, "count", error.problem.what);
  }
}
