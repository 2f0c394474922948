import { contentHash } from "../define/canonical.ts";
import { noteOf } from "../lake/note.ts";
import { existsSync } from "node:fs";
import { sourceDefinition } from "../extract/definition.ts";
import { inputsOf, type Step } from "./graph.ts";
import type { PlannedStep } from "./report.ts";
import type { Session } from "./session.ts";

/**
 * What a run is about to do, from what stands there now: pure reading. A step behind one that may change is
 * `update`, since only the run knows whether its inputs will have changed.
 */
export function planSteps(session: Session, steps: readonly Step[]): readonly PlannedStep[] {
  const moving = new Set<string>();
  const planned = steps.map((step) => {
    const line = planStep(session, step, moving);
    if (line.action !== "unchanged") moving.add(step.name);
    return line;
  });
  const declared = new Set(session.definition.assets.map((asset) => asset.name));
  const kept = [...session.heads.keys()].filter((table) => !declared.has(table.replace(/_(quarantine|predictions)$/, "")));
  return [...planned, ...kept.map((asset): PlannedStep => ({ asset, kind: "table", action: "kept", reason: "no longer declared; nothing is deleted" }))];
}

function planStep(session: Session, step: Step, moving: ReadonlySet<string>): PlannedStep {
  const line = (action: PlannedStep["action"], reason: string): PlannedStep => ({ asset: step.name, kind: step.kind, action, reason });
  const { asset } = step;
  const movingInput = step.needs.find((need) => moving.has(need));
  if (step.kind === "load") {
    if (!existsSync(session.paths.warehouse) || !session.latest("load.committed").has(step.name)) return line("create", "not in the warehouse yet");
    const told = session.latest("load.committed").get(step.name)?.body["snapshot"];
    return movingInput === undefined && told === session.heads.get(asset.name)?.snapshot ? line("unchanged", "") : line("update", movingInput === undefined ? "the lake has a newer snapshot" : `when ${movingInput} changes`);
  }
  if (session.full) return line("rebuild", "--full");
  if (asset.kind === "source" || asset.kind === "table") {
    const note = noteOf(session.heads.get(asset.name)?.summary ?? {});
    if (note === null) return line("create", "not in the lake yet");
    const definition = asset.kind === "source" ? sourceDefinition(session.environment, asset) : contentHash(asset);
    if (note.definition !== definition) return line("rebuild", "its declaration changed");
    if (asset.kind === "source") return line("check", "whatever is new at the source");
    if (movingInput !== undefined) return line("update", `when ${movingInput} changes`);
    const behind = asset.inputs.find((input) => note.inputs[input] !== session.heads.get(input)?.snapshot);
    return behind === undefined ? line("unchanged", "") : line("update", `${behind} has changed`);
  }
  const type = asset.kind === "metric" ? "metric.measured" : asset.kind === "model" ? "model.registered" : "endpoint.released";
  const last = session.latest(type).get(asset.name)?.body;
  if (last === undefined) return line("create", "never done");
  if (last["definition"] !== contentHash(asset)) return line("rebuild", "its declaration changed");
  if (movingInput !== undefined) return line("update", `when ${movingInput} changes`);
  const inputs = Object.fromEntries(inputsOf(asset).map((input) => [input, session.heads.get(input)?.snapshot]));
  return asset.kind === "endpoint" || contentHash(last["inputs"]) === contentHash(inputs) ? line("unchanged", "") : line("update", "its input has changed");
}
