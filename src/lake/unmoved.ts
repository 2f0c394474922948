import { MillwrightError } from "../error.ts";
import type { TableWrite } from "../systems/roles.ts";
import type { Head } from "./catalog/heads.ts";

/** Refuses a write onto another snapshot than the one that its writer knows. @throws MillwrightError `commit-conflict`, which a retry may overcome */
export function requireUnmoved({ table, onto }: Pick<TableWrite, "table" | "onto">, head: Head | null): void {
  const snapshot = head?.snapshot ?? null;
  if (onto === undefined || onto === snapshot) return;
  throw new MillwrightError({
    code: "commit-conflict",
    what: `${table} has got the snapshot ${snapshot} while this run was working on ${onto ?? "its first one"}`,
    fix: "run again",
  });
}
