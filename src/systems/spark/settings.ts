import type { EngineContext } from "../roles.ts";

/** The catalog's name in Spark's SQL. */
export const catalogName = "lake";

/** Settings that every session gets: the lake with its catalog, and the meaning that our SQL is printed for. */
export function sessionSettings({
  catalog,
  lake,
  settings,
}: Pick<EngineContext, "catalog" | "lake"> & { readonly settings: Readonly<Record<string, string>> }): Readonly<Record<string, string>> {
  const prefix = `spark.sql.catalog.${catalogName}`;
  const hadoop = hadoopSettings(lake);
  return {
    ...settings,
    [prefix]: "org.apache.iceberg.spark.SparkCatalog",
    [`${prefix}.type`]: "rest",
    [`${prefix}.uri`]: catalog.url,
    [`${prefix}.token`]: catalog.token,
    [`${prefix}.token-refresh-enabled`]: "false",
    [`${prefix}.io-impl`]: "org.apache.iceberg.hadoop.HadoopFileIO",
    // Sessions read each other's commits: a table that was loaded once is loaded anew.
    [`${prefix}.cache-enabled`]: "false",
    [`${prefix}.rest-metrics-reporting-enabled`]: "false",
    ...Object.fromEntries(Object.entries(hadoop).map(([name, value]) => [`${prefix}.hadoop.${name}`, value])),
    // Spark's own readers of files take Hadoop's settings from the session.
    ...hadoop,
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.storeAssignmentPolicy": "ANSI",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.sources.partitionOverwriteMode": "static",
    // A text of the user's that reads ${env:HOME} is that text.
    "spark.sql.variable.substitute": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    // What the web interface and the event log show of settings and options: no account's key.
    "spark.sql.redaction.options.regex": "(?i)url|secret|password|token|access[.]?key|account[.]key|sas|credential|private",
  };
}

/** The lake's settings of Hadoop; addresses of S3 are served by s3a. */
function hadoopSettings(lake: EngineContext["lake"]): Readonly<Record<string, string>> {
  const schemes = new Set(lake.storages.map(({ location }) => /^([a-z0-9]+):/.exec(location)?.[1] ?? ""));
  return {
    ...(schemes.has("s3") ? { "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem" } : {}),
    "mapreduce.fileoutputcommitter.algorithm.version": "2",
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    ...lake.hadoop,
  };
}

const secretName = /secret|password|passwd|token|access[.-]?key|account[.-]key|\bsas\b|credential|private/i;

/** Values that must not stand in an error: those of settings with such names. */
export function secretsIn(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => (secretName.test(name) && !/^(true|false|\d*)$/.test(value) ? [value] : []));
}
