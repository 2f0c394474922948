import { MillwrightError } from "../error.ts";
import type { Asset } from "./asset.ts";
import { deepFreeze } from "./freeze.ts";
import type { ImportedModel } from "./imported-model.ts";
import type { Model } from "./model.ts";
import { monitorNode, type MonitorOptions } from "./monitor.ts";
import type { EndpointNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { parseDriftLimit, type DriftLimit } from "./quantity.ts";

/** An endpoint as an asset. */
export interface Endpoint<out Sources extends string = string> extends Asset<Sources> {
  readonly node: EndpointNode;
}

/** What is kept of an endpoint's requests and answers. */
export interface EndpointLog {
  /** @default 1 */
  readonly sample?: number;
  /** @default [] */
  readonly without?: readonly string[];
}

/**
 * Where a model of another registry answers. Its drift is not watched: nobody here knows the rows that it was trained on.
 *
 * @example
 * endpoint("delay", { model: importedModel("delay_of_others", { from: "models:/delay@champion" }) })
 */
export function endpoint(name: string, options: { readonly model: ImportedModel; readonly log?: EndpointLog }): Endpoint<"tracker">;
/**
 * Where a model answers: the newest accepted version, over the Open Inference Protocol, watched for drift.
 *
 * @param options `monitor`: how `millwright monitor` looks at its predictions; `log`: part of the requests that are kept in the lake's table `<name>_predictions`, 0 to 1 (all of them when it is
 * left out), chosen by the request's id so that a request is kept whole or not at all; and inputs that are never kept, such as personal data
 * @example
 * endpoint("delay", { model: delay, drift: "psi > 0.2", log: { sample: 0.1, without: ["carrier"] } })
 */
export function endpoint<Sources extends string>(
  name: string,
  options: { readonly model: Model<Sources>; readonly drift?: DriftLimit; readonly monitor?: MonitorOptions; readonly log?: EndpointLog },
): Endpoint<Sources>;
export function endpoint(
  name: string,
  options: {
    readonly model: Model | ImportedModel;
    readonly drift?: DriftLimit;
    readonly monitor?: MonitorOptions;
    readonly log?: EndpointLog;
  },
): Endpoint {
  const model = options.model.node;
  const labels = options.monitor?.labels?.table;
  const node: EndpointNode = deepFreeze({
    kind: "endpoint",
    name,
    origin: callerOrigin(),
    model: model.name,
    drift: options.drift === undefined ? null : parseDriftLimit(options.drift),
    monitor: options.monitor === undefined ? null : monitorNode(name, options.monitor, "target" in model ? model.target : null),
    log: { sample: checkedSample(name, options.log?.sample ?? 1), without: [...(options.log?.without ?? [])] },
  });
  return Object.freeze({ node, dependencies: Object.freeze([options.model, ...(labels === undefined ? [] : [labels])]) });
}

function checkedSample(endpoint: string, sample: number): number {
  if (sample >= 0 && sample <= 1) return sample;
  throw new MillwrightError({
    code: "bad-option",
    what: `endpoint '${endpoint}' keeps ${sample} of its requests`,
    where: callerOrigin(),
    fix: "give sample between 0 and 1, as in log: { sample: 0.1 }",
  });
}
