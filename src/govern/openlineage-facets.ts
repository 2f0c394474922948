import type { Column } from "../define/column.ts";
import { packageVersion } from "../version.ts";

/** JSON, as an OpenLineage event holds it. */
export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [name: string]: Json;
}

export type Facets = Readonly<Record<string, Facet>>;

/** An input or output of a step. */
export interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
  readonly outputFacets?: Facets;
}

/** A column's origin, in OpenLineage's words. */
export interface InputField {
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly type: "DIRECT" | "INDIRECT";
  readonly subtype: string;
}

/** Who says so: this package, by its package URL. */
export const producer: string = `pkg:npm/millwright@${packageVersion()}`;

const base = "https://openlineage.io/spec";
export const runEventSchema: string = `${base}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

/** Versions of the facets' schemas, each one's own. */
const versions = {
  ColumnLineageDatasetFacet: "1-2-0",
  DatasetTypeDatasetFacet: "1-0-1",
  DatasetVersionDatasetFacet: "1-0-1",
  DatasourceDatasetFacet: "1-0-1",
  ErrorMessageRunFacet: "1-0-1",
  JobTypeJobFacet: "2-0-4",
  OutputStatisticsOutputDatasetFacet: "1-0-2",
  ParentRunFacet: "1-2-0",
  ProcessingEngineRunFacet: "1-1-1",
  SQLJobFacet: "1-1-0",
  SchemaDatasetFacet: "1-2-0",
  SourceCodeLocationJobFacet: "1-1-0",
  StorageDatasetFacet: "1-0-1",
} as const;

/** A facet of a kind; what it must hold, its schema says. */
export function facet(kind: keyof typeof versions, content: Readonly<Record<string, Json>>): Facet {
  return { _producer: producer, _schemaURL: `${base}/facets/${versions[kind]}/${kind}.json#/$defs/${kind}`, ...content };
}

export function schemaFacet(columns: readonly Column[]): Facet {
  return facet("SchemaDatasetFacet", { fields: columns.map(({ name, type }, index) => ({ name, type, ordinal_position: index + 1 })) });
}

/** @param rows what decides on the rows, and so on every column */
export function columnLineageFacet(columns: Readonly<Record<string, readonly InputField[]>>, rows: readonly InputField[]): Facet {
  const fields = Object.fromEntries(Object.entries(columns).map(([column, from]) => [column, { inputFields: gathered(from) }]));
  return facet("ColumnLineageDatasetFacet", { fields, ...(rows.length === 0 ? {} : { dataset: gathered(rows) }) });
}

/** One entry for each column that takes part, with all the ways in which it does. */
function gathered(from: readonly InputField[]): Json[] {
  return [...Map.groupBy(from, ({ namespace, name, field }) => JSON.stringify([namespace, name, field])).values()].map((same): Json => {
    const [{ namespace, name, field } = { namespace: "", name: "", field: "" }] = same;
    return {
      namespace,
      name,
      field,
      transformations: same.map(({ type, subtype }) => ({ type, subtype, description: "", masking: false })),
    };
  });
}
