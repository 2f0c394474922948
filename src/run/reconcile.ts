import { readHistory } from "../lake/catalog/heads.ts";
import { noteOf } from "../lake/note.ts";
import { commitEvent, definedEvents } from "./commit.ts";
import type { NewEvent } from "./journal.ts";
import type { Session } from "./session.ts";

/**
 * Tells the journal of every commit that it does not know: of a run that was killed between the commit and its
 * event, or all of them when the journal was lost. The commits are the truth; a rebuilt event is equal to the first one.
 */
export function reconcileJournal(session: Pick<Session, "heads" | "journal" | "paths" | "definition" | "latest" | "run">): number {
  const { heads, journal, paths, definition } = session;
  const known = journal.latest("asset.committed");
  const missing: (NewEvent & { readonly time: string })[] = [];
  for (const [table, head] of heads) {
    if (head.snapshot === null || known.get(table)?.body["snapshot"] === head.snapshot || noteOf(head.summary) === null) continue;
    const told = new Set(journal.events({ type: "asset.committed", asset: table }).map((event) => event.body["snapshot"]));
    for (const snapshot of readHistory(paths.state, definition.name, table)) {
      const note = noteOf(snapshot.summary);
      if (note !== null && !told.has(snapshot.id)) missing.push(commitEvent(table, snapshot.id, note, new Date(snapshot.timestamp).toISOString()));
    }
  }
  // What was never told of a declaration is told before the commits that it made.
  const tables = new Set(missing.map(({ asset }) => asset));
  const defined = definition.assets.filter(({ name }) => tables.has(name)).flatMap((node) => definedEvents(session, node));
  journal.appendAll([...defined, ...missing.toSorted((a, b) => (a.time < b.time ? -1 : 1))]);
  return missing.length;
}
