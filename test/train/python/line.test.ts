import { expect, test } from "vitest";
import { readLine } from "../../../src/train/python/line.ts";

test.each([
  ['{"progress": {"done": 3, "total": 10, "unit": "trees"}}', { kind: "progress", step: { done: 3, total: 10, unit: "trees" } }],
  ['{"progress": {"done": 3}}', { kind: "progress", step: { done: 3, total: null, unit: "steps" } }],
  ['{"progress": {"done": 3, "total": 10, "unit": "epochs"}}', { kind: "progress", step: { done: 3, total: 10, unit: "steps" } }],
  ['{"metric": {"name": "loss", "step": 3, "value": 0.4}}', { kind: "metric", name: "loss", step: 3, value: 0.4 }],
])("%s is understood", (line, said) => {
  expect(readLine(line)).toEqual(said);
});

test.each([
  "epoch 3: 0.4",
  "",
  "{not JSON}",
  '{"metric": {"name": "loss", "step": 3, "value": NaN}}',
  '{"metric": {"name": "loss", "step": "3", "value": 1}}',
  '{"metric": {"name": "", "step": 3, "value": 1}}',
  '{"progress": {"done": "three"}}',
  '{"progress": 3}',
  '{"level": "info"}',
  "[1, 2]",
])("%s is the log's", (line) => {
  expect(readLine(line)).toEqual({ kind: "log" });
});
