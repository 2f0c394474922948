import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../examples/flights/data/flights.csv.gz", import.meta.url)).replaceAll("'", "''");

/** The flights of the example as its source has them, as DuckDB's SQL: 336,776 rows. */
export const flightsQuery: string = `select row_number() over () as id, *, cast(time_hour as timestamp) + to_minutes(minute) as updated_at from read_csv('${file}', types = {'time_hour': 'VARCHAR'})`;
