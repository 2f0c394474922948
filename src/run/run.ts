import { rm } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { MillwrightError } from "../error.ts";
import { bindingOf, resolveOptions } from "./bind.ts";
import type { StepResult } from "./commit.ts";
import { selectSteps, type Step } from "./graph.ts";
import { startHelpers } from "./helper.ts";
import type { EventBody } from "./journal.ts";
import { followOutsideCatalog } from "./lakehouse.ts";
import { acquireRunLock } from "./lock.ts";
import { planSteps, stepsToRun } from "./plan.ts";
import { reconcileJournal } from "./reconcile.ts";
import type { AssetResult, PlannedStep } from "./report.ts";
import { schedule, withRetries, type Settled, type Task } from "./schedule.ts";
import { openSession, sessionWithin, type Session, type SessionOptions } from "./session.ts";
import { statePaths } from "./state.ts";
import { secondsSince } from "./seconds.ts";
import { performStep } from "./step.ts";

export interface RunOptions extends SessionOptions {
  /** Assets to bring up to date, with all they need; empty means all. */
  readonly assets: readonly string[];
  /** Wait for another run of the environment instead of refusing. */
  readonly wait?: boolean;
  /** Steps side by side. @default twice the processors, at most 8: much of the time goes into waiting */
  readonly parallel?: number;
}

export interface RunResult {
  readonly run: string;
  /** `cancelled` when the signal ended it; `failed` when any step failed. */
  readonly outcome: "succeeded" | "failed" | "cancelled";
  readonly results: readonly AssetResult[];
  readonly seconds: number;
}

/**
 * Brings an environment up to date: extracts, builds, loads, trains, registers, releases what is not as its
 * definition and inputs say. May be killed at any moment: the next run goes on from the commits.
 *
 * @throws MillwrightError when the run cannot begin: unknown asset, unbound source, a helper that fails, another run in progress.
 */
export async function runPlatform(options: RunOptions): Promise<RunResult> {
  const began = performance.now();
  const selected = selectSteps(options.definition, options.assets);
  // What is missing is said before anything is done.
  for (const { kind, asset } of selected)
    if (kind === "source" && asset.kind === "source") resolveOptions(bindingOf(options.environment, asset));
  // What stands there is read only when nobody else can change it.
  using _lock = await acquireRunLock(statePaths(options.directory, options.environment.name).lock, {
    wait: options.wait ?? false,
    signal: options.signal,
    onWait: (holder) => options.reporter.note(`waiting for another run of this environment (${holder})`),
  });
  await followOutsideCatalog(options.environment, statePaths(options.directory, options.environment.name), options.definition.name);
  const session = openSession(options);
  try {
    // What an earlier, killed run staged serves nobody.
    await rm(session.paths.staging, { recursive: true, force: true });
    await reconcileJournal(session);
    const steps = stepsToRun(session, selected, options.assets);
    const planned = planSteps(session, steps, options.assets);
    options.reporter.plan(planned);
    session.journal.append({
      type: "run.started",
      run: session.run,
      body: { assets: options.assets, full: session.full, machine: thisMachine() },
    });
    const finish = (body: EventBody) =>
      session.journal.append({ type: "run.finished", run: session.run, body: { ...body, seconds: secondsSince(began) } });
    const results = await performWithHelpers(session, steps, planned, options).catch((error: unknown) => {
      finish({ outcome: "failed", reason: error instanceof Error ? error.message : String(error) });
      throw error;
    });
    const outcome = outcomeOfRun(results);
    finish({ outcome, outcomes: countOutcomes(results) });
    return { run: session.run, outcome, results, seconds: secondsSince(began) };
  } finally {
    await session.close();
  }
}

async function performWithHelpers(
  session: Session,
  steps: readonly Step[],
  planned: readonly PlannedStep[],
  options: RunOptions,
): Promise<readonly AssetResult[]> {
  const needsHelpers = planned.some((line) => line.action !== "unchanged" && line.action !== "kept" && line.kind !== "maintenance");
  const helpers = needsHelpers
    ? await startHelpers(session.environment, session.paths.directory, options.signal, options.reporter.note).catch((error: unknown) => {
        // Cancelled meanwhile: every step then says so by itself.
        if (options.signal.aborted) return null;
        throw error;
      })
    : null;
  try {
    // Maintenance comes last: it would only be in the way of those who write.
    const made = await performAll(
      session,
      steps.filter(({ kind }) => kind !== "maintenance"),
      options,
    );
    const maintained = await performAll(
      session,
      steps.filter(({ kind }) => kind === "maintenance"),
      { ...options, parallel: 1 },
    );
    return [...made, ...maintained];
  } finally {
    await helpers?.stop();
  }
}

