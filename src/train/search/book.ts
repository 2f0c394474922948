import { trainingHash } from "../../define/made.ts";
import type { ModelNode } from "../../define/node.ts";
import { crashPoint } from "../../run/crash.ts";
import type { EventBody } from "../../run/journal.ts";
import type { Session } from "../../run/session.ts";
import { gateMetricNames } from "../accept.ts";
import type { History } from "../trainer.ts";
import type { FoldFigures, TrialOutcome } from "./report.ts";
import type { TrialBook } from "./search.ts";

/**
 * The trials of a model as its environment's journal has them, so that a search that was ended goes on after those that finished.
 * A run that makes everything anew recalls none.
 */
export function journalBook(
  { journal, run, full }: Pick<Session, "journal" | "run" | "full">,
  node: ModelNode,
  inputs: Readonly<Record<string, string>>,
): TrialBook {
  const known = new Map<string, TrialOutcome>();
  for (const { body } of full ? [] : journal.events({ type: "trial.finished", asset: node.name })) {
    const outcome = outcomeOf(body);
    if (outcome !== null && typeof body["key"] === "string") known.set(body["key"], outcome);
  }
  const definition = trainingHash(node);
  return {
    recall: (key) => known.get(key) ?? null,
    keep(key, trial) {
      journal.append({ type: "trial.finished", asset: node.name, run, body: { key, definition, inputs, ...trial } });
      crashPoint("trial-finished");
    },
  };
}

function outcomeOf({ folds, histories, seconds, ended }: EventBody): TrialOutcome | null {
  if (!Array.isArray(folds) || typeof seconds !== "number" || typeof ended !== "string") return null;
  const figures = folds.map(figuresOf).filter((one) => one !== null);
  return figures.length === folds.length ? { folds: figures, histories: listOf(histories).map(historyOf), seconds, ended } : null;
}

/** In their own order, which the journal does not keep: a search that went on is to leave the same bytes. */
function figuresOf(fold: unknown): FoldFigures | null {
  if (typeof fold !== "object" || fold === null) return null;
  const values = new Map<string, unknown>(Object.entries(fold));
  return Object.fromEntries(
    gateMetricNames.map((name) => {
      const value = values.get(name);
      return [name, typeof value === "number" ? value : null];
    }),
  );
}

function historyOf(history: unknown): History {
  if (typeof history !== "object" || history === null) return {};
  return Object.fromEntries(Object.entries(history).map(([name, points]) => [name, listOf(points).flatMap(pointOf)]));
}

function pointOf(point: unknown): History[string] {
  if (typeof point !== "object" || point === null || !("step" in point) || !("value" in point)) return [];
  const { step, value } = point;
  return typeof step === "number" && typeof value === "number" ? [{ step, value }] : [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
