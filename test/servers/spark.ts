import { startLocalSpark, type LocalSpark, type LocalSparkOptions } from "../../src/systems/spark/local.ts";

export type Spark = LocalSpark;

/**
 * Starts a real Spark 4.1 with its Connect server, Iceberg, s3a, HDFS and MySQL's driver, as `millwright up --with spark` does:
 * `workers: 0` (the default) computes in the driver, `workers: 2` on a standalone cluster. It ends with this process.
 */
export function startSpark(options: LocalSparkOptions = {}): Promise<Spark> {
  return startLocalSpark(options);
}
