import { contentHash } from "../../src/define/canonical.ts";
import { definitionHash } from "../../src/define/made.ts";
import type { Columns, ColumnType } from "../../src/define/column.ts";
import { count, mean } from "../../src/define/aggregate.ts";
import { endpoint } from "../../src/define/endpoint.ts";
import { environment } from "../../src/define/environment.ts";
import { model } from "../../src/define/model.ts";
import type { AssetNode, Definition, EnvironmentNode } from "../../src/define/node.ts";
import { platform } from "../../src/define/platform.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { boostedTrees } from "../../src/define/trainer.ts";
import { sourceDefinition } from "../../src/extract/definition.ts";
import { openDatabase } from "../../src/lake/catalog/database.ts";
import { noteProperties, type CommitNote } from "../../src/lake/note.ts";
import { commitEvent } from "../../src/run/commit.ts";
import { openJournal, type Journal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { sqlite } from "../../src/systems/sqlite.ts";

/** A small platform of every kind of asset: two sources, a cleaned table, features, a mart that is loaded, a model and its endpoint. */
export function samplePlatform(options: { readonly minimumDistance?: number } = {}): Definition {
  const ops = source("ops");
  const flights = ops.table("flights", {
    key: "id",
    columns: { id: "bigint", carrier: "text", tailnum: "text", time: "timestamp", distance: "double", arr_delay: "double" },
  });
  const planes = ops.table("planes", { key: "tailnum", columns: { tailnum: "text", seats: "integer" } });
  const clean = table("flights_clean", flights)
    .fill({ distance: "median" })
    .derive((row) => ({ late: row.arr_delay.greaterThan(15) }))
    .check({ distance: { between: [options.minimumDistance ?? 1, 12_000] } });
  const features = table("features", clean).join(planes, "tailnum").select("id", "carrier", "time", "distance", "seats", "late");
  const mart = table("carrier_month", clean)
    .aggregate({ by: "carrier", columns: (row) => ({ flights: count(), mean_delay: mean(row.arr_delay) }) })
    .load();
  const delay = model("arrival_delay", {
    from: features,
    target: "late",
    ignore: ["id"],
    split: { by: "time", test: "last 10 days" },
    train: boostedTrees({ trees: 10 }),
    accept: { auc: ">= 0.7" },
  });
  return platform({
    name: "flights",
    assets: [mart, endpoint("delay", { model: delay, drift: "psi > 0.2" })],
    environments: { local: environment({ ops: sqlite({ file: "data/ops.sqlite" }) }) },
  });
}

/** The environment of that name. */
export function environmentNamed(definition: Definition, name: string): EnvironmentNode {
  const found = definition.environments[name];
  if (found === undefined) throw new Error(`no environment ${name}`);
  return found;
}

/** The asset of that name. */
export function assetNamed(definition: Definition, name: string): AssetNode {
  const asset = definition.assets.find((candidate) => candidate.name === name);
  if (asset === undefined) throw new Error(`no asset ${name}`);
  return asset;
}

export interface SampleCommit {
  readonly snapshot: string;
  readonly run: string;
  readonly columns: Columns;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly rows?: number;
  readonly quarantined?: number;
  readonly time?: string;
  /** Default: that of the asset now. */
  readonly definition?: string;
}

/** The state of an environment as runs leave it behind, written without running: the catalog's database and the journal. */
export interface SampleState extends AsyncDisposable {
  readonly journal: Journal;
  commit(name: string, commit: SampleCommit): Promise<void>;
}

const icebergTypes: Readonly<Partial<Record<ColumnType, string>>> = { integer: "int", bigint: "long", text: "string" };

export function openSampleState(definition: Definition, environmentName: string, directory: string): SampleState {
  const paths = statePaths(directory, environmentName);
  const journal = openJournal(paths.journal);
  const database = openDatabase(paths.state);
  const where = environmentNamed(definition, environmentName);
  return {
    journal,
    async commit(name, { snapshot, run, columns, inputs = {}, rows = 3, quarantined = 0, time = "2026-01-01T00:00:00.000Z", ...given }) {
      const asset = assetNamed(definition, name);
      const hash = given.definition ?? (asset.kind === "source" ? sourceDefinition(where, asset) : contentHash(asset));
      const note: CommitNote = {
        run,
        definition: hash,
        inputs,
        position: null,
        fingerprint: null,
        fitted: null,
        rows,
        quarantined,
        seconds: 0.5,
      };
      const summary = Object.fromEntries(
        Object.entries(noteProperties(note, "append")).map(([key, value]) => [key.replace("millwright.snapshot.", "millwright."), value]),
      );
      const schema = JSON.stringify(
        Object.entries(columns).map(([column, type], index) => ({ name: column, type: icebergTypes[type] ?? type, id: index + 1 })),
      );
      const relation = {
        kind: "table",
        metadataLocation: `file:${name}/${snapshot}.json`,
        snapshot,
        timestamp: Date.parse(time),
        summary: JSON.stringify(summary),
        schema,
      } as const;
      await database.transact(() => {
        database.relations.remove(definition.name, name);
        database.relations.insert(definition.name, name, relation);
      });
      journal.append(commitEvent(name, snapshot, note, time));
    },
    async [Symbol.asyncDispose]() {
      journal.close();
      database.close();
    },
  };
}

/** One run that makes everything of `samplePlatform`, as the journal tells it. */
export async function sampleRun(state: SampleState, definition: Definition, run: string, from: number = 1): Promise<void> {
  const { journal } = state;
  const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
  const id = (offset: number): string => String(9_007_199_254_740_993n + BigInt(from * 100 + offset));
  const flights = { id: "bigint", carrier: "text", tailnum: "text", time: "timestamp", distance: "double", arr_delay: "double" } as const;
  const common = { run, definition: "", seconds: 0.5 };
  journal.append({ type: "run.started", run, time: at(0), body: { assets: [], full: false } });
  await state.commit("flights", { snapshot: id(1), run, columns: flights, rows: 10, quarantined: 1, time: at(1) });
  await state.commit("planes", { snapshot: id(2), run, columns: { tailnum: "text", seats: "integer" }, rows: 4, time: at(2) });
  await state.commit("flights_clean", {
    snapshot: id(3),
    run,
    columns: { ...flights, late: "boolean" },
    inputs: { flights: id(1) },
    rows: 9,
    time: at(3),
  });
  await state.commit("carrier_month", {
    snapshot: id(4),
    run,
    columns: { carrier: "text", flights: "bigint", mean_delay: "double" },
    inputs: { flights_clean: id(3) },
    rows: 2,
    time: at(4),
  });
  journal.append({
    type: "load.committed",
    asset: "warehouse.carrier_month",
    run,
    time: at(5),
    body: { snapshot: id(4), rows: 2, seconds: 0.1 },
  });
  const features = { id: "bigint", carrier: "text", time: "timestamp", distance: "double", seats: "integer", late: "boolean" } as const;
  await state.commit("features", {
    snapshot: id(5),
    run,
    columns: features,
    inputs: { flights_clean: id(3), planes: id(2) },
    rows: 9,
    time: at(6),
  });
  const model = assetNamed(definition, "arrival_delay");
  journal.append({
    type: "model.registered",
    asset: "arrival_delay",
    run,
    time: at(7),
    body: {
      ...common,
      version: from,
      definition: definitionHash(model),
      inputs: { features: id(5) },
      content: `content-${from}`,
      rows: 7,
      metrics: { auc: 0.74 },
      seconds: 2,
    },
  });
  journal.append({
    type: "endpoint.released",
    asset: "delay",
    run,
    time: at(8),
    body: {
      definition: contentHash(assetNamed(definition, "delay")),
      model: "arrival_delay",
      version: from,
      content: `content-${from}`,
      seconds: 0.2,
    },
  });
  journal.append({ type: "run.finished", run, time: at(9), body: { outcome: "succeeded", seconds: 9, outcomes: { created: 8 } } });
}
