import { hash } from "node:crypto";
import type { Data } from "../serve/datatype.ts";
import type { PredictionBatch } from "../serve/prediction.ts";
import type { Port } from "../serve/signature.ts";

/** What is kept of an endpoint's predictions. */
export interface LogRule {
  /** Part of the requests, 0 to 1. */
  readonly sample: number;
  /** Inputs and outputs that are not kept. */
  readonly without: readonly string[];
}

export const everything: LogRule = Object.freeze({ sample: 1, without: Object.freeze([]) });

/**
 * Whether a request is kept: its id alone decides, so that it is kept whole, everywhere and each time that it is sent again;
 * and what a smaller sample keeps, a larger one keeps too.
 */
export function isSampled(id: string, sample: number): boolean {
  if (sample >= 1) return true;
  return Number.parseInt(hash("sha256", id).slice(0, 12), 16) / 2 ** 48 < sample;
}

/** The requests of a batch that are kept, without what is not kept of them; null when none is. */
export function sampleBatch(batch: PredictionBatch, { sample, without }: LogRule): PredictionBatch | null {
  const kept = batch.requests.map(({ id }) => isSampled(id, sample));
  if (!kept.includes(true)) return null;
  if (!kept.includes(false) && without.length === 0) return batch;
  const rows = batch.requests.flatMap(({ rows: count }, index) => new Array<boolean>(count).fill(kept[index] ?? false));
  const part = (ports: readonly Port[], data: readonly Data[]): readonly Data[] =>
    ports.flatMap((port, index) => (without.includes(port.name) ? [] : [rowsOf(data[index] ?? [], port.width, rows)]));
  const { inputs, outputs } = batch.signature;
  return {
    ...batch,
    signature: signatureWithout(batch.signature, without),
    requests: batch.requests.filter((_, index) => kept[index]),
    rows: rows.filter(Boolean).length,
    inputs: part(inputs, batch.inputs),
    outputs: part(outputs, batch.outputs),
  };
}

/** Made once for each signature: what is written together is found by it. */
const signatures = new WeakMap<PredictionBatch["signature"], Map<string, PredictionBatch["signature"]>>();

function signatureWithout(signature: PredictionBatch["signature"], without: readonly string[]): PredictionBatch["signature"] {
  if (without.length === 0) return signature;
  const known = signatures.get(signature) ?? new Map<string, PredictionBatch["signature"]>();
  signatures.set(signature, known);
  const key = JSON.stringify(without);
  let found = known.get(key);
  if (found === undefined) {
    const stays = ({ name }: Port): boolean => !without.includes(name);
    known.set(key, (found = { inputs: signature.inputs.filter(stays), outputs: signature.outputs.filter(stays) }));
  }
  return found;
}

function rowsOf(data: Data, width: number, kept: readonly boolean[]): Data {
  const chosen = (_: unknown, index: number): boolean => kept[Math.floor(index / width)] ?? false;
  // A copy: what is kept must not hold the whole batch in memory.
  return data.filter(chosen);
}
