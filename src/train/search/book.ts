import { contentHash } from "../../define/canonical.ts";
import type { ModelNode } from "../../define/node.ts";
import { crashPoint } from "../../run/crash.ts";
import type { EventBody } from "../../run/journal.ts";
import type { Session } from "../../run/session.ts";
import { gateMetricNames } from "../accept.ts";
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
  const definition = contentHash(node);
  return {
    recall: (key) => known.get(key) ?? null,
    keep(key, trial) {
      journal.append({ type: "trial.finished", asset: node.name, run, body: { key, definition, inputs, ...trial } });
      crashPoint("trial-finished");
    },
  };
}

function outcomeOf({ folds, seconds, ended }: EventBody): TrialOutcome | null {
  if (!Array.isArray(folds) || typeof seconds !== "number" || typeof ended !== "string") return null;
  const figures = folds.map(figuresOf).filter((one) => one !== null);
  return figures.length === folds.length ? { folds: figures, seconds, ended } : null;
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