async function performAll(session: Session, steps: readonly Step[], options: RunOptions): Promise<readonly AssetResult[]> {
  const results: AssetResult[] = [];
  const starts = new Map<string, number>();
  const byName = new Map(steps.map((step) => [step.name, step]));
  const tasks = steps.map((step): Task<StepResult> => ({
    name: step.name,
    needs: step.needs,
    run: () => {
      starts.set(step.name, performance.now());
      session.reporter.started(step.name, step.kind);
      return withRetries(() => withinTime(session, step), {
        attempts: session.definition.steps.attempts,
        delay: 500,
        signal: session.signal,
        isTransient,
        onRetry(attempt, delay, reason) {
          // Somebody else may have committed to it: the next attempt begins from what stands there now.
          session.refresh(step.asset.name);
          session.reporter.retry(step.name, attempt, delay, reason);
        },
      });
    },
  }));
  await schedule(tasks, {
    parallel: options.parallel ?? Math.min(8, 2 * availableParallelism()),
    signal: session.signal,
    settled(task, settled) {
      const step = byName.get(task.name);
      if (step === undefined) return;
      const seconds = secondsSince(starts.get(task.name) ?? performance.now());
      const result = { asset: step.name, kind: step.kind, seconds, ...outcomeOf(settled, session.signal) };
      if (result.outcome === "failed") {
        session.journal.append({ type: "asset.failed", asset: step.name, run: session.run, body: { reason: result.detail, seconds } });
      }
      results.push(result);
      session.reporter.finished(result);
    },
  });
  return results;
}

/** One attempt of a step, within the platform's limit of time. */
async function withinTime(session: Session, step: Step): Promise<StepResult> {
  const { timeoutSeconds } = session.definition.steps;
  if (timeoutSeconds === null) return performStep(session, step);
  const clock = new AbortController();
  const reason = new MillwrightError({
    code: "timed-out",
    what: `${step.name} took longer than ${timeoutSeconds} s`,
    where: step.asset.origin,
    fix: "give it more time (steps: { timeout }), or find out what keeps it",
  });
  const timer = setTimeout(() => clock.abort(reason), timeoutSeconds * 1000);
  try {
    return await performStep(sessionWithin(session, AbortSignal.any([session.signal, clock.signal])), step);
  } catch (error) {
    throw clock.signal.aborted && !session.signal.aborted ? reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** What the seconds of a run depend on. */
function thisMachine(): { readonly processor: string; readonly cores: number } {
  return { processor: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism() };
}

/** A signal that came after the last step was done has cancelled nothing. */
function outcomeOfRun(results: readonly AssetResult[]): RunResult["outcome"] {
  if (results.some(({ outcome }) => outcome === "cancelled")) return "cancelled";
  return results.some(({ outcome }) => outcome === "failed") ? "failed" : "succeeded";
}

function outcomeOf(settled: Settled<StepResult>, signal: AbortSignal): Pick<AssetResult, "outcome" | "rows" | "detail"> {
  switch (settled.status) {
    case "done":
      return settled.value;
    case "left":
      return { outcome: signal.aborted ? "cancelled" : "skipped", rows: null, detail: signal.aborted ? "cancelled" : settled.because };
    case "failed":
      if (signal.aborted) return { outcome: "cancelled", rows: null, detail: "cancelled" };
      return { outcome: "failed", rows: null, detail: settled.error instanceof Error ? reasonOf(settled.error) : String(settled.error) };
  }
}

/** A user's error by its words; a defect of ours with its stack, so that it can be reported. */
function reasonOf(error: Error): string {
  return error instanceof MillwrightError ? error.message : (error.stack ?? error.message);
}

/** A lost race for a commit or a broken connection may pass; a user's error will not. */
function isTransient(error: unknown): boolean {
  if (error instanceof MillwrightError) return error.problem.code === "transient" || error.problem.code === "commit-conflict";
  if (!(error instanceof Error)) return false;
  // The last: DuckDB's words for a lake that is busy or does not answer.
  return /CommitFailed|409|ECONNRE|EPIPE|ETIMEDOUT|timed? ?out|temporarily|HTTP (?:429|5\d\d)\b|error for HTTP [A-Z]+ to/i.test(
    error.message,
  );
}

function countOutcomes(results: readonly AssetResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
