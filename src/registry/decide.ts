import type { DatabaseSync } from "node:sqlite";
import { MillwrightError } from "../error.ts";
import {
  aliasChanges,
  aliased,
  challenger,
  champion,
  earlierChampion,
  isApproved,
  isWithdrawn,
  moveAlias,
  type AliasCause,
  type Decision,
} from "./aliases.ts";

/** What decides on a version: whether its gate accepted it, and whether a person must. */
interface Standing {
  readonly accepted: boolean;
  readonly approval: boolean;
}

/**
 * Makes an accepted version the champion, or the challenger where it has to be approved first; leaves things as they are where the gate
 * rejected it, or somebody went back from it. Inside a transaction.
 */
export function settleVersion(
  database: DatabaseSync,
  move: { readonly model: string; readonly version: number; readonly cause: AliasCause; readonly run: string },
): void {
  const { model, version } = move;
  const { accepted, approval } = standingOf(database, model, version);
  const changes = aliasChanges(database, model);
  if (!accepted || isWithdrawn(changes, version)) return;
  moveAlias(database, { ...move, alias: approval && !isApproved(changes, version) ? challenger : champion });
}

/**
 * Points an alias to a version. Inside a transaction.
 *
 * @throws MillwrightError `unknown-model`, `alias-name`, `rejected-model`, `approval-required`.
 */
export function pointAlias(
  database: DatabaseSync,
  move: { readonly model: string; readonly alias: string; readonly version: number } & Partial<Decision>,
): void {
  const { model, alias, version } = move;
  if (!/^[a-z][a-z0-9_-]*$/i.test(alias)) {
    throw new MillwrightError({
      code: "alias-name",
      what: `'${alias}' cannot be an alias`,
      fix: "use letters, digits, - and _, beginning with a letter",
    });
  }
  const { accepted, approval } = standingOf(database, model, version);
  if (alias === champion) {
    if (!accepted) throw rejected(model, version);
    if (approval && !isApproved(aliasChanges(database, model), version)) {
      throw new MillwrightError({
        code: "approval-required",
        what: `version ${version} of model '${model}' has to be approved before it can be the champion`,
        fix: `millwright model approve ${model}@${version} --because "..."`,
      });
    }
  }
  moveAlias(database, { ...move, cause: "moved" });
}

/**
 * Makes a version the champion by a person's word. Inside a transaction.
 *
 * @throws MillwrightError `unknown-model`, `rejected-model`.
 */
export function approveVersion(database: DatabaseSync, move: { readonly model: string; readonly version: number } & Decision): void {
  const { model, version } = move;
  if (!standingOf(database, model, version).accepted) throw rejected(model, version);
  moveAlias(database, { ...move, alias: champion, cause: "approved" });
  if (aliased(database, model, challenger) === version)
    moveAlias(database, { ...move, alias: challenger, version: null, cause: "approved" });
}

/**
 * Makes the champion before the present one champion again. Inside a transaction.
 *
 * @throws MillwrightError `no-earlier-champion`.
 */
export function rollBack(database: DatabaseSync, { model, ...decision }: { readonly model: string } & Decision): void {
  const earlier = earlierChampion(aliasChanges(database, model));
  if (earlier === null) {
    throw new MillwrightError({
      code: "no-earlier-champion",
      what: `model '${model}' has had no champion before the present one`,
      fix: `choose a version: millwright model list ${model}, then millwright model approve ${model}@N --because "..."`,
    });
  }
  moveAlias(database, { model, alias: champion, version: earlier, cause: "rolled-back", ...decision });
}

function standingOf(database: DatabaseSync, model: string, version: number): Standing {
  const row = database.prepare("SELECT status, description FROM version WHERE model = ? AND version = ?").get(model, version);
  if (row === undefined) {
    throw new MillwrightError({
      code: "unknown-model",
      what: `the registry has no version ${version} of model '${model}'`,
      fix: "see what there is: millwright model list",
    });
  }
  const description: { readonly approval?: "required" | null } = JSON.parse(String(row["description"]));
  return { accepted: row["status"] === "accepted", approval: description.approval === "required" };
}

function rejected(model: string, version: number): MillwrightError {
  return new MillwrightError({
    code: "rejected-model",
    what: `version ${version} of model '${model}' missed its acceptance gate, or was worse than the champion, and cannot become the champion`,
    fix: "train a better model, or change the gate in the model's definition",
  });
}
