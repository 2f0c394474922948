import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { contentHash } from "../define/canonical.ts";
import { MillwrightError } from "../error.ts";
import { crashPoint } from "../run/crash.ts";
import { aliasChanges, aliasSchema, champion, type AliasChange, type Decision } from "./aliases.ts";
import { modelCard } from "./card.ts";
import { approveVersion, pointAlias, rollBack, settleVersion } from "./decide.ts";
import { describeFiles, placeFiles, removeLeftovers } from "./files.ts";
import { isAccepted, type ModelDescription, type ModelProvenance, type ModelVersion } from "./version.ts";

export { champion };

export interface Registration {
  /** The folder with the files; they are copied. */
  readonly directory: string;
  readonly files: readonly string[];
  readonly description: ModelDescription;
  readonly provenance: ModelProvenance;
  /** Kept beside the files for people to read, by name; no part of what makes the version. */
  readonly extra?: Readonly<Record<string, string>>;
}

export interface Registered {
  readonly version: ModelVersion;
  /** False where the same content had been registered before: then its version is given again. */
  readonly created: boolean;
}

/** The models of one environment, in files and a SQLite database of one folder. Several processes may use it at once. */
export interface Registry {
  /**
   * Makes a version of a trained model. In the same transaction one that its gate accepted becomes the `champion`, or the `challenger`
   * where it has to be approved first; one that it did not is kept as `rejected`, and the champion stays.
   */
  register(registration: Registration): Registered;
  /** Treats a version that is there as if it had just been registered: the declaration is an earlier one's again. */
  restore(model: string, version: number, run: string): void;
  /** All versions, oldest first, of one model or of all. */
  list(model?: string): readonly ModelVersion[];
  /** A version by number or alias; null when there is none. */
  get(model: string, reference: number | string): ModelVersion | null;
  /**
   * A version by `model`, `model@alias` or `model@3`; without a reference its champion.
   *
   * @throws MillwrightError `unknown-model`, with what there is.
   */
  resolve(reference: string): ModelVersion;
  /**
   * Points an alias to a version.
   *
   * @throws MillwrightError `unknown-model`, `alias-name`; `rejected-model` for a champion that its gate did not accept, and
   * `approval-required` for one that nobody approved.
   */
  alias(model: string, alias: string, version: number, decision?: Decision): void;
  /**
   * Makes a version the champion by a person's word; it is the challenger no more.
   *
   * @throws MillwrightError `unknown-model`, `rejected-model`.
   */
  approve(model: string, version: number, decision: Decision): void;
  /**
   * Makes the champion before the present one champion again. What was gone back from becomes champion again by a person's word only.
   *
   * @throws MillwrightError `no-earlier-champion`.
   */
  rollBack(model: string, decision: Decision): void;
  /** Every move of every alias, of one model or of all, oldest first. */
  changes(model?: string): readonly AliasChange[];
  /** Does work while no other process can change anything here. */
  exclusively<T>(work: () => T): T;
  close(): void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS version (
    model TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL CHECK (status IN ('accepted', 'rejected')), content TEXT NOT NULL, folder TEXT NOT NULL,
    files TEXT NOT NULL, description TEXT NOT NULL, provenance TEXT NOT NULL, created TEXT NOT NULL, PRIMARY KEY (model, version), UNIQUE (model, content)
  ) STRICT;
`;

/** Opens the registry of a folder, makes it when it is not there, and clears away what a crash left half done. */
export function openRegistry(directory: string): Registry {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "registry.sqlite");
  const existed = existsSync(file); // a lost database must not make its models look like leftovers
  const database = new DatabaseSync(file, { timeout: 30_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  database.exec(schema + aliasSchema);
  const transaction = <T>(work: () => T): T => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  const read = (row: Record<string, SQLOutputValue>): ModelVersion => readVersion(database, directory, row);
  const get = (model: string, reference: number | string): ModelVersion | null => {
    const row =
      typeof reference === "number"
        ? database.prepare("SELECT * FROM version WHERE model = ? AND version = ?").get(model, reference)
        : database
            .prepare("SELECT version.* FROM alias JOIN version USING (model, version) WHERE model = ? AND alias = ?")
            .get(model, reference);
    return row === undefined ? null : read(row);
  };
  // Inside a transaction no other process can be about to register: a folder without a row is a crash's.
  if (existed)
    transaction(() =>
      removeLeftovers(
        directory,
        new Set(
          database
            .prepare("SELECT folder FROM version")
            .all()
            .map((row) => join(directory, String(row["folder"]))),
        ),
      ),
    );

  return {
    register({ directory: source, files: names, description, provenance, extra = {} }) {
      const { model } = description;
      refuseModelName(model);
      const files = describeFiles(source, names);
      const { inputs, definitionHash, codeHash } = provenance;
      const content = contentHash({ model, files, inputs, definitionHash, codeHash });
      const registered = transaction(() => {
        const before = database.prepare("SELECT * FROM version WHERE model = ? AND content = ?").get(model, content);
        const newest = database.prepare("SELECT max(version) AS newest FROM version WHERE model = ?").get(model);
        const version = before === undefined ? Number(newest?.["newest"] ?? 0) + 1 : Number(before["version"]);
        const status = isAccepted(description) ? "accepted" : "rejected";
        if (before === undefined) {
          const folder = join(model, content);
          const created = new Date().toISOString();
          const card = modelCard({ version, status, content, files, description, provenance, created });
          placeFiles(source, names, { ...extra, "card.md": card }, join(directory, folder));
          crashPoint("model-files");
          database
            .prepare("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .run(
              model,
              version,
              status,
              content,
              folder,
              JSON.stringify(files),
              JSON.stringify(description),
              JSON.stringify(provenance),
              created,
            );
        }
        settleVersion(database, { model, version, cause: "registered", run: provenance.run });
        return { version, created: before === undefined };
      });
      crashPoint("model-registered");
      const version = get(model, registered.version);
      if (version === null) throw new Error(`version ${registered.version} of model ${model} vanished`);
      return { version, created: registered.created };
    },
    list(model) {
      const rows =
        model === undefined
          ? database.prepare("SELECT * FROM version ORDER BY model, version").all()
          : database.prepare("SELECT * FROM version WHERE model = ? ORDER BY version").all(model);
      return rows.map(read);
    },
    get,
    resolve(reference) {
      const at = reference.lastIndexOf("@");
      const model = at < 0 ? reference : reference.slice(0, at);
      const name = at < 0 ? champion : reference.slice(at + 1);
      const found = get(model, /^\d+$/.test(name) ? Number(name) : name);
      if (found !== null) return found;
      const known = database
        .prepare("SELECT model, count(*) AS versions FROM version GROUP BY model ORDER BY model")
        .all()
        .map((row) => `${String(row["model"])} (${String(row["versions"])} versions)`);
      throw new MillwrightError({
        code: "unknown-model",
        what: `the registry has no '${name}' of model '${model}'`,
        where: directory,
        fix: known.length === 0 ? "train a model first: millwright run" : `it has: ${known.join(", ")}`,
      });
    },
    restore: (model, version, run) => transaction(() => settleVersion(database, { model, version, cause: "restored", run })),
    alias: (model, alias, version, decision) => transaction(() => pointAlias(database, { model, alias, version, ...decision })),
    approve: (model, version, decision) => transaction(() => approveVersion(database, { model, version, ...decision })),
    rollBack: (model, decision) => transaction(() => rollBack(database, { model, ...decision })),
    changes: (model) => aliasChanges(database, model ?? null),
    exclusively: transaction,
    close() {
      if (database.isOpen) database.close();
    },
  };
}

function readVersion(database: DatabaseSync, directory: string, row: Record<string, SQLOutputValue>): ModelVersion {
  const model = String(row["model"]);
  const version = Number(row["version"]);
  const aliases = database.prepare("SELECT alias FROM alias WHERE model = ? AND version = ? ORDER BY alias").all(model, version);
  return {
    model,
    version,
    status: row["status"] === "accepted" ? "accepted" : "rejected",
    content: String(row["content"]),
    directory: join(directory, String(row["folder"])),
    files: JSON.parse(String(row["files"])),
    description: JSON.parse(String(row["description"])),
    provenance: JSON.parse(String(row["provenance"])),
    created: String(row["created"]),
    aliases: aliases.map((entry) => String(entry["alias"])),
  };
}

/** A model's name becomes a folder's. */
function refuseModelName(model: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(model)) return;
  throw new MillwrightError({
    code: "model-name",
    what: `'${model}' cannot be a model's name`,
    fix: "use letters, digits, _, - and ., not beginning with - or .",
  });
}
