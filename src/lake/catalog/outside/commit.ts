import { setTimeout as sleep } from "node:timers/promises";
import { crashPoint } from "../../../run/crash.ts";
import { annotate, isAnnotated } from "../annotation.ts";
import { displayName, namespaceKey, type Catalog } from "../catalog.ts";
import { initialFormatVersion, isRepeated, type Change } from "../commit.ts";
import { emptyMetadata } from "../create.ts";
import { badRequest, CatalogError, noSuchTable } from "../error.ts";
import type { JsonObject } from "../json.ts";
import type { Loaded } from "../metadata-files.ts";
import { findSnapshot, type TableMetadata } from "../model.ts";
import type { CatalogReply } from "../request.ts";
import { requiresCreate } from "../requirement.ts";
import { readText } from "../shape.ts";
import { readSnapshot } from "../snapshot-update.ts";
import { loadOutside } from "./mirror.ts";
import { wordsOf, type Outside } from "./outside.ts";
import { NoReply } from "./send.ts";

/** A change as it goes out, with the files that came and go with it. */
interface Prepared {
  readonly change: Change;
  readonly written: readonly string[];
  readonly obsolete: readonly string[];
  /** Whether it holds only while the table's newest snapshot is the one that we saw, which its client did not ask for. */
  readonly pinned: boolean;
  /** Whether the table has it already: a client that lost the reply sends it again. */
  readonly repeated: boolean;
}

/** How often a change that only we tied to a snapshot is prepared anew, because somebody else was quicker. */
const attempts = 20;
/** Pauses before looking whether a commit whose reply was lost has been made, in milliseconds. */
const looks = [0, 300, 1_000, 3_000];

/**
 * Commits changes of one or more tables outside: annotations are carried out here, as our own catalog does, and the result is sent on once.
 * When no reply comes, or one that does not say whether it was done, the tables are looked at: a snapshot that stands there was committed.
 * What still is not known is said to the client as Iceberg's protocol says it, and never sent again.
 *
 * @param forward sends the changes as they now are.
 */
export async function commitOutside(
  catalog: Catalog,
  outside: Outside,
  changes: readonly Change[],
  forward: (changes: readonly Change[]) => Promise<CatalogReply>,
): Promise<CatalogReply> {
  const keys = changes.map(({ identifier }) => `${namespaceKey(identifier.namespace)}\u001f${identifier.name}`);
  return catalog.exclusively(keys, async () => {
    for (let attempt = 1; ; attempt++) {
      crashPoint("catalog-before-metadata");
      const prepared = await prepareAll(catalog, outside, changes);
      if (prepared.every(({ repeated }) => repeated)) return { status: 204, body: "" };
      crashPoint("catalog-after-metadata");
      const reply = await forward(prepared.map(({ change }) => change)).catch((error: unknown) => lost(error));
      const outcome = reply.status < 400 ? "done" : reply.status < 500 || reply.status === 501 ? "refused" : await look(outside, prepared);
      crashPoint("catalog-after-commit");
      if (outcome === "refused") await catalog.files.discard(prepared.flatMap(({ written }) => written));
      if (reply.status === 409 && attempt < attempts && prepared.some(({ pinned }) => pinned)) continue;
      if (outcome === "done") await catalog.files.discard(prepared.flatMap(({ obsolete }) => obsolete));
      // A 204 has no body to repeat: the caller says what the table is now.
      if (outcome === "done") return reply.status >= 400 ? { status: 204, body: "" } : reply;
      return [500, 502, 504].includes(reply.status) ? unknown(wordsOf(reply)) : reply;
    }
  });
}

function lost(error: unknown): CatalogReply {
  if (!(error instanceof NoReply)) throw error;
  if (!error.sent) throw new CatalogError(503, "ServiceUnavailableException", `The outside catalog cannot be reached: ${error.message}`);
  const message = `The outside catalog did not say whether it has committed: ${error.message}`;
  return unknown(message);
}

/** By Iceberg's protocol 500, 502 and 504 all say so; at 502 DuckDB does not send its commit again by itself, and nor does Java. */
function unknown(message: string): CatalogReply {
  return { status: 502, body: JSON.stringify({ error: { message, type: "CommitStateUnknownException", code: 502 } }) };
}

async function prepareAll(catalog: Catalog, outside: Outside, changes: readonly Change[]): Promise<readonly Prepared[]> {
  const results = await Promise.allSettled(changes.map((change) => prepare(catalog, outside, change)));
  const failed = results.find((result) => result.status === "rejected");
  const prepared = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (failed === undefined) return prepared;
  await catalog.files.discard(prepared.flatMap(({ written }) => written));
  throw failed.reason;
}

async function prepare(catalog: Catalog, outside: Outside, change: Change): Promise<Prepared> {
  const { identifier, requirements, updates } = change;
  const untouched = { change, written: [], obsolete: [], pinned: false, repeated: false };
  if (!isAnnotated(updates)) return untouched;
  const create = requiresCreate(requirements);
  const before = create ? null : await loadOutside(outside, identifier);
  if (before === null && !create) throw noSuchTable(displayName(identifier));
  if (before !== null && isRepeated(before.metadata, updates)) return { ...untouched, repeated: true };
  const base = before?.metadata ?? emptyMetadata(initialFormatVersion(updates), locationOf(updates));
  const annotated = await annotate(base, updates, catalog.storages, Date.now());
  const { written, obsolete } = annotated;
  const pinned = before !== null && !requirements.some(({ type }) => type === "assert-ref-snapshot-id");
  return {
    change: { identifier, requirements: pinned ? [...requirements, headIs(before)] : requirements, updates: annotated.updates },
    written,
    obsolete,
    pinned,
    repeated: false,
  };
}

function locationOf(updates: readonly JsonObject[]): string {
  const given = updates.find((update) => update["action"] === "set-location");
  if (given === undefined) throw badRequest("A commit that creates a table must say its location");
  return readText(given["location"], "set-location.location");
}

function headIs({ metadata }: Loaded<TableMetadata>): JsonObject {
  const main = metadata.refs["main"];
  return { type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": main === undefined ? null : main["snapshot-id"] };
}

/** Whether a commit of unknown outcome stands in the tables after all. */
async function look(outside: Outside, prepared: readonly Prepared[]): Promise<"done" | "unknown"> {
  const added = prepared.flatMap(({ change: { identifier, updates } }) => {
    const ids = updates.flatMap((update) => (update["action"] === "add-snapshot" ? [readSnapshot(update["snapshot"])["snapshot-id"]] : []));
    return ids.length === 0 ? [] : [{ identifier, ids }];
  });
  if (added.length === 0) return "unknown";
  for (const pause of looks) {
    await sleep(pause);
    const found = await Promise.all(
      added.map(async ({ identifier, ids }) => {
        // Who cannot look does not know.
        const loaded = await loadOutside(outside, identifier).catch(() => null);
        return loaded !== null && ids.every((id) => findSnapshot(loaded.metadata, id) !== undefined);
      }),
    );
    if (found.every((stands) => stands)) return "done";
  }
  return "unknown";
}
