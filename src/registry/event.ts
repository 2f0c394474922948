import type { NewEvent } from "../run/journal.ts";
import type { ModelVersion } from "./version.ts";

/** The journal's words for a registered version; the same whether told at once or rebuilt from the registry later. */
export function modelEvent({
  model,
  version,
  status,
  description,
  provenance,
  content,
  created,
}: ModelVersion): NewEvent & { readonly time: string } {
  const { auc, logLoss, brier, calibrationError } = description.metrics;
  return {
    type: status === "accepted" ? "model.registered" : "model.rejected",
    asset: model,
    run: provenance.run,
    time: created,
    body: {
      version,
      definition: provenance.definitionHash,
      inputs: provenance.inputs,
      content,
      rows: description.periods.training.rows,
      metrics: { auc, logLoss, brier, calibrationError },
      seconds: provenance.seconds,
    },
  };
}
