import { existsSync } from "node:fs";
import { holdsRowsOf } from "../lake/catalog/rearranged.ts";
import { noteOf } from "../lake/note.ts";
import { modelEvent, tellAliases } from "../registry/event.ts";
import { commitEvent, definedEvents } from "./commit.ts";
import type { EventType, Journal, NewEvent } from "./journal.ts";
import type { Session } from "./session.ts";

/**
 * Tells the journal of every commit and model version that it does not know, of a run that was killed between the commit and its
 * event, or all of them when the journal was lost, and of the end of a run that could not tell it itself. The commits are the
 * truth; a rebuilt event is equal to the first one.
 *
 * @returns the number of commits and versions told.
 */
export async function reconcileJournal(
  session: Pick<Session, "heads" | "journal" | "paths" | "definition" | "run" | "history">,
): Promise<number> {
  const { heads, journal, definition } = session;
  const known = journal.latest("asset.committed");
  const missing: (NewEvent & { readonly time: string })[] = [];
  for (const [table, head] of heads) {
    const told = known.get(table)?.body["snapshot"];
    if (head.snapshot === null || noteOf(head.summary) === null || (typeof told === "string" && holdsRowsOf(head, told))) continue;
    const toldOf = new Set(journal.events({ type: "asset.committed", asset: table }).map((event) => event.body["snapshot"]));
    for (const snapshot of await session.history(table)) {
      const note = noteOf(snapshot.summary);
      if (note !== null && !toldOf.has(snapshot.id))
        missing.push(commitEvent(table, snapshot.id, note, new Date(snapshot.timestamp).toISOString()));
    }
  }
  missing.push(...(await untoldModels(session)));
  // What was never told of a declaration is told before the commits that it made. Nothing of this is for the session to remember: it changes now.
  const assets = new Set(missing.map(({ asset }) => asset));
  const asked = { ...session, latest: (type: EventType) => journal.latest(type) };
  const defined = definition.assets.filter(({ name }) => assets.has(name)).flatMap((node) => definedEvents(asked, node));
  journal.appendAll([...defined, ...missing.toSorted((a, b) => (a.time < b.time ? -1 : 1)), ...killedRun(journal)]);
  await tellUntoldAliases(session);
  return missing.length;
}

async function untoldModels({
  journal,
  paths,
  definition,
}: Pick<Session, "journal" | "paths" | "definition">): Promise<(NewEvent & { readonly time: string })[]> {
  if (!definition.assets.some(({ kind }) => kind === "model" || kind === "imported-model") || !existsSync(paths.models)) return [];
  const { openRegistry } = await import("../registry/registry.ts");
  const told = new Set(
    [...journal.events({ type: "model.registered" }), ...journal.events({ type: "model.rejected" })].map(
      ({ asset, body }) => `${asset} ${String(body["version"])}`,
    ),
  );
  const registry = openRegistry(paths.models);
  try {
    return registry
      .list()
      .filter(({ model, version }) => !told.has(`${model} ${version}`))
      .map(modelEvent);
  } finally {
    registry.close();
  }
}

async function tellUntoldAliases({ journal, paths, definition }: Pick<Session, "journal" | "paths" | "definition">): Promise<void> {
  if (!definition.assets.some(({ kind }) => kind === "model" || kind === "imported-model") || !existsSync(paths.models)) return;
  const { openRegistry } = await import("../registry/registry.ts");
  const registry = openRegistry(paths.models);
  try {
    tellAliases(registry, journal);
  } finally {
    registry.close();
  }
}

/** Under the lock no other run is in progress: one that has not told its end was killed. */
function killedRun(journal: Journal): readonly NewEvent[] {
  const last = journal.events({ type: "run.started" }).at(-1);
  if (last?.run == null || journal.events({ type: "run.finished", run: last.run }).length > 0) return [];
  return [{ type: "run.finished", run: last.run, body: { outcome: "killed" } }];
}
