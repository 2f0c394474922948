import { diffPlans, isSame } from "../../plan/diff.ts";
import { byCommand, millwright, only } from "./ask.ts";
import type { Found, Ground } from "./vocabulary.ts";

/** The command that writes the package, against the version before it where there is one. */
export function designs(ground: Ground): string {
  const { directory, before } = ground.folder.design;
  return millwright(ground, "design", "--out", directory, ...(before === null ? [] : ["--against", before]));
}

/** Whether these files of the package stand, and say what the platform file says now. */
export function written(ground: Ground, files: readonly string[], what: string): Found {
  const { design } = ground.folder;
  const lacking = files.filter((file) => !design.files.includes(file));
  const stale = design.plan !== null && !isSame(diffPlans(design.plan, ground.plan));
  const there = files.filter((file) => design.files.includes(file));
  return {
    done: only(
      there.length > 0 &&
        `${stale ? "written from an earlier plan" : "written"}: ${there.map((file) => `${design.directory}/${file}`).join(", ")}`,
    ),
    missing: only(
      lacking.length > 0
        ? byCommand(`${what}: ${lacking.join(", ")}`, designs(ground))
        : stale && byCommand(`${what}, written anew: the plan has changed since`, designs(ground)),
    ),
  };
}
