import type { Asset } from "./asset.ts";
import { deepFreeze } from "./freeze.ts";
import type { Model } from "./model.ts";
import type { EndpointNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { parseDriftLimit, type DriftLimit } from "./quantity.ts";

/** An endpoint as an asset. */
export interface Endpoint<out Sources extends string = string> extends Asset<Sources> {
  readonly node: EndpointNode;
}

/**
 * Where a model answers: the newest accepted version, over the Open Inference Protocol, watched for drift.
 *
 * @example
 * endpoint("delay", { model: delay, drift: "psi > 0.2" })
 */
export function endpoint<Sources extends string>(
  name: string,
  options: { readonly model: Model<Sources>; readonly drift?: DriftLimit },
): Endpoint<Sources> {
  const node: EndpointNode = deepFreeze({
    kind: "endpoint",
    name,
    origin: callerOrigin(),
    model: options.model.node.name,
    drift: options.drift === undefined ? null : parseDriftLimit(options.drift),
  });
  return Object.freeze({ node, dependencies: Object.freeze([options.model]) });
}
