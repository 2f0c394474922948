import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { flightsQuery } from "./flights.ts";

/** Rows of one file of raw flights. */
const fileRows = 10_000_000;
const flights = 336_776;

const types: Readonly<Record<string, readonly string[]>> = {
  INTEGER: ["year", "month", "day", "dep_time", "sched_dep_time", "arr_time", "sched_arr_time", "flight", "hour", "minute"],
  DOUBLE: ["dep_delay", "arr_delay", "air_time", "distance"],
};

/**
 * Writes `rows` flights as `flights-0001.parquet` and so on, 10 million a file: the real ones of the example again and again, each time under new
 * ids, with their own missing values and texts for times; one key in a hundred has a second, older row.
 */
export async function writeFlights(connection: DuckDBConnection, directory: string, rows: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const casts = Object.entries(types).flatMap(([type, names]) => names.map((name) => `cast(${name} as ${type}) as ${name}`));
  await connection.run(`create temp table real_flights as select * replace (${casts.join(", ")}) from (${flightsQuery})`);
  const keys = Math.floor(rows / 1.01);
  for (let file = 0; file * fileRows < rows; file++) {
    // Of every file its share of the keys: each key's rows stand in the same one.
    const [first, last] = [Math.floor((file * fileRows) / 1.01), Math.min(keys, Math.floor(((file + 1) * fileRows) / 1.01))];
    const copies = `from real_flights, range(${Math.floor(first / flights)}, ${Math.ceil(last / flights)}) as c(copy)`;
    await connection.run(`copy (
      with copies as (
        select real_flights.* replace (id + ${flights} * copy as id) ${copies}
        where id + ${flights} * copy > ${first} and id + ${flights} * copy <= ${last}
      )
      from copies union all select * replace (updated_at - interval 1 hour as updated_at) from copies where id % 100 = 3
    ) to '${join(directory, `flights-${String(file + 1).padStart(4, "0")}.parquet`).replaceAll("'", "''")}' (format parquet)`);
  }
  await connection.run("drop table real_flights");
}
