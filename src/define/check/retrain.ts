import type { Definition, EndpointNode } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Whether somebody watches what a model is trained anew on. */
export function checkRetraining({ assets }: Pick<Definition, "assets">, findings: Findings): void {
  for (const model of assets) {
    if (model.kind !== "model" || model.retrain === null) continue;
    const endpoints = assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint" && asset.model === model.name);
    const unwatched = model.retrain.on.filter((event) =>
      endpoints.every(({ drift, monitor }) =>
        event === "drift" ? drift === null : monitor === null || Object.keys(monitor.performance ?? model.accept).length === 0,
      ),
    );
    for (const event of unwatched)
      findings.warning({
        code: "unwatched",
        what: `model '${model.name}' is trained anew on ${event}, which no endpoint of it watches`,
        where: model.origin,
        fix:
          event === "drift"
            ? "give its endpoint a limit, as in drift: 'psi > 0.2'"
            : "give its endpoint monitor: { labels: ..., performance: { auc: '>= 0.7' } }",
      });
  }
}
