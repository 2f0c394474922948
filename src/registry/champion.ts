import type { EndpointNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { champion, type Registry } from "./registry.ts";
import type { ModelVersion } from "./version.ts";

/**
 * The version that an endpoint serves.
 *
 * @param fix what the caller's user can do about it
 * @throws MillwrightError `no-champion` when no version of its model has passed its gate
 */
export function championOf(
  registry: Registry,
  { name, model, origin }: Pick<EndpointNode, "name" | "model" | "origin">,
  fix: string = "run millwright run first",
): ModelVersion {
  const version = registry.get(model, champion);
  if (version !== null) return version;
  const waiting = registry.list(model).findLast(({ status }) => status === "accepted");
  throw new MillwrightError({
    code: "no-champion",
    what: `the endpoint ${name} has nothing to serve: ${waiting === undefined ? `no version of ${model} has passed its gate` : `${model} version ${waiting.version} has passed its gate and waits for its approval`}`,
    where: origin,
    fix: waiting === undefined ? fix : `millwright model approve ${model}@${waiting.version} --because "...", then run again`,
  });
}
