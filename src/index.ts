/**
 * Millwright: one typed file describes an AI infrastructure.
 *
 * @module
 */
export { platform, type PlatformOptions } from "./define/platform.ts";
export { environment, env, type EnvironmentDeclaration, type Whereabouts } from "./define/environment.ts";
export { source, type Readable, type SourceTable } from "./define/source.ts";
export type { Sources } from "./define/sources.ts";
export { table, type SqlTable, type Table } from "./define/table.ts";
export {
  count,
  countDistinct,
  countWhere,
  every,
  max,
  mean,
  median,
  min,
  share,
  some,
  standardDeviation,
  sum,
} from "./define/aggregate.ts";
export { allOf, greatest, least, literal, when } from "./define/expression.ts";
export { metric, type Metric } from "./define/metric.ts";
export { model, type Model, type ModelOptions } from "./define/model.ts";
export { importedModel, type ImportedModel } from "./define/imported-model.ts";
export { endpoint, type Endpoint } from "./define/endpoint.ts";
export type { MonitorOptions, PerformanceFigure } from "./define/monitor.ts";
export type { RetrainOptions } from "./define/retrain.ts";
export { maintenance, type Maintenance, type MaintenanceOptions } from "./define/maintenance.ts";
export type { Schedule } from "./define/schedule.ts";
export type { PackagingOptions } from "./define/packaging.ts";
export { boostedTrees, type BoostedTreesOptions } from "./define/trainer.ts";
export { python, type PythonOptions } from "./define/python.ts";
export type { ResourcesOptions } from "./define/resources.ts";
export {
  between,
  grid,
  randomSearch,
  successiveHalving,
  type HalvingOptions,
  type RandomSearchOptions,
  type Search,
  type SearchMetric,
  type SearchOptions,
} from "./define/search.ts";
export type { Duration } from "./define/duration.ts";
export type { Compliance, Latency, Requirements, Span, Volume } from "./define/requirement.ts";
export { decision, type Decision, type DecisionTopic } from "./define/decision.ts";
export type { Column, Columns, ColumnType } from "./define/column.ts";
export type * from "./define/node.ts";
export type { Option, SecretReference } from "./define/option.ts";
export { MillwrightError, type Origin, type Problem } from "./error.ts";
