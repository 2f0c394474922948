import { relative } from "node:path";
import { MillwrightError, type Problem } from "../../error.ts";

/** One finding of `millwright check`. */
export interface Diagnostic {
  /** `error`: it cannot run so; `warning`: it may, or not everywhere; `hint`: it runs, and could run better. */
  readonly severity: "error" | "warning" | "hint";
  /** Stable, kebab-case. */
  readonly code: string;
  readonly what: string;
  /** `platform.ts:12`, relative to the platform file's folder. */
  readonly where?: string;
  readonly fix?: string;
}

/** Collects findings in the order in which they are made; the same one twice counts once. */
export interface Findings {
  error(problem: Problem): void;
  warning(problem: Problem): void;
  hint(problem: Problem): void;
  /** What a step threw, as a finding. @throws it again when it is a defect and no user's error. */
  thrown(error: unknown): void;
  list(): readonly Diagnostic[];
}

export function collectFindings(directory: string): Findings {
  const found = new Map<string, Diagnostic>();
  const add = (severity: Diagnostic["severity"], { code, what, where, fix }: Problem) => {
    const place =
      where === undefined ? {} : { where: typeof where === "string" ? where : `${relative(directory, where.file)}:${where.line}` };
    const diagnostic: Diagnostic = Object.freeze({ severity, code, what, ...place, ...(fix === undefined ? {} : { fix }) });
    found.set(JSON.stringify([severity, code, what, diagnostic.where]), diagnostic);
  };
  return {
    error: (problem) => add("error", problem),
    warning: (problem) => add("warning", problem),
    hint: (problem) => add("hint", problem),
    thrown(error) {
      if (!(error instanceof MillwrightError)) throw error;
      add("error", error.problem);
    },
    list: () => [...found.values()],
  };
}
