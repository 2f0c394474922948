import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contentHash } from "../define/canonical.ts";
import type { BindingNode, ImportedModelNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { connectRole, resolveOptions } from "../run/bind.ts";
import type { StepResult } from "../run/commit.ts";
import { crashPoint } from "../run/crash.ts";
import { secondsSince } from "../run/seconds.ts";
import type { Session } from "../run/session.ts";
import { newestModel } from "../run/standing.ts";
import { startRunner } from "../serve/runner.ts";
import type { Signature } from "../serve/signature.ts";
import type { Tracker } from "../systems/roles.ts";
import { evaluate } from "../train/evaluate.ts";
import { modelEvent, tellAliases } from "./event.ts";
import { openRegistry } from "./registry.ts";
import type { ImportedFrom, ModelDescription, ModelVersion } from "./version.ts";

/**
 * Brings the version that a reference means in the tracker's registry into ours, unless it is here already. A model that cannot be served
 * is not registered: what serves goes on serving.
 *
 * @throws MillwrightError `unbound-role` without a tracker; `unknown-model`, `no-onnx` or `tracker-unreachable` as the tracker says; `model-refused`
 */
export async function importModel(session: Session, node: ImportedModelNode): Promise<StepResult> {
  const began = performance.now();
  const binding = trackerOf(session, node);
  const tracker = await connectRole(
    binding,
    "tracker",
    (roles) => roles.tracker,
  )(resolveOptions(binding), {
    directory: session.paths.directory,
  });
  const registry = openRegistry(session.paths.models);
  const directory = join(session.paths.staging, `${node.name}-${session.run}`);
  try {
    const { system } = binding;
    const definitionHash = contentHash(node);
    const version = await tracker.resolve(node.model, node.reference);
    const place = contentHash({ system, options: binding.options });
    const same = registry
      .list(node.name)
      .find(
        ({ description: { imported }, provenance }) =>
          provenance.definitionHash === definitionHash && imported?.version === version && provenance.codeHash === place,
      );
    if (same !== undefined && !session.full) {
      const newest = newestModel(node.name, session.latest);
      if (newest?.body["version"] === same.version) return { outcome: "unchanged", rows: null, detail: describe(same) };
      // The alias is back at an earlier version.
      registry.restore(node.name, same.version, session.run);
      session.journal.append({ ...modelEvent(same), run: session.run, time: new Date().toISOString() });
      tellAliases(registry, session.journal);
      return { outcome: "updated", rows: null, detail: describe(same) };
    }
    await mkdir(directory, { recursive: true });
    await bring(tracker, node, version, directory);
    const signature = await tryModel(node, directory);
    const imported: ImportedFrom = { system, model: node.model, reference: node.reference, version, signature };
    await writeFile(join(directory, "model.json"), `${JSON.stringify({ model: node.name, imported }, null, 1)}\n`);
    const registered = registry.register({
      directory,
      files: ["model.onnx", "model.json"],
      description: describeImported(node, imported),
      provenance: {
        inputs: { [`${system}:${node.model}`]: version },
        definitionHash,
        codeHash: place,
        run: session.run,
        environment: session.environment.name,
        seconds: secondsSince(began),
      },
    });
    const event = modelEvent(registered.version);
    session.journal.append(registered.created ? event : { ...event, run: session.run, time: new Date().toISOString() });
    tellAliases(registry, session.journal);
    crashPoint("journal-written");
    const first = registered.created && registered.version.version === 1;
    return { outcome: first ? "created" : "updated", rows: null, detail: describe(registered.version) };
  } finally {
    await rm(directory, { recursive: true, force: true });
    registry.close();
    await tracker.close();
  }
}

function trackerOf({ environment }: Session, node: ImportedModelNode): BindingNode {
  const binding = environment.bindings["tracker"];
  if (binding !== undefined) return binding;
  throw new MillwrightError({
    code: "unbound-role",
    what: `environment '${environment.name}' does not bind a tracker, whose registry has the model '${node.name}'`,
    where: environment.origin,
    fix: 'bind it, e.g. tracker: mlflow({ url: "http://127.0.0.1:5000" })',
  });
}

/** One file, `model.onnx`, whatever it is called there. */
async function bring(tracker: Tracker, node: ImportedModelNode, version: string, directory: string): Promise<void> {
  const { file } = await tracker.fetch(node.model, version, directory);
  if (file !== "model.onnx") await rename(join(directory, file), join(directory, "model.onnx"));
  if (!existsSync(join(directory, "model.onnx"))) throw new Error(`the tracker brought no file ${file}`);
}

/** Loads the model as the server will, and gives what it takes and gives. */
async function tryModel(node: ImportedModelNode, directory: string): Promise<Signature> {
  const model = new Uint8Array(await readFile(join(directory, "model.onnx")));
  const runner = await startRunner({ name: node.name, model, workers: 1, onFree: () => undefined });
  await runner.stop();
  return runner.signature;
}

/** All that is known of a model that was trained elsewhere: no figure of it was measured here. */
function describeImported(node: ImportedModelNode, imported: ImportedFrom): ModelDescription {
  const nothing = { from: "", to: "", rows: 0 };
  return {
    model: node.name,
    target: "",
    trainer: `imported from ${imported.system}: ${imported.model} version ${imported.version}`,
    parameters: {},
    inputs: [],
    preparation: [],
    periods: { training: nothing, test: nothing },
    leftOut: { withoutLabel: 0, withoutTime: 0 },
    metrics: { ...evaluate(new Float32Array(), new Float64Array(), [], 0), trees: null, parity: { rows: 0, maximumDifference: 0 } },
    gate: { accepted: true, criteria: [] },
    approval: node.approval,
    imported,
  };
}

function describe({ version, description: { imported } }: ModelVersion): string {
  return `version ${version}: ${imported?.model ?? ""} version ${imported?.version ?? ""} of ${imported?.system ?? ""}`;
}
