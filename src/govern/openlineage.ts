import { relative } from "node:path";
import type { Definition, EnvironmentNode } from "../define/node.ts";
import type { Head } from "../lake/catalog/heads.ts";
import type { Step } from "../run/graph.ts";
import type { Journal, JournalEvent } from "../run/journal.ts";
import { packageVersion } from "../version.ts";
import { columnGraph, type ColumnGraph } from "./column-graph.ts";
import type { ColumnOrigin } from "./defined.ts";
import { historyOf, isMaking, madeByEvent, type History, type Made } from "./made.ts";
import { jobNamespace, namingOf, type DatasetName, type Naming } from "./openlineage-datasets.ts";
import {
  columnLineageFacet,
  facet,
  producer,
  runEventSchema,
  schemaFacet,
  type Dataset,
  type Facets,
  type InputField,
} from "./openlineage-facets.ts";
import { uuidOf } from "./uuid.ts";

/** An OpenLineage RunEvent, specification 2-0-2. */
export interface OpenLineageEvent {
  readonly eventType: "START" | "COMPLETE" | "FAIL" | "ABORT";
  /** ISO 8601, UTC. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

export interface OpenLineageOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly journal: Journal;
  /** The columns of tables; without them tables that the journal does not describe have no schema facet. */
  readonly heads?: ReadonlyMap<string, Head>;
  /** The platform file's folder: places are given relative to it. */
  readonly directory: string;
  /** Our own id of the run; its UUID is derived from it. */
  readonly run: string;
}

/**
 * A run as OpenLineage events in the order of time: START and COMPLETE, FAIL or ABORT of the run itself, and of every step that did
 * something, as its children. A step that had nothing to do has none; a run that was killed has no end.
 */
export function openLineageEvents(options: OpenLineageOptions): readonly OpenLineageEvent[] {
  const { definition, environment, journal, directory, run, heads = new Map<string, Head>() } = options;
  const history = historyOf({ definition, journal, heads });
  const context: Context = {
    ...options,
    history,
    naming: namingOf(definition, environment),
    columns: columnGraph({ definition, environment, journal, heads, locked: {}, history }),
    told: journal.events({ run }),
    namespace: jobNamespace(definition, environment),
    runId: (name) => uuidOf(`${definition.name}/${environment.name}/${run}/${name}`),
    place: (file) => relative(directory, file),
  };
  const events = [...runEvents(context), ...[...history.steps.values()].flatMap((step) => stepEvents(step, context))];
  return events.toSorted((a, b) => a.eventTime.localeCompare(b.eventTime) || rank(a, context) - rank(b, context));
}

interface Context extends OpenLineageOptions {
  readonly history: History;
  readonly naming: Naming;
  readonly columns: ColumnGraph;
  /** The run's events. */
  readonly told: readonly JournalEvent[];
  readonly namespace: string;
  runId(name: string): string;
  place(file: string): string;
}

/** At one instant the run begins before its steps and ends after them, and a step begins before it ends. */
function rank({ eventType, run }: OpenLineageEvent, { runId }: Context): number {
  if (run.runId === runId("")) return eventType === "START" ? 0 : 3;
  return eventType === "START" ? 1 : 2;
}

const common = { producer, schemaURL: runEventSchema } as const;
const engine = facet("ProcessingEngineRunFacet", { version: packageVersion(), name: "Millwright" });

