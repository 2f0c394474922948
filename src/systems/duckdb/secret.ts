import { quoteIdentifier, quoteLiteral } from "./connection.ts";

/**
 * What DuckDB is told for storage that is far: to ask again, up to eight times within half a minute, what fails in a way that passes by itself.
 */
export const patience: string = "SET GLOBAL http_retries = 8; SET GLOBAL http_retry_wait_ms = 100; SET GLOBAL http_retry_backoff = 2";

/**
 * The statement that gives DuckDB the credentials of one place: a secret of this instance only, used for addresses that begin with `scope`.
 * It holds them by value: run it, never log it.
 *
 * @param parameters DuckDB's own names, such as KEY_ID; one that is null is left out.
 */
export function secretStatement(type: string, scope: string, parameters: Readonly<Record<string, string | boolean | null>>): string {
  const given = Object.entries({ ...parameters, SCOPE: scope }).flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${typeof value === "string" ? quoteLiteral(value) : String(value)}`],
  );
  return `CREATE OR REPLACE SECRET ${quoteIdentifier(`lake ${scope}`)} (TYPE ${type}, ${given.join(", ")})`;
}
