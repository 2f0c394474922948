import { environmentOf } from "../run/bind.ts";
import { checkColumns } from "./check/columns.ts";
import { describeSources, type Described } from "./check/describe.ts";
import { collectFindings, type Diagnostic } from "./check/diagnostic.ts";
import { checkMaintenance } from "./check/maintenance.ts";
import { checkRetraining } from "./check/retrain.ts";
import { checkEngine } from "./check/engine.ts";
import { checkEnvironments, checkSurroundings } from "./check/environment.ts";
import { compareLocks, emptyLock, readLock, writeLock, type SchemaLock } from "./lock.ts";
import type { Definition } from "./node.ts";

export type { Diagnostic } from "./check/diagnostic.ts";

export interface CheckOptions {
  readonly definition: Definition;
  /** The platform file's folder, where schema.lock.json lies. */
  readonly directory: string;
  /** Whose sources are asked, and whose secrets must be set. @default the first */
  readonly environment?: string;
  /** Ask no source and write nothing: schema.lock.json says what the sources hold. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  /** How long a source may take to answer, in milliseconds. @default 20000 */
  readonly patience?: number;
}

export interface CheckResult {
  /** Empty when nothing is wrong. */
  readonly problems: readonly Diagnostic[];
  /** How the lock differs from what it was, in words. */
  readonly changes: readonly string[];
  /** The lock as it is now; offline, as a renewal would make it. */
  readonly lock: SchemaLock;
}

/**
 * Finds what is wrong with a platform before anything runs, all of it at once: environments that bind too little, systems that
 * do not exist, columns that do not exist or have the wrong type anywhere down to the models. Asks the sources of one environment
 * for their columns and renews schema.lock.json; a source that does not answer is a warning, and the lock stands in for it.
 *
 * @throws MillwrightError `unknown-environment`; `bad-lock` when schema.lock.json cannot be read.
 * @example
 * const { problems } = await checkPlatform({ definition, directory: "examples/flights", offline: true });
 */
export async function checkPlatform(options: CheckOptions): Promise<CheckResult> {
  const { definition, directory, offline = false, signal = new AbortController().signal, patience = 20_000 } = options;
  const [first] = Object.keys(definition.environments);
  const name = options.environment ?? first;
  const environment = name === undefined ? null : environmentOf(definition, name);
  const findings = collectFindings(directory);
  const before = readLock(directory) ?? emptyLock;

  if (environment === null)
    findings.error({
      code: "no-environment",
      what: `the platform '${definition.name}' has no environment`,
      where: definition.origin,
      fix: "add environments: { local: environment({ ... }) }",
    });
  await checkEnvironments(definition, findings);
  if (environment !== null) await checkSurroundings(environment, findings);
  const described: Described =
    environment === null || offline ? new Map() : await describeSources({ definition, environment, directory, findings, signal, patience });
  const lock = await checkColumns({ definition, lock: before, described, findings });
  checkMaintenance(definition, findings);
  checkRetraining(definition, findings);
  if (environment !== null) checkEngine({ definition, environment, directory }, findings);
  const changes = compareLocks(before, lock);
  if (!offline && changes.length > 0) writeLock(directory, lock);
  return { problems: findings.list(), changes, lock };
}