function runEvents(context: Context): OpenLineageEvent[] {
  const { definition, told, namespace, runId, place } = context;
  const job = {
    namespace,
    name: definition.name,
    facets: { jobType: jobType("DAG"), sourceCodeLocation: location(place(definition.origin.file), definition.origin.line) },
  };
  const event = (eventType: OpenLineageEvent["eventType"], { time }: JournalEvent, facets: Facets = {}): OpenLineageEvent => ({
    ...common,
    eventType,
    eventTime: time,
    run: { runId: runId(""), facets: { processing_engine: engine, ...facets } },
    job,
    inputs: [],
    outputs: [],
  });
  return told.flatMap((one): OpenLineageEvent[] => {
    if (one.type === "run.started") return [event("START", one)];
    if (one.type !== "run.finished") return [];
    if (one.body["outcome"] === "succeeded") return [event("COMPLETE", one)];
    if (one.body["outcome"] === "cancelled") return [event("ABORT", one)];
    const failed = told.filter(({ type }) => type === "asset.failed").map(({ asset }) => asset);
    return [
      event("FAIL", one, {
        errorMessage: facet("ErrorMessageRunFacet", { message: `failed: ${failed.join(", ")}`, programmingLanguage: "TypeScript" }),
      }),
    ];
  });
}

function stepEvents(step: Step, context: Context): OpenLineageEvent[] {
  const { told, runId, namespace, definition } = context;
  const own = told.filter(({ asset }) => asset === step.name);
  const last = own.findLast(({ type }) => type === "asset.failed" || isMaking(type));
  if (last === undefined) return [];
  const making = own.findLast(({ type }) => isMaking(type));
  const made = making === undefined ? null : madeByEvent(making, step);
  const seconds = typeof last.body["seconds"] === "number" ? last.body["seconds"] : 0;
  const began = told.find(({ type }) => type === "run.started")?.time ?? "";
  const start = new Date(Date.parse(last.time) - seconds * 1000).toISOString();
  const job = { namespace, name: `${definition.name}.${step.name}`, facets: jobFacets(step, context) };
  const parent = { run: { runId: runId("") }, job: { namespace, name: definition.name } };
  const facets = { parent: facet("ParentRunFacet", { ...parent, root: parent }), processing_engine: engine };
  const inputs = inputDatasets(step, made, context);
  const event = (
    eventType: OpenLineageEvent["eventType"],
    eventTime: string,
    outputs: readonly Dataset[],
    more: Facets = {},
  ): OpenLineageEvent => ({
    ...common,
    eventType,
    eventTime,
    run: { runId: runId(step.name), facets: { ...facets, ...more } },
    job,
    inputs,
    outputs,
  });
  const outputs = made === null ? [] : outputDatasets(step, made, context);
  // The journal tells when work ended and how long it took; rounding must not set its beginning before the run's.
  const first = event("START", start < began ? began : start, []);
  if (last.type !== "asset.failed") return [first, event("COMPLETE", last.time, outputs)];
  return [first, event("FAIL", last.time, outputs, { errorMessage: errorFacet(last.body["reason"], context) })];
}

function jobFacets({ kind, asset }: Step, { place }: Context): Facets {
  const words = {
    source: "EXTRACT",
    table: "TRANSFORM",
    load: "LOAD",
    metric: "MEASURE",
    model: "TRAIN",
    "imported-model": "IMPORT",
    endpoint: "RELEASE",
    maintenance: "MAINTAIN",
  } as const;
  const [dialect, query] =
    asset.kind === "table" && asset.sql !== null && kind === "table" ? (Object.entries(asset.sql.text)[0] ?? []) : [];
  return {
    jobType: jobType(words[kind]),
    sourceCodeLocation: location(place(asset.origin.file), asset.origin.line),
    ...(query === undefined || dialect === undefined ? {} : { sql: facet("SQLJobFacet", { query, dialect }) }),
  };
}

function jobType(word: string): Facets[string] {
  return facet("JobTypeJobFacet", { processingType: "BATCH", integration: "MILLWRIGHT", jobType: word });
}

/** The declaration's place as a relative URI: where the folder lies on this machine is nobody's business. */
function location(path: string, line: number): Facets[string] {
  return facet("SourceCodeLocationJobFacet", { type: "file", url: `file:${encodeURI(path)}#L${line}`, path });
}

