import type { Progress } from "../systems/roles.ts";

/** How an asset came out of a run. */
export type Outcome = "created" | "updated" | "unchanged" | "failed" | "skipped" | "cancelled";

/** What a run tells while it works; the terminal, the plain log and tests each listen in their way. */
export interface Reporter {
  plan(lines: readonly PlannedStep[]): void;
  started(asset: string, work: string): void;
  progress(asset: string, step: Parameters<Progress["report"]>[0]): void;
  retry(asset: string, attempt: number, delay: number, reason: string): void;
  finished(result: AssetResult): void;
  note(text: string): void;
}

/** One line of what a run will do, shown before it does it. */
export interface PlannedStep {
  readonly asset: string;
  readonly kind: string;
  readonly action: "create" | "update" | "rebuild" | "check" | "unchanged" | "kept";
  readonly reason: string;
}

export interface AssetResult {
  readonly asset: string;
  readonly kind: string;
  readonly outcome: Outcome;
  readonly rows: number | null;
  readonly seconds: number;
  /** Why it failed or was left out; or what is worth knowing (rows in quarantine, a metric's value). */
  readonly detail: string | null;
}

/** A reporter that says nothing. */
export const silent: Reporter = Object.freeze({
  plan: () => undefined,
  started: () => undefined,
  progress: () => undefined,
  retry: () => undefined,
  finished: () => undefined,
  note: () => undefined,
});
