import { userInfo } from "node:os";
import { MillwrightError } from "../error.ts";
import type { Decision } from "../registry/aliases.ts";

interface Said {
  readonly because?: string | undefined;
  readonly by?: string | undefined;
}

/** Who decides, and why: as the command line says, or else whoever is logged in. */
export function deciderOf({ because, by }: Said): Decision {
  return { by: by?.trim() || loginName(), because: because ?? null };
}

/** @throws MillwrightError `bad-option` */
export function needReason({ because }: Said): void {
  if (because !== undefined && because.trim() !== "") return;
  throw new MillwrightError({ code: "bad-option", what: "the decision has no reason", fix: 'say why: --because "..."' });
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // A user id without an entry among the system's users, as in some containers.
    if (error instanceof Error) return process.env["USER"] ?? `user ${process.getuid?.() ?? "unknown"}`;
    throw error;
  }
}
