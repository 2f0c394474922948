import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

/** The champion is what an endpoint serves. */
export const champion = "champion";

/** An accepted version that waits for its approval. */
export const challenger = "challenger";

/** Who decided, and why. */
export interface Decision {
  readonly by: string;
  readonly because: string | null;
}

/**
 * Why an alias moved: a version passed its gate; the declaration is an earlier one's again; a person moved it, approved the version,
 * or went back.
 */
export type AliasCause = "registered" | "restored" | "moved" | "approved" | "rolled-back";

/** A move of an alias. */
export interface AliasChange {
  /** From 1, in order, over all models of the registry. */
  readonly change: number;
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly model: string;
  readonly alias: string;
  /** Null where the alias was taken away. */
  readonly version: number | null;
  /** What it pointed to before. */
  readonly previous: number | null;
  readonly cause: AliasCause;
  /** Null where no person decided. */
  readonly by: string | null;
  readonly because: string | null;
  /** Null where no run did it. */
  readonly run: string | null;
}

export const aliasSchema = `
  CREATE TABLE IF NOT EXISTS alias (model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (model, alias), FOREIGN KEY (model, version) REFERENCES version) STRICT;
  CREATE TABLE IF NOT EXISTS alias_change (
    change INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER, previous INTEGER,
    cause TEXT NOT NULL, by TEXT, because TEXT, run TEXT
  ) STRICT;
`;

/** Points an alias to a version, or takes it away, and remembers it; does nothing where it points there already. Inside a transaction. */
export function moveAlias(
  database: DatabaseSync,
  move: Pick<AliasChange, "model" | "alias" | "version" | "cause"> & Partial<Pick<AliasChange, "by" | "because" | "run">>,
): void {
  const { model, alias, version, cause, by = null, because = null, run = null } = move;
  const previous = aliased(database, model, alias);
  // An approval is remembered even where it moves nothing.
  if (previous === version && cause !== "approved") return;
  if (version === null) database.prepare("DELETE FROM alias WHERE model = ? AND alias = ?").run(model, alias);
  else
    database
      .prepare("INSERT INTO alias VALUES (?, ?, ?) ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version")
      .run(model, alias, version);
  database
    .prepare("INSERT INTO alias_change (time, model, alias, version, previous, cause, by, because, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(new Date().toISOString(), model, alias, version, previous, cause, by, because, run);
}

/** The version that an alias points to now; null where there is no such alias. */
export function aliased(database: DatabaseSync, model: string, alias: string): number | null {
  const row = database.prepare("SELECT version FROM alias WHERE model = ? AND alias = ?").get(model, alias);
  return row === undefined ? null : Number(row["version"]);
}

/** Every move of every alias, of one model or of all, oldest first. */
export function aliasChanges(database: DatabaseSync, model: string | null): AliasChange[] {
  return database.prepare("SELECT * FROM alias_change WHERE ?1 IS NULL OR model = ?1 ORDER BY change").all(model).map(readChange);
}

/**
 * The champion before the present one; null where there was none. Going back again and again leads through all earlier ones, and what
 * was gone back from is no earlier champion any more.
 */
export function earlierChampion(changes: readonly AliasChange[]): number | null {
  const moves = changes.filter(({ alias }) => alias === champion);
  const stack: number[] = moves[0]?.previous == null ? [] : [moves[0].previous]; // from before changes were remembered
  for (const { cause, version } of moves) {
    if (cause === "rolled-back") stack.pop();
    else if (version !== null && stack.at(-1) !== version) stack.push(version);
  }
  return stack.at(-2) ?? null;
}

/** Whether somebody went back from this version and nobody has made it champion since: no training makes it so again. */
export function isWithdrawn(changes: readonly AliasChange[], version: number): boolean {
  const last = changes.findLast(
    ({ alias, cause, version: to, previous }) =>
      alias === champion && (to === version || (cause === "rolled-back" && previous === version)),
  );
  return last !== undefined && last.version !== version;
}

/** Whether a person has ever approved this version. */
export function isApproved(changes: readonly AliasChange[], version: number): boolean {
  return changes.some(({ cause, alias, version: to }) => cause === "approved" && alias === champion && to === version);
}

function readChange(row: Record<string, SQLOutputValue>): AliasChange {
  const text = (name: string): string | null => (typeof row[name] === "string" ? row[name] : null);
  const number = (name: string): number | null => (typeof row[name] === "number" ? row[name] : null);
  return {
    change: number("change") ?? 0,
    time: text("time") ?? "",
    model: text("model") ?? "",
    alias: text("alias") ?? "",
    version: number("version"),
    previous: number("previous"),
    cause: causeOf(text("cause")),
    by: text("by"),
    because: text("because"),
    run: text("run"),
  };
}

function causeOf(text: string | null): AliasCause {
  if (text === "registered" || text === "restored" || text === "approved" || text === "rolled-back") return text;
  return "moved";
}