function errorFacet(reason: unknown, { directory }: Context): Facets[string] {
  const text = String(reason).replaceAll(`${directory}/`, "");
  const stack = text.search(/\n\s+at .*:\d+:\d+\)?/);
  const message = stack < 0 ? text : text.slice(0, stack);
  return facet("ErrorMessageRunFacet", { message, programmingLanguage: "TypeScript", ...(stack < 0 ? {} : { stackTrace: text }) });
}

function inputDatasets(step: Step, made: Made | null, context: Context): Dataset[] {
  const { history, naming } = context;
  const { asset } = step;
  if (asset.kind === "source") return [{ ...naming.source(asset), facets: naming.dataSource(asset) }];
  return step.needs.map((need) => {
    const version = made === null ? history.newest(need)?.snapshot : made.inputs[need];
    return { ...datasetOf(need, context), facets: datasetFacets(need, version ?? null, context) };
  });
}

function outputDatasets(step: Step, made: Made, context: Context): Dataset[] {
  if (step.kind === "metric" || step.kind === "endpoint" || step.kind === "maintenance") return [];
  const { defined } = context.columns;
  const { lineage, rows, known } = defined(step.name);
  const origin = (from: ColumnOrigin): InputField => ({
    ...originOf(step, from, context),
    field: from.column,
    type: from.kind === "direct" ? "DIRECT" : "INDIRECT",
    subtype: from.subtype.toUpperCase(),
  });
  const columns = Object.fromEntries(lineage.map(({ column, from }) => [column, from.map(origin)]));
  const facets = {
    ...datasetFacets(step.name, made.snapshot, context),
    ...(known ? { columnLineage: columnLineageFacet(columns, rows.map(origin)) } : {}),
  };
  const output = {
    ...datasetOf(step.name, context),
    facets,
    ...(made.rows === null || step.kind === "model" || step.kind === "imported-model" ? {} : statistics(made.rows)),
  };
  return [output, ...quarantineDatasets(step, context)];
}

/** The rows that a step refused, when it wrote any. */
function quarantineDatasets(step: Step, { told, naming }: Context): Dataset[] {
  const name = `${step.name}_quarantine`;
  const event = told.findLast(({ type, asset }) => type === "asset.committed" && asset === name);
  if (event === undefined) return [];
  const { snapshot, rows } = event.body;
  return [
    {
      ...naming.table(name),
      facets: { ...naming.dataSource(null), version: facet("DatasetVersionDatasetFacet", { datasetVersion: String(snapshot) }) },
      ...(typeof rows === "number" ? statistics(rows) : {}),
    },
  ];
}

function statistics(rowCount: number): Pick<Dataset, "outputFacets"> {
  return { outputFacets: { outputStatistics: facet("OutputStatisticsOutputDatasetFacet", { rowCount }) } };
}

function datasetOf(name: string, { history, naming }: Context): DatasetName {
  const step = history.steps.get(name);
  if (step?.kind === "load") return naming.loaded(step.asset.name);
  return step?.kind === "model" || step?.kind === "imported-model" ? naming.model(name) : naming.table(name);
}

/** Of a source table's columns, the table at the source; else the asset that the column is read from. */
function originOf(step: Step, { table }: ColumnOrigin, context: Context): DatasetName {
  const { asset } = step;
  return asset.kind === "source" ? context.naming.source(asset) : datasetOf(table, context);
}

function datasetFacets(name: string, version: string | null, { columns, history, naming }: Context): Facets {
  const known = columns.defined(name).columns;
  const kind = history.steps.get(name)?.kind;
  return {
    ...(known.length === 0 ? {} : { schema: schemaFacet(known) }),
    ...(kind === "source" || kind === "table"
      ? { ...naming.dataSource(null), storage: facet("StorageDatasetFacet", { storageLayer: "iceberg", fileFormat: "parquet" }) }
      : {}),
    datasetType: facet("DatasetTypeDatasetFacet", { datasetType: kind === "model" || kind === "imported-model" ? "MODEL" : "TABLE" }),
    ...(version === null ? {} : { version: facet("DatasetVersionDatasetFacet", { datasetVersion: version }) }),
  };
}
